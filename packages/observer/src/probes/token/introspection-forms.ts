// What an issuer tells the server of an API about a ticket: only of its own, and nothing once it was revoked (RFC 7662).
import type { Text } from '@kimei/protocol'
import { parameter } from '../../edits/form-edits.ts'
import { type EditProbe, probeAt } from '../../probe.ts'
import { levelOf } from '../level.ts'

interface IntrospectionForm {
  readonly id: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly doesNotProve: Text
  readonly edit: EditProbe<'introspection'>['edit']
}

const forms: readonly IntrospectionForm[] = [
  {
    id: 'IN-elsewhere',
    attacks: ['introspection.token-is-for-this-api'],
    cite: 'RFC7662§4',
    ja: 'ほかの API への切符のことは教えない',
    en: 'nothing is told of a ticket for another API',
    doesNotProve: { ja: 'API を持たないアプリを断るか', en: 'that clients which serve no API are refused' },
    edit: async (call, kit) => {
      const { elsewhereResource: resource, elsewhereScope: scope } = kit.facts
      if (resource === undefined || scope === undefined) return { notApplicable: 'the inventory names no other API of this issuer' }
      const other = await kit.otherTicket({ resource, scope })
      if (other === undefined) return { notApplicable: 'no ticket can be had for another API' }
      return parameter('token', other.accessToken)(call)
    },
  },
  {
    id: 'IN-revoked',
    attacks: ['introspection.token-is-not-revoked'],
    cite: 'RFC7662§2.2',
    ja: '取り消した切符は無効と答える',
    en: 'a revoked ticket is told to be inactive at once',
    doesNotProve: { ja: 'API が、自分の記憶の切れる前に尋ね直すか', en: 'that the API asks again before its own memory ends' },
    edit: async (call, kit) => {
      const revoked = await kit.revokedTicket()
      return revoked === undefined ? { notApplicable: 'no ticket could be revoked' } : parameter('token', revoked.accessToken)(call)
    },
  },
]

export const introspectionForms: readonly EditProbe<'introspection'>[] = forms.map(({ id, attacks, cite, ja, en, doesNotProve, edit }) =>
  probeAt('introspection', {
    id,
    topic: 'token',
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves: { ja, en },
    doesNotProve,
    depth: 'full',
    priority: 'P1',
    owner: 'AS',
    sources: ['token-endpoint-response'],
    edit,
  }),
)
