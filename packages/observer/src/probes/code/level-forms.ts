// Authentication levels (OpenID Connect Core §5.5.1.1, RFC 9470): what happens to a demand that nobody can meet.
import { type EditProbe, probeAt } from '../../probe.ts'
import { levelOf } from '../level.ts'

const attacks = ['authorize.demanded-acr-is-known'] as const

export const levelForms: readonly EditProbe<'authorization'>[] = [
  probeAt('authorization', {
    id: 'LV-acr-unknown',
    topic: 'authentication-level',
    attacks,
    level: levelOf(attacks),
    cite: 'OIDC-Core§5.5.1.1',
    says: {
      ja: '満たせない認証強度を必須とする申請は断られる',
      en: 'a request that demands an authentication level nobody knows is refused',
    },
    proves: { ja: '必須とした認証の強さを、黙って弱いものに替えない', en: 'an essential acr is not silently replaced by a weaker one' },
    doesNotProve: { ja: 'この発行者の知る強さを、互いに区別しているか', en: 'that the levels this issuer knows are kept apart' },
    depth: 'full',
    priority: 'P2',
    owner: 'AS',
    sources: ['token-endpoint-response'],
    edit: (plan, kit) => {
      if (kit.facts['claimsParameter'] === undefined)
        return { notApplicable: 'this issuer does not say that it reads the claims parameter' }
      const claims = { id_token: { acr: { essential: true, value: `urn:kimei:observer:${kit.random()}` } } }
      const asked = plan.parameters.find(([name]) => name === 'scope')?.[1].split(' ') ?? []
      const others = plan.parameters.filter(([name]) => name !== 'scope' && name !== 'claims')
      // Claims belong to a sign-in by OpenID Connect.
      const scope = [...new Set(['openid', ...asked])].join(' ')
      return { ...plan, parameters: [...others, ['scope', scope], ['claims', JSON.stringify(claims)]] }
    },
  }),
]
