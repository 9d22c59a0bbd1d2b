// What the browser may bring back: an ID token beside the code only where it was registered, with a nonce, and never by query.
import type { AuthorizationPlan } from '../../clients/grant-source.ts'
import { type EditKit, type EditProbe, type NotApplicable, probeAt } from '../../probe.ts'
import { needs } from '../client/request-form.ts'
import { levelOf } from '../level.ts'

interface ResponseForm {
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly edit: (plan: AuthorizationPlan, kit: EditKit) => AuthorizationPlan | NotApplicable
}

/** The request with these parameters; `undefined` leaves one out. */
function asking(plan: AuthorizationPlan, change: Readonly<Record<string, string | undefined>>): AuthorizationPlan {
  const kept = plan.parameters.filter(([name]) => !Object.hasOwn(change, name))
  return {
    ...plan,
    parameters: [...kept, ...Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))],
  }
}

/** A right request for an ID token beside the code, but for what is changed. */
const hybrid =
  (change: Readonly<Record<string, string | undefined>>): ResponseForm['edit'] =>
  (plan, kit) => {
    if (kit.facts['idTokenBesideCode'] === undefined) return { notApplicable: 'this issuer does not say that it gives code id_token' }
    const scope = `openid ${plan.parameters.find(([name]) => name === 'scope')?.[1] ?? ''}`.trim()
    return asking(plan, { response_type: 'code id_token', nonce: kit.random(), scope, ...change })
  }

const forms: readonly ResponseForm[] = [
  {
    part: 'id-token-query',
    attacks: ['authorize.response-mode-fits-type'],
    cite: 'OAuth-Multiple-Response-Types§5',
    ja: 'ID トークンは query では返らない',
    en: 'an ID token by query is refused',
    edit: hybrid({ response_mode: 'query' }),
  },
  {
    part: 'id-token-no-nonce',
    attacks: ['authorize.id-token-has-nonce'],
    cite: 'OIDC-Core§3.3.2.11',
    ja: 'nonce のない ID トークンはブラウザに出ない',
    en: 'an ID token through the browser without a nonce is refused',
    edit: hybrid({ nonce: undefined }),
  },
  {
    part: 'id-token-no-openid',
    attacks: ['authorize.id-token-is-openid'],
    cite: 'OIDC-Core§3.3.2.1',
    ja: 'openid のない ID トークンの申請は断られる',
    en: 'an ID token asked for without openid is refused',
    // What the client asks for by itself: the place it is tried at may be one that needs openid.
    edit: (plan, kit) =>
      needs(kit, 'ownScope', (own) => {
        const scope = own.split(' ').filter((name) => name !== 'openid')
        if (scope.length === 0) return { notApplicable: 'this client asks for nothing but openid' }
        return hybrid({ scope: scope.join(' '), resource: kit.facts['ownResource'] })(plan, kit)
      }),
  },
  {
    part: 'type-unregistered',
    attacks: ['authorize.response-type-is-registered'],
    cite: 'OIDC-Registration§2',
    ja: '登録のない response_type は断られる',
    en: 'a response type that the client is not registered for is refused',
    edit: (plan, kit) =>
      needs(kit, 'deniedResponseType', (type) => {
        const asked = hybrid({ response_type: type })(plan, kit)
        return 'notApplicable' in asked ? asking(plan, { response_type: type, nonce: kit.random() }) : asked
      }),
  },
]

export const responseForms: readonly EditProbe<'authorization'>[] = forms.map(({ part, attacks, cite, ja, en, edit }) =>
  probeAt('authorization', {
    id: `AZ-${part}`,
    topic: 'authorization',
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
  }),
)
