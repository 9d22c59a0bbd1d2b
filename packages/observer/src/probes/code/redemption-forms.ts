// The redemption of an authorization code: one fault at a time (OAuth 2.1 §4.1.3, RFC 7636 §4.6, RFC 9449 §10).

import type { AuthorizationPlan } from '../../clients/grant-source.ts'
import { further, parameter } from '../../edits/form-edits.ts'
import { sha256 } from '../../edits/keys.ts'
import type { FormCall } from '../../edits/plans.ts'
import { signedByOtherKey } from '../../edits/proof-edits.ts'
import { otherSameLength } from '../../edits/text-edits.ts'
import { type EditKit, type EditProbe, type NotApplicable, probeAt, type RedemptionCall } from '../../probe.ts'
import { needs } from '../client/request-form.ts'
import { levelOf } from '../level.ts'

interface RedemptionForm {
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly edit: EditProbe<'redemption'>['edit']
  readonly more?: Partial<EditProbe<'redemption'>>
}

const changed =
  (change: (call: FormCall, plan: AuthorizationPlan) => FormCall): RedemptionForm['edit'] =>
  (plan) => ({ ...plan, change: (call) => change(call, plan.authorization) })

/** The request announces the key that the client will prove (RFC 9449 §10). */
const announced = (plan: RedemptionCall, kit: EditKit): RedemptionCall => ({
  ...plan,
  authorization: { ...plan.authorization, parameters: [...plan.authorization.parameters, ['dpop_jkt', kit.key.thumbprint]] },
})

/** A verifier of 20 characters, rightly hashed. */
const shortVerifier = (plan: RedemptionCall, kit: EditKit): RedemptionCall => {
  const verifier = kit.random().slice(0, 20)
  const parameters = plan.authorization.parameters.map(
    ([name, value]) => [name, name === 'code_challenge' ? sha256(verifier) : value] as const,
  )
  return { ...plan, authorization: { ...plan.authorization, parameters, verifier } }
}

/** The code, taken before the edit goes on. */
async function taken(plan: RedemptionCall, kit: EditKit): Promise<RedemptionCall | NotApplicable> {
  const code = await kit.freshCode(plan.authorization)
  return code === undefined ? { notApplicable: 'no code was given' } : { ...plan, code }
}

async function expired(plan: RedemptionCall, kit: EditKit): Promise<RedemptionCall | NotApplicable> {
  const { wait } = kit
  const seconds = Number(kit.facts['codeSeconds'])
  if (wait === undefined || !(seconds > 0)) return { notApplicable: 'nobody waits for a code to expire' }
  const held = await taken(plan, kit)
  await wait(seconds + 1)
  return held
}

const forms: readonly RedemptionForm[] = [
  {
    part: 'other-client',
    attacks: ['code.is-of-this-client'],
    cite: 'OAuth2.1§4.1.3',
    ja: 'ほかのクライアントはコードを使えない',
    en: 'a code of another client is refused',
    edit: (plan, kit) => needs(kit, 'twinClientId', (twin) => ({ ...plan, change: parameter('client_id', twin) })),
  },
  {
    part: 'other-redirect',
    attacks: ['code.redirect-uri-agrees'],
    cite: 'OIDC-Core§3.1.3.2',
    ja: '戻り先が違えば断られる',
    en: 'another redirect_uri than that of the request is refused',
    edit: changed(parameter('redirect_uri', 'http://127.0.0.1:9/elsewhere')),
  },
  {
    part: 'no-verifier',
    attacks: ['pkce.verifier-is-present'],
    cite: 'RFC7636§4.5',
    ja: 'verifier がなければ断られる',
    en: 'a redemption without code_verifier is refused',
    edit: changed(parameter('code_verifier', undefined)),
  },
  {
    part: 'short-verifier',
    attacks: ['pkce.verifier-is-well-formed'],
    cite: 'RFC7636§4.1',
    ja: '短い verifier は断られる',
    en: 'a verifier of 20 characters is refused',
    edit: shortVerifier,
  },
  {
    part: 'wrong-verifier',
    attacks: ['pkce.verifier-matches-challenge'],
    cite: 'RFC7636§4.6',
    ja: '違う verifier は断られる',
    en: 'a wrong verifier is refused',
    edit: changed((call, { verifier }) => parameter('code_verifier', otherSameLength(verifier))(call)),
  },
  {
    part: 'announced-unproven',
    attacks: ['dpop.announced-key-is-proven'],
    cite: 'RFC9449§10',
    ja: '予告した鍵の証明がなければ断られる',
    en: 'a code with an announced key is refused without proof',
    edit: (plan, kit) => ({ ...announced(plan, kit), change: (call) => ({ ...call, proofs: [] }) }),
    more: { asksForUnbound: true },
  },
  {
    part: 'announced-other',
    attacks: ['dpop.key-is-the-announced-one'],
    cite: 'RFC9449§10',
    ja: '予告と違う鍵では断られる',
    en: 'a code with an announced key is refused with another key',
    edit: (plan, kit) => ({ ...announced(plan, kit), change: (call) => signedByOtherKey(call, kit) }),
    // An issuer that binds nothing to keys heeds no announcement of one.
    more: { excused: (kit) => (kit.facts['namedKey'] === undefined ? 'no ticket here names a key' : undefined) },
  },
  {
    part: 'code-twice',
    attacks: ['code.is-unredeemed'],
    cite: 'OAuth2.1§4.1.3',
    ja: '同じコードは二度は通らない',
    en: 'a code is redeemed once',
    edit: taken,
    more: {
      sends: 'twice',
      carry: (first, fresh) => ({ ...fresh, authorization: first.authorization, ...(first.code !== undefined && { code: first.code }) }),
    },
  },
  {
    part: 'challenge-again',
    attacks: ['pkce.challenge-is-fresh'],
    cite: 'RFC9700§2.1.1',
    ja: '使い終えた challenge は二度は通らない',
    en: 'a code_challenge whose code was redeemed does not come again',
    edit: (plan) => plan,
    more: { sends: 'twice', carry: (first, fresh) => ({ ...fresh, authorization: first.authorization }) },
  },
  {
    part: 'code-expired',
    attacks: ['code.is-not-expired'],
    cite: 'OAuth2.1§4.1.2',
    ja: '期限の過ぎたコードは断られる',
    en: 'an expired code is refused',
    edit: expired,
  },
  {
    part: 'resource-not-granted',
    attacks: ['code.resource-was-granted'],
    cite: 'RFC8707§2.2',
    ja: '認めていない宛先は断られる',
    en: 'a resource that was not granted is refused',
    edit: (plan, kit) => needs(kit, 'elsewhereResource', (resource) => ({ ...plan, change: further('resource', resource) })),
  },
]

export const redemptionForms: readonly EditProbe<'redemption'>[] = forms.map(({ part, attacks, cite, ja, en, edit, more }) =>
  probeAt('redemption', {
    id: `RD-${part}`,
    topic: 'redemption',
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves: { ja, en },
    doesNotProve: { ja: 'ほかの種類の申請にも同じことを求めているか', en: 'that other grants are held to the same' },
    depth: 'full',
    priority: 'P1',
    owner: 'AS',
    sources: ['token-endpoint-response'],
    edit,
    ...more,
  }),
)
