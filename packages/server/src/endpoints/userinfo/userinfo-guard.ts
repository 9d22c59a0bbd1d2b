// UserInfo is an API of this issuer, so it is guarded like any other: the guard, mounted on our own keys and memory.
import { createGuard, type Guard, inactiveToken } from '@kimei/guard'
import type { Exchange, ServerContext } from '../../context.ts'
import { lookUpOpaque } from '../../steps/access-token-form.ts'

/** `unbound`: some client of this issuer may hold bearer tokens, which then work here, too. */
export function makeUserinfoGuard(context: ServerContext, unbound: boolean, origin: Exchange['origin']): Guard {
  const { config } = context
  const path = `${context.urls.base}/userinfo`
  const common = { name: 'userinfo', path, methods: ['GET', 'POST'], scopes: ['openid'], nonce: config.dpop.nonce.userinfo }
  const route = unbound
    ? { ...common, policy: 'optional' as const, reason: 'some clients of this issuer are declared with unbound tokens' }
    : { ...common, policy: 'required' as const }
  return createGuard(
    {
      issuer: context.issuer,
      resource: context.issuer,
      // One guard for each origin: a proof names the one that was called, and certificates are heard of at the other alone.
      baseUrls: [origin === 'mtls' && context.urls.mtls ? context.urls.mtls.origin : new URL(context.issuer).origin],
      dpop: {
        algorithms: config.dpop.algorithms,
        pastSeconds: config.dpop.proofPastSeconds,
        futureSeconds: config.dpop.proofFutureSeconds,
      },
      nonce: { rotationSeconds: Math.max(10, Math.ceil(config.dpop.nonceLifetimeSeconds / 2)), ...nonceSecrets(context) },
      accessTokens: { algorithms: ['ES256'], leewaySeconds: 0 },
      metadata: 'off',
      constraint: origin === 'mtls' ? 'either' : 'dpop',
      routes: [route],
    },
    {
      replay: context.storage.replay,
      keys: { keyFor: (choice) => context.keys.keyFor({ kid: choice.kid, alg: choice.alg as 'ES256' }) },
      lookup: { ask: async (token) => (await lookUpOpaque(context, token)) ?? inactiveToken },
      clock: context.clock,
      random: context.random,
      audit: (event) => context.audit.append(event),
      law: context.law,
      certificates: (origin === 'mtls' && context.certificates) || (() => undefined),
    },
  )
}

/** The token endpoint's own: clients keep one nonce for an origin, and both stand at this one (RFC 9449 §8.2). */
function nonceSecrets(context: ServerContext): { readonly secret: string; readonly previousSecret?: string } {
  const { current, previous } = context.secrets.derive('nonce')
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
  return { secret: text(current), ...(previous && { previousSecret: text(previous) }) }
}
