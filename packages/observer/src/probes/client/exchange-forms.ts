// AS7: exchanges of tickets, one fault at a time (RFC 8693).
import * as edits from '../../edits/form-edits.ts'
import { type GrantForm, named, probeOf, withFact } from './grant-form.ts'

const unknownType = 'urn:ietf:params:oauth:token-type:saml2'
const exchanges: readonly GrantForm<'exchange'>[] = [
  {
    part: 'subject-type',
    attacks: ['exchange.subject-type-is-known'],
    cite: 'RFC8693§2.1',
    ja: '知らない種類の切符は交換されない',
    en: 'a subject token of an unknown type is refused',
    proves: { ja: 'subject_token_type を見ている', en: 'subject_token_type is looked at' },
    doesNotProve: { ja: '中身が本当にその種類か', en: 'that the token is of that type' },
    edit: edits.parameter('subject_token_type', unknownType),
  },
  {
    part: 'actor-type',
    attacks: ['exchange.actor-type-goes-with-actor'],
    cite: 'RFC8693§2.1',
    ja: 'actor_token_type だけの交換は断られる',
    en: 'actor_token_type without actor_token is refused',
    proves: { ja: '二つをそろえて求めている', en: 'both are asked for together' },
    doesNotProve: { ja: '代わりに動く人をどう見きわめるか', en: 'how an actor is judged' },
    edit: edits.parameter('actor_token_type', 'urn:ietf:params:oauth:token-type:access_token'),
  },
  {
    part: 'requested-type',
    attacks: ['exchange.requested-type-is-served'],
    cite: 'RFC8693§2.1',
    ja: '更新用の切符は交換で得られない',
    en: 'an exchange for a refresh token is refused',
    proves: { ja: '頼んだものがそのまま出てくる', en: 'what is asked for is what is given' },
    doesNotProve: { ja: '頼まなくても更新用の切符が出ないか', en: 'that no refresh token comes unasked' },
    edit: edits.parameter('requested_token_type', 'urn:ietf:params:oauth:token-type:refresh_token'),
  },
  {
    part: 'details',
    attacks: ['token.details-go-with-grant'],
    cite: 'RFC9396§6',
    ja: '交換で authorization_details を頼めば断られる',
    en: 'an exchange that asks for authorization_details is refused',
    proves: { ja: '交換で持ち越せないものを、黙って落としていない', en: 'what an exchange cannot carry is not silently left out' },
    doesNotProve: { ja: 'ほかの種類の申請でも同じか', en: 'the same of other grants' },
    edit: edits.parameter('authorization_details', '[{"type":"unknown"}]'),
  },
  {
    part: 'revoked',
    attacks: ['exchange.token-is-not-revoked'],
    cite: 'RFC8693§2.2.2',
    ja: '取り消した切符は交換されない',
    en: 'a revoked ticket is not exchanged',
    proves: { ja: '取り消しが、交換にも届く', en: 'revocation reaches the exchange' },
    doesNotProve: { ja: 'すでに交換した切符にも届くか', en: 'that it reaches what was exchanged before' },
    edit: async (call, kit) => {
      const revoked = await kit.revokedTicket()
      return revoked ? edits.parameter('subject_token', revoked.accessToken)(call) : { notApplicable: 'no ticket could be revoked' }
    },
  },
  {
    part: 'source',
    attacks: ['exchange.source-is-assigned'],
    cite: 'RFC8693§2.2.2',
    ja: '交換を許されていない API の切符は交換されない',
    en: 'a ticket for an API that the client may not exchange from is refused',
    proves: { ja: '差し出してよい切符が限られている', en: 'what may be presented is limited' },
    doesNotProve: { ja: '誰なら差し出せるか', en: 'by whom' },
    edit: async (call, kit) => {
      const { elsewhereScope: scope, elsewhereResource: resource } = kit.facts
      const other = scope === undefined || resource === undefined ? undefined : await kit.otherTicket({ scope, resource })
      return other ? edits.parameter('subject_token', other.accessToken)(call) : named
    },
  },
  {
    part: 'target',
    attacks: ['exchange.target-is-assigned'],
    cite: 'RFC8693§2.2.2',
    ja: '許されていない API への交換は断られる',
    en: 'an exchange for an API that the client may not exchange for is refused',
    proves: { ja: '切符をどの API 向けに替えてよいかが限られている', en: 'where a ticket may be traded to is limited' },
    doesNotProve: { ja: 'API が宛先（aud）を見ているか', en: 'that the API looks at its audience' },
    edit: (call, kit) => withFact(kit, 'ownResource', (resource) => edits.parameter('resource', resource)(call)),
  },
  {
    part: 'wider',
    attacks: ['exchange.scope-is-not-wider'],
    cite: 'RFC8693§5',
    ja: '交換しても、できることは増えない',
    en: 'an exchange gives no scope that the ticket has not',
    proves: { ja: '範囲は狭まるだけで、広がらない', en: 'scope only shrinks' },
    doesNotProve: { ja: '同じ言葉が、二つの API で同じ意味か', en: 'that the same word means the same at both APIs' },
    edit: (call, kit) => withFact(kit, 'elsewhereScope', (scope) => edits.parameter('scope', scope)(call)),
  },
  {
    part: 'astray',
    attacks: ['exchange.scope-fits-the-target'],
    cite: 'RFC9068§3',
    ja: '行き先にない範囲は交換で得られない',
    en: 'an exchange gives no scope that means nothing at its target',
    proves: { ja: '出る範囲は、新しい API のものだけ', en: 'scopes are those of the new API' },
    doesNotProve: { ja: 'API がその範囲を理解するか', en: 'that the API understands them' },
    edit: async (call, kit) => {
      const scope = kit.facts['astrayScope']
      const other = scope === undefined ? undefined : await kit.otherTicket({ scope })
      return other && scope !== undefined
        ? edits.parameter('scope', scope)(edits.parameter('subject_token', other.accessToken)(call))
        : named
    },
  },
]

export const exchangeForms = exchanges.map((form) => probeOf('exchange', 'AS7', form))
