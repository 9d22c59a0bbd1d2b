// The access token itself: its signature, its algorithm, for whom it is, what it may do.

import type { Text } from '@kimei/protocol'
import type { ApiCall } from '../../edits/plans.ts'
import { tokenAlgNone, tokenSignatureFlipped, withToken } from '../../edits/token-edits.ts'
import { type EditKit, type EditProbe, type NotApplicable, probeAt } from '../../probe.ts'
import { levelOf } from '../level.ts'

interface TokenForm {
  readonly id: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly proves: Text
  readonly edit: EditProbe<'api'>['edit']
}

const opaque: NotApplicable = { notApplicable: 'the ticket is opaque' }

async function otherTicket(call: ApiCall, kit: EditKit, name: 'resource' | 'scope'): Promise<ApiCall | NotApplicable> {
  const other = kit.facts[name === 'resource' ? 'otherResource' : 'otherScope']
  if (other === undefined) return { notApplicable: `the inventory has no other ${name} to ask for` }
  const ticket = await kit.otherTicket({ [name]: other })
  return ticket === undefined ? { notApplicable: `no ticket can be had for another ${name}` } : withToken(call, ticket.accessToken)
}

const forms: readonly TokenForm[] = [
  {
    id: 'TK1',
    attacks: ['token.signature-verifies'],
    cite: 'RFC9068§4',
    ja: '署名の壊れた切符は通らない',
    en: 'a ticket with a broken signature does not pass',
    proves: { ja: '切符の署名を確かめている', en: 'signatures of tickets are verified' },
    edit: (call) => tokenSignatureFlipped(call) ?? opaque,
  },
  {
    id: 'TK2',
    attacks: ['token.alg-is-asymmetric'],
    cite: 'RFC8725§3.1',
    ja: '署名なしの切符は通らない',
    en: 'a ticket with alg none does not pass',
    proves: { ja: '署名なし（alg none）を断っている', en: 'alg none is refused' },
    edit: (call) => tokenAlgNone(call) ?? opaque,
  },
  {
    id: 'TK3',
    attacks: ['access-token.aud-is-ours'],
    cite: 'RFC9068§4',
    ja: 'ほかの API への切符は通らない',
    en: 'a ticket for another API does not pass',
    proves: { ja: '宛先（aud）を比べている', en: 'the audience is compared' },
    edit: (call, kit) => otherTicket(call, kit, 'resource'),
  },
  {
    id: 'TK4',
    attacks: ['access.scope-is-granted'],
    cite: 'RFC6750§3.1',
    ja: '範囲の足りない切符は通らない',
    en: 'a ticket without the scope of this API does not pass',
    proves: { ja: '範囲（scope）を比べている', en: 'scopes are compared' },
    edit: (call, kit) => otherTicket(call, kit, 'scope'),
  },
  {
    id: 'TK5',
    attacks: ['userinfo.token-is-not-revoked'],
    cite: 'RFC7009§2.1',
    ja: '取り消した切符は通らない',
    en: 'a revoked ticket does not pass',
    proves: { ja: '取り消しが、この API にすぐ届く', en: 'revocation reaches this API at once' },
    edit: async (call, kit) => {
      if (kit.facts['revocation'] !== 'immediate') return { notApplicable: 'tickets end at their expiry here, as the inventory says' }
      const revoked = await kit.revokedTicket()
      return revoked === undefined ? { notApplicable: 'no ticket could be revoked' } : withToken(call, revoked.accessToken)
    },
  },
  {
    id: 'TK6',
    attacks: [],
    cite: 'RFC9068§4',
    ja: 'ほかの発行者の切符は、正しい証明があっても通らない',
    en: 'a ticket of another issuer does not pass, its proof being right',
    proves: { ja: 'この API の発行者の切符だけを受け取る', en: 'only tickets of the issuer of this API are taken' },
    edit: async (call, kit) => {
      const foreign = await kit.foreignTicket?.()
      return foreign === undefined
        ? { notApplicable: 'the inventory has no ticket of an issuer that this API does not trust' }
        : withToken(call, foreign.accessToken, call.proofs.length > 0 ? foreign.key : undefined)
    },
  },
  {
    id: 'U2',
    attacks: ['binding.dpop-scheme-carries-named-token'],
    cite: 'RFC9449§7.1',
    ja: '無記名の切符は DPoP としても通らない',
    en: 'a ticket bound to nothing does not pass under the DPoP scheme',
    proves: { ja: 'スキームと切符の縛りを、どちら向きにも突き合わせている', en: 'the scheme is compared with the binding both ways' },
    edit: async (call, kit) => {
      const token = await kit.unboundToken()
      return token === undefined ? { notApplicable: 'no unbound ticket can be had from this issuer' } : withToken(call, token)
    },
  },
]

export const tokenForms: readonly EditProbe<'api'>[] = forms.map(({ id, attacks, cite, ja, en, proves, edit }) =>
  probeAt('api', {
    id,
    topic: 'token',
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves,
    doesNotProve: { ja: '切符の持ち主を確かめているか', en: 'that the holder of the ticket is checked' },
    depth: 'full',
    priority: id === 'U2' ? 'P2' : 'P0',
    owner: 'RS',
    ...(id === 'U2' && { binds: 'key' as const }),
    sources: ['authorization-header', 'rs-enforcement'],
    edit,
  }),
)
