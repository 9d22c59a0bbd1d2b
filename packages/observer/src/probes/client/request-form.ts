// One fault of a token request as a row, and the probe it becomes.

import type { FormCall } from '../../edits/plans.ts'
import { type EditKit, type EditProbe, type NotApplicable, probeAt } from '../../probe.ts'
import { levelOf } from '../level.ts'

export interface RequestForm {
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly edit: (call: FormCall, kit: EditKit) => FormCall | NotApplicable
  readonly more?: Partial<EditProbe<'token-request'>>
}

export function tokenRequestProbe(topic: string, { part, attacks, cite, ja, en, edit, more }: RequestForm): EditProbe<'token-request'> {
  return probeAt('token-request', {
    id: `AS-${part}`,
    topic,
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves: { ja, en },
    doesNotProve: { ja: 'ほかのアプリにも同じことを求めているか', en: 'that other clients are held to the same' },
    depth: 'full',
    priority: 'P1',
    owner: 'AS',
    sources: ['token-endpoint-response'],
    edit,
    ...more,
  })
}

/** The edit with a fact of the inventory, or why there is none. */
export function needs<P extends object>(kit: EditKit, fact: string, edit: (value: string) => P | NotApplicable): P | NotApplicable {
  const value = kit.facts[fact]
  return value === undefined ? { notApplicable: `the inventory does not say: ${fact}` } : edit(value)
}
