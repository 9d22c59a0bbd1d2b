// The refresh of a ticket and the revocation of its refresh token: one fault at a time (OAuth 2.1 §4.3, RFC 7009).
// Every working exchange signs in anew: only sacrificial families are spoilt.

import { readTokenAnswer } from '../../clients/tickets.ts'
import { further, parameter, parameterOf } from '../../edits/form-edits.ts'
import type { FormCall } from '../../edits/plans.ts'
import { signedByOtherKey } from '../../edits/proof-edits.ts'
import { unproven } from '../../edits/unproven.ts'
import { type EditKit, type EditProbe, type NotApplicable, probeAt } from '../../probe.ts'
import { needs } from '../client/request-form.ts'
import { levelOf } from '../level.ts'

interface RefreshForm {
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly edit: (call: FormCall, kit: EditKit) => FormCall | NotApplicable | Promise<FormCall | NotApplicable>
  readonly more?: Partial<EditProbe<'refresh'>>
}

/** Rotates twice and comes back with the first token: the window for honest repeats is over once its successor was used. */
async function rotatedAway(call: FormCall, kit: EditKit): Promise<FormCall | NotApplicable> {
  let token = parameterOf(call, 'refresh_token')
  for (const turn of ['first', 'second']) {
    const issued = readTokenAnswer(await kit.send(`rotation, ${turn}`, freshProof(parameter('refresh_token', token)(call), kit)))
    if (issued === undefined) return { notApplicable: 'the refresh token does not rotate' }
    if (issued.refreshToken === undefined || issued.refreshToken === token) return { notApplicable: 'the refresh token does not rotate' }
    token = issued.refreshToken
  }
  return freshProof(call, kit)
}

/** A proof of its own, and an assertion of its own, for one more request. */
function freshProof(call: FormCall, kit: EditKit): FormCall {
  const renewed = { ...call, proofs: call.proofs.map((proof) => ({ ...proof, claims: { ...proof.claims, jti: kit.random() } })) }
  return call.assertion
    ? { ...renewed, assertion: { ...call.assertion, claims: { ...call.assertion.claims, jti: kit.random() } } }
    : renewed
}

async function idle(call: FormCall, kit: EditKit): Promise<FormCall | NotApplicable> {
  const seconds = Number(kit.facts['refreshIdleSeconds'])
  if (kit.wait === undefined || !(seconds > 0)) return { notApplicable: 'nobody waits for a refresh token to expire' }
  await kit.wait(seconds + 1)
  const now = kit.now()
  const later = (claims: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>>) => ({ ...claims, ...more })
  return {
    ...call,
    proofs: call.proofs.map((proof) => ({ ...proof, claims: later(proof.claims, { iat: now }) })),
    ...(call.assertion && { assertion: { ...call.assertion, claims: later(call.assertion.claims, { iat: now, exp: now + 60 }) } }),
  }
}

const forms: readonly RefreshForm[] = [
  {
    part: 'other-client',
    attacks: ['refresh.is-of-this-client'],
    cite: 'OAuth2.1§4.3',
    ja: 'ほかのクライアントは更新できない',
    en: 'a refresh token of another client is refused',
    edit: (call, kit) => needs(kit, 'twinClientId', (twin) => parameter('client_id', twin)(call)),
  },
  {
    part: 'no-proof',
    attacks: ['refresh.bound-key-is-proven'],
    cite: 'RFC9449§5',
    ja: '鍵に結ばれた refresh token は証明なしでは通らない',
    en: 'a bound refresh token without proof is refused',
    edit: publicOnly(unproven),
    // One of the ways to an unbound ticket: see `issuance/laundering.ts`.
    more: { depth: 'core', asksForUnbound: true },
  },
  {
    part: 'unbound',
    attacks: ['binding.bearer-is-permitted'],
    cite: 'RFC9449§5.2',
    ja: '秘密で名乗るアプリの更新でも、証明なしでは無記名の切符は出ない',
    en: 'a confidential client gets no unbound ticket by a refresh without a proof',
    edit: (call, kit) => (isPublic(kit) ? { notApplicable: 'a public client: RF-no-proof asks that' } : unproven(call, kit)),
    more: { depth: 'core', asksForUnbound: true },
  },
  {
    part: 'other-key',
    attacks: ['refresh.key-is-the-bound-one'],
    cite: 'RFC9449§5',
    ja: '鍵に結ばれた refresh token は別の鍵では通らない',
    en: 'a bound refresh token with another key is refused',
    edit: publicOnly((call, kit) => signedByOtherKey(call, kit)),
  },
  {
    part: 'rotated',
    attacks: ['refresh.is-current'],
    cite: 'OAuth2.1§4.3.1',
    ja: '使い終えた refresh token は通らない',
    en: 'a refresh token that was rotated away is refused',
    edit: rotatedAway,
  },
  {
    part: 'idle',
    attacks: ['refresh.is-not-idle'],
    cite: 'OAuth2.1§4.3.3',
    ja: '長く使われない refresh token は通らない',
    en: 'an idle refresh token is refused',
    edit: idle,
  },
  {
    part: 'more-scope',
    attacks: ['refresh.scope-was-granted'],
    cite: 'OAuth2.1§4.3.1',
    ja: '認めていない範囲には広がらない',
    en: 'a scope that was not granted is refused',
    edit: (call, kit) => needs(kit, 'unconsentedScope', (scope) => parameter('scope', scope)(call)),
  },
  {
    part: 'more-resource',
    attacks: ['refresh.resource-was-granted'],
    cite: 'RFC8707§2.2',
    ja: '認めていない宛先には広がらない',
    en: 'a resource that was not granted is refused',
    edit: (call, kit) => needs(kit, 'elsewhereResource', (resource) => further('resource', resource)(call)),
  },
]

/** RFC 9449 §5: refresh tokens of confidential clients are bound by their authentication, not by the key. */
function publicOnly(edit: (call: FormCall, kit: EditKit) => FormCall): RefreshForm['edit'] {
  return (call, kit) => (isPublic(kit) ? edit(call, kit) : { notApplicable: 'bound by client authentication, not by the key' })
}

function isPublic({ facts }: EditKit): boolean {
  return facts['authentication'] === 'none'
}

const head = ({ part, attacks, cite, ja, en }: Omit<RefreshForm, 'edit'>) =>
  ({
    id: `RF-${part}`,
    topic: 'refresh',
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves: { ja, en },
    doesNotProve: { ja: 'アクセス用の切符も一緒に終わるか', en: 'that access tokens end with it' },
    depth: 'full',
    priority: 'P1',
    owner: 'AS',
    sources: ['token-endpoint-response'],
  }) as const

export const refreshForms: readonly EditProbe<'refresh'>[] = forms.map((form) =>
  probeAt('refresh', { ...head(form), edit: form.edit, ...form.more }),
)

export const revocationForms: readonly EditProbe<'revocation'>[] = [
  probeAt('revocation', {
    ...head({
      part: 'revoke-other',
      attacks: ['revocation.token-is-of-this-client'],
      cite: 'RFC7009§2.1',
      ja: 'ほかのクライアントの切符は取り消せない',
      en: 'a client cannot revoke the token of another one',
    }),
    edit: (call, kit) => needs(kit, 'twinClientId', (twin) => parameter('client_id', twin)(call)),
  }),
]
