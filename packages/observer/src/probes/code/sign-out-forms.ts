// Signing out at the wish of a client: whose hint counts, and where nobody may be sent (OpenID Connect RP-Initiated Logout).
import type { Text } from '@kimei/protocol'
import { type EditKit, type EditProbe, type NotApplicable, probeAt, type SignOutCall } from '../../probe.ts'
import { levelOf } from '../level.ts'

interface SignOutForm {
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly doesNotProve: Text
  readonly edit: (call: SignOutCall, kit: EditKit) => SignOutCall | NotApplicable
}

const replaced = (call: SignOutCall, name: string, change: (value: string) => string): SignOutCall => ({
  ...call,
  parameters: call.parameters.map(([known, value]) => [known, known === name ? change(value) : value] as const),
})

/** The same claims, another signature. */
function forged(token: string): string {
  const at = token.lastIndexOf('.') + 10
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

const forms: readonly SignOutForm[] = [
  {
    part: 'redirect',
    attacks: ['logout.redirect-is-registered'],
    cite: 'OIDC-RPInitiated§3',
    ja: 'サインアウトのあと、登録のない行き先には送らない',
    en: 'after signing out nobody is sent to an address that was not registered',
    doesNotProve: { ja: '登録された戻り先が、本当にそのアプリのものか', en: 'that each registered address belongs to its client' },
    edit: (call, kit) => replaced(call, 'post_logout_redirect_uri', (uri) => `${uri}/${kit.random()}`),
  },
  {
    part: 'other-client',
    attacks: ['logout.client-agrees'],
    cite: 'OIDC-RPInitiated§2',
    ja: 'ほかのアプリ宛ての ID トークンでは、サインアウトを求められない',
    en: 'a hint made for another client than client_id is refused',
    doesNotProve: { ja: 'client_id がないときもヒントを確かめるか', en: 'that hints are checked where client_id is left out' },
    edit: (call, { facts: { otherClientId } }) =>
      otherClientId === undefined
        ? { notApplicable: 'the inventory names no other client of this issuer' }
        : replaced(call, 'client_id', () => otherClientId),
  },
  {
    part: 'forged-hint',
    attacks: ['logout.hint-is-ours'],
    cite: 'OIDC-RPInitiated§2',
    ja: '署名の合わない ID トークンは断られる',
    en: 'a hint whose signature does not verify is refused',
    doesNotProve: { ja: '古いヒントを受け取るか', en: 'that old hints are accepted' },
    edit: (call) => replaced(call, 'id_token_hint', forged),
  },
]

export const signOutForms: readonly EditProbe<'sign-out'>[] = forms.map(({ part, attacks, cite, ja, en, doesNotProve, edit }) =>
  probeAt('sign-out', {
    id: `SO-${part}`,
    topic: 'code',
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves: { ja, en },
    doesNotProve,
    depth: 'full',
    priority: 'P2',
    owner: 'AS',
    sources: ['token-endpoint-response'],
    edit,
  }),
)
