// One source, checked: what it is and what was found, in the order of weight.
import { type Finding, findingKinds, type Severity } from './finding.ts'
import { judgeSetup } from './judge.ts'
import type { SourceKind } from './old-setup.ts'
import { readOldSetup } from './recognize.ts'

export interface CheckedSource {
  /** As the caller named it. */
  readonly source: string
  readonly kind: SourceKind
  readonly clients: number
  readonly findings: readonly Finding[]
}

const weight: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2 }

/** @throws Misuse where the text cannot be read. */
export function checkOldSetup(source: string, text: string): CheckedSource {
  const setup = readOldSetup(text)
  const findings = judgeSetup(setup).toSorted((a, b) => weight[findingKinds[a.id].severity] - weight[findingKinds[b.id].severity])
  return { source, kind: setup.kind, clients: setup.clients.length, findings }
}
