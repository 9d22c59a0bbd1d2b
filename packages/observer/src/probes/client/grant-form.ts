// What the probes of grants without a browser have in common.
import type { Text } from '@kimei/protocol'
import { type EditKit, type EditProbe, type NotApplicable, probeAt, type StationName, type Stations } from '../../probe.ts'
import { levelOf } from '../level.ts'

export interface GrantForm<S extends StationName> {
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly proves: Text
  readonly doesNotProve: Text
  readonly edit: EditProbe<S>['edit']
  readonly sends?: 'twice'
  readonly carry?: EditProbe<S>['carry']
}

export const named = { notApplicable: 'the inventory names none' } as const
export const withFact = <T>(kit: EditKit, fact: string, edit: (value: string) => T): T | NotApplicable => {
  const value = kit.facts[fact]
  return value === undefined ? named : edit(value)
}

export function probeOf<S extends keyof Stations>(station: S, group: string, form: GrantForm<S>): EditProbe<S> {
  const { part, attacks, cite, ja, en, proves, doesNotProve, edit, sends, carry } = form
  return probeAt(station, {
    id: `${group}-${part}`,
    topic: 'issuance',
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves,
    doesNotProve,
    depth: 'full',
    priority: 'P1',
    owner: 'AS',
    sources: ['token-endpoint-response'],
    edit,
    ...(sends && { sends }),
    ...(carry && { carry }),
  })
}
