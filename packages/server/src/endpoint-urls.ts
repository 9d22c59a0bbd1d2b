// The absolute URLs of the endpoints, made once from the issuer.
import { normalizeHtu } from '@kimei/protocol'
import type { EndpointUrls, Exchange, MtlsUrls, ServerContext } from './context.ts'

/** `mtlsUrl`: what stands for the issuer where clients with certificates call. */
export function urlsOf(issuer: string, mtlsUrl?: string): EndpointUrls {
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
    ...targetsOf(issuer),
    mtls: mtlsUrl === undefined ? undefined : mtlsUrlsOf(mtlsUrl),
    base: new URL(issuer).pathname.replace(/\/$/, ''),
  }
}

type Targets = Pick<EndpointUrls, 'tokenTargets' | 'pushedTargets' | 'deviceTargets'>

function targetsOf(base: string): Targets {
  const target = (path: string): readonly string[] => [normalizeHtu(`${base}${path}`) ?? `${base}${path}`]
  return { tokenTargets: target('/token'), pushedTargets: target('/par'), deviceTargets: target('/device_authorization') }
}

function mtlsUrlsOf(url: string): MtlsUrls {
  const { origin, host } = new URL(url)
  return { url, origin, host, ...targetsOf(url) }
}

/** What a proof may name here: the URL that was called, at the origin at which it was called, and no other. */
export function targetsAt({ urls }: ServerContext, { origin }: Exchange): Targets {
  return origin === 'mtls' && urls.mtls ? urls.mtls : urls
}

/** Whether a Host names the other origin; its default port may be written or not. */
export function isMtlsHost(mtls: MtlsUrls, host: string): boolean {
  return host === mtls.host || host.toLowerCase().replace(/:443$/, '') === mtls.host
}
