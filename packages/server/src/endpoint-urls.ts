// The absolute URLs of the endpoints, made once from the issuer.
import { normalizeHtu } from '@kimei/protocol'
import type { EndpointUrls } from './context.ts'

export function urlsOf(issuer: string): EndpointUrls {
  const token = `${issuer}/token`
  const pushed = `${issuer}/par`
  const deviceAuthorization = `${issuer}/device_authorization`
  return {
    authorization: `${issuer}/authorize`,
    token,
    userinfo: `${issuer}/userinfo`,
    jwks: `${issuer}/jwks`,
    revocation: `${issuer}/revoke`,
    introspection: `${issuer}/introspect`,
    registration: `${issuer}/register`,
    pushed,
    signIn: `${issuer}/signin`,
    consent: `${issuer}/consent`,
    deviceAuthorization,
    device: `${issuer}/device`,
    signedOut: `${issuer}/signed-out`,
    account: `${issuer}/account`,
    endSession: `${issuer}/logout`,
    secondFactor: `${issuer}/second-factor`,
    tokenTargets: [normalizeHtu(token) ?? token],
    pushedTargets: [normalizeHtu(pushed) ?? pushed],
    deviceTargets: [normalizeHtu(deviceAuthorization) ?? deviceAuthorization],
    base: new URL(issuer).pathname.replace(/\/$/, ''),
  }
}
