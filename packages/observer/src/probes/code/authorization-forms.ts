// The authorization request: one fault at a time, as far as the code (OAuth 2.1 §4.1.1, RFC 7636).

import type { AuthorizationPlan } from '../../clients/grant-source.ts'
import { type EditKit, type EditProbe, type NotApplicable, probeAt } from '../../probe.ts'
import { needs } from '../client/request-form.ts'
import { levelOf } from '../level.ts'

interface AuthorizationForm {
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly edit: (plan: AuthorizationPlan, kit: EditKit) => AuthorizationPlan | NotApplicable
}

/** Replaces a parameter; `undefined` leaves it out. */
const set =
  (name: string, value: string | undefined) =>
  (plan: AuthorizationPlan): AuthorizationPlan => ({
    ...plan,
    parameters: [...plan.parameters.filter(([other]) => other !== name), ...(value === undefined ? [] : [[name, value] as const])],
  })

const again =
  (name: string) =>
  (plan: AuthorizationPlan): AuthorizationPlan => ({
    ...plan,
    parameters: [...plan.parameters, ...plan.parameters.filter(([other]) => other === name)],
  })

const otherRedirect = (plan: AuthorizationPlan): AuthorizationPlan => {
  const own = plan.parameters.find(([name]) => name === 'redirect_uri')?.[1] ?? ''
  return set('redirect_uri', `${own}/elsewhere`)(plan)
}

const withoutRedirect = (plan: AuthorizationPlan): AuthorizationPlan => {
  const scope = plan.parameters.find(([name]) => name === 'scope')?.[1] ?? ''
  return set('redirect_uri', undefined)(scope.split(' ').includes('openid') ? plan : set('scope', `openid ${scope}`.trim())(plan))
}

const forms: readonly AuthorizationForm[] = [
  {
    part: 'redirect-other',
    attacks: ['authorize.redirect-uri-is-registered'],
    cite: 'OAuth2.1§2.3.1',
    ja: '登録のない戻り先には返らない',
    en: 'a redirect URI that is not registered is refused',
    edit: otherRedirect,
  },
  {
    part: 'redirect-unnamed',
    attacks: ['authorize.openid-sends-redirect-uri'],
    cite: 'OIDC-Core§3.1.2.1',
    ja: '戻り先を書かない openid の申請は断られる',
    en: 'an openid request without redirect_uri is refused',
    edit: withoutRedirect,
  },
  {
    part: 'client-twice',
    attacks: ['authorize.target-does-not-repeat'],
    cite: 'OAuth2.1§3.1',
    ja: 'client_id が二つなら断られる',
    en: 'client_id sent twice is refused',
    edit: again('client_id'),
  },
  {
    part: 'scope-twice',
    attacks: ['form.names-do-not-repeat'],
    cite: 'OAuth2.1§3.1',
    ja: '同じ引数が二つなら断られる',
    en: 'a parameter sent twice is refused',
    edit: again('scope'),
  },
  {
    part: 'mode-unknown',
    attacks: ['authorize.response-mode-is-served'],
    cite: 'OIDC-Core§3.1.2.6',
    ja: '知らない返し方は断られる',
    en: 'a response mode that is not served is refused',
    edit: set('response_mode', 'carrier_pigeon'),
  },
  {
    part: 'type-token',
    attacks: ['authorize.response-type-is-served'],
    cite: 'OAuth2.1§4.1.1',
    ja: 'ブラウザに切符を流す申請は断られる',
    en: 'a token through the browser is refused',
    edit: set('response_type', 'token'),
  },
  {
    part: 'registration',
    attacks: ['authorize.no-registration'],
    cite: 'OIDC-Core§7.2.1',
    ja: '対応しない registration は断られる',
    en: 'a registration that is not supported is refused',
    edit: set('registration', '{}'),
  },
  {
    part: 'prompt-mixed',
    attacks: ['authorize.prompt-none-stands-alone'],
    cite: 'OIDC-Core§3.1.2.1',
    ja: 'none にほかの prompt は添えられない',
    en: 'prompt=none with another value is refused',
    edit: set('prompt', 'none consent'),
  },
  {
    part: 'silent-new-scope',
    attacks: ['authorize.consent-was-given'],
    cite: 'OIDC-Core§3.1.2.4',
    ja: '同意のない範囲は黙って出ない',
    en: 'a scope nobody consented to is not given silently',
    edit: (plan, kit) => needs(kit, 'unconsentedScope', (scope) => set('prompt', 'none')(set('scope', scope)(plan))),
  },
  {
    part: 'foreign-hint',
    attacks: ['authorize.id-token-hint-is-ours'],
    cite: 'OIDC-Core§3.1.2.2',
    ja: 'よその id_token_hint は断られる',
    en: 'an id_token_hint that the issuer did not make is refused',
    edit: set('id_token_hint', 'e30.e30.e30'),
  },
  {
    part: 'no-challenge',
    attacks: ['pkce.challenge-is-present'],
    cite: 'OAuth2.1§4.1.1',
    ja: 'PKCE なしでは始まらない',
    en: 'a request without code_challenge is refused',
    edit: set('code_challenge', undefined),
  },
  {
    part: 'plain-challenge',
    attacks: ['pkce.method-is-s256'],
    cite: 'OAuth2.1§4.1.1',
    ja: 'plain の PKCE は断られる',
    en: 'code_challenge_method plain is refused',
    edit: set('code_challenge_method', 'plain'),
  },
  {
    part: 'short-challenge',
    attacks: ['pkce.challenge-is-a-digest'],
    cite: 'RFC7636§4.2',
    ja: '短い challenge は断られる',
    en: 'a code_challenge that is no digest is refused',
    edit: set('code_challenge', 'short'),
  },
  {
    part: 'no-scope',
    attacks: ['scope.is-asked-for'],
    cite: 'OAuth2.1§1.4.1',
    ja: '範囲を言わない申請は断られる',
    en: 'a request that names no scope is refused',
    edit: set('scope', undefined),
  },
]

export const authorizationForms: readonly EditProbe<'authorization'>[] = forms.map(({ part, attacks, cite, ja, en, edit }) =>
  probeAt('authorization', {
    id: `AZ-${part}`,
    topic: 'authorization',
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves: { ja, en },
    doesNotProve: { ja: 'トークンエンドポイントでも同じことを確かめているか', en: 'that the token endpoint checks the same' },
    depth: 'full',
    priority: 'P1',
    owner: 'AS',
    sources: ['token-endpoint-response'],
    edit,
  }),
)
