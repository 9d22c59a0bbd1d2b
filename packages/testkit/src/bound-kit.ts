// An issuer whose clients have tokens bound to their certificates, by every way to authenticate, and their requests over TLS.
import { hashPassword, type IssuerConfigInput } from '@kimei/server'
import { authorizeUrl, type CodeAsk, kitPassword, type OpenAsk, walkForms } from './code-kit.ts'
import { type Crafted, craftCertificate } from './crafted-certificates.ts'
import { deviceGrant } from './device-kit.ts'
import { exchangeGrant } from './exchange-kit.ts'
import { type WireKey, wireProof } from './hostile-jwt.ts'
import { asKeyClient, type KitAnswer, kitApi, kitOtherApi, kitRedirect } from './issuer-kit.ts'
import { type MtlsKit, type MtlsKitOptions, postWithCertificate, startMtlsKit, type TlsCall } from './mtls-kit.ts'

const named = (value: string) => ({ subject: [[{ type: '2.5.4.3', value }]] })

/** The authority of clients, and certificates of clients: those of `phone` and `other` nobody vouches for. */
export const boundAuthority = craftCertificate({ ...named('authority'), ca: true })
export const boundCertificates = {
  job: craftCertificate({ ...named('job'), by: boundAuthority }),
  phone: craftCertificate(named('phone')),
  other: craftCertificate(named('other')),
}

const byCertificate = { kind: 'required', by: 'certificate' } as const
const person = { scopes: ['openid', 'profile', 'offline_access', 'notes:read'], apis: [kitApi, kitOtherApi], redirectUris: [kitRedirect] }
const all = ['authorization_code', 'refresh_token', 'client_credentials', deviceGrant, exchangeGrant] as const

/**
 * `job` shows its certificate to authenticate and to be named, `keyed` authenticates by private_key_jwt, `phone` is public,
 * `both` names a key and a certificate, `front` serves the notes API and exchanges its tokens.
 */
export function withBoundClients(config: IssuerConfigInput): IssuerConfigInput {
  const service = config.clients?.find(({ clientId }) => clientId === 'service')
  const keyed = {
    kind: 'server' as const,
    ...(service?.jwks && { jwks: service.jwks }),
    ...person,
    grants: [...all],
    binding: byCertificate,
  }
  const certified = { authentication: 'tls_client_auth' as const, tlsClientAuth: { subjectDn: 'CN=job' } }
  const exchange = { from: [kitApi], to: [kitOtherApi] }
  return {
    ...config,
    deviceAuthorization: { assessment: 'devices of this test stand on one desk' },
    apis: (config.apis ?? []).map((api) => (api.identifier === kitOtherApi ? { ...api, scopes: ['other:read', 'notes:read'] } : api)),
    clients: [
      ...(config.clients ?? []),
      { ...keyed, jwks: undefined, clientId: 'job', name: 'Job', ...certified, exchange },
      { ...keyed, clientId: 'keyed', name: 'Keyed', exchange },
      { ...keyed, clientId: 'both', name: 'Both', exchange, binding: { kind: 'required', by: 'both' } },
      {
        ...person,
        clientId: 'phone',
        kind: 'mobile',
        name: 'Phone',
        grants: ['authorization_code', 'refresh_token', deviceGrant],
        binding: byCertificate,
      },
      {
        ...keyed,
        clientId: 'front',
        name: 'Front',
        introspects: [kitApi],
        exchange,
        binding: { kind: 'optional', reason: 'an API server without keys of its own yet' },
      },
    ],
  }
}

export async function startBoundKit(options: MtlsKitOptions = {}): Promise<MtlsKit> {
  return startMtlsKit({
    ...options,
    mtls: { trustAnchors: [boundAuthority.cert], ...options.mtls },
    passwordHash: await hashPassword(kitPassword),
    extend: (config) => {
      const changed = withBoundClients(config)
      return options.extend?.(changed) ?? changed
    },
  })
}

export interface BoundAsk extends Pick<TlsCall, 'certificate'> {
  /** Proven beside. */
  readonly key?: WireKey
  readonly headers?: Readonly<Record<string, string>>
}

/** A proof for an endpoint at the origin for certificates. */
export function mtlsProof(kit: MtlsKit, key: WireKey, path = '/token'): string {
  return wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}${path}`, now: kit.now() })
}

/** How this client says who it is. */
export function asBoundClient(kit: MtlsKit, clientId: string): Record<string, string> {
  return clientId === 'job' || clientId === 'phone' ? { client_id: clientId } : asKeyClient(kit, clientId)
}

/** A token request at the origin for certificates. */
export function askBound(kit: MtlsKit, clientId: string, form: Readonly<Record<string, string>>, ask: BoundAsk = {}): Promise<KitAnswer> {
  const { certificate, key, headers } = ask
  return postWithCertificate(
    kit,
    '/token',
    { ...asBoundClient(kit, clientId), ...form },
    { ...(certificate && { certificate }), headers: { ...(key && { dpop: mtlsProof(kit, key) }), ...headers } },
  )
}

export const ownToken = { grant_type: 'client_credentials', scope: 'notes:read', resource: kitApi }

export interface BoundCode {
  readonly open: OpenAsk
  readonly form: Record<string, string>
}

/** A code of a person for this client, and what redeems it. */
export async function boundCode(kit: MtlsKit, clientId: string, ask: Omit<CodeAsk, 'clientId'> = {}): Promise<BoundCode> {
  const open = authorizeUrl(kit, { ...ask, clientId, redirectUri: kitRedirect })
  const { landed } = await walkForms(kit, open.url)
  const code = landed.searchParams.get('code')
  if (!code) throw new Error(`no code: ${landed}`)
  return { open, form: { grant_type: 'authorization_code', code, code_verifier: open.verifier, redirect_uri: open.redirectUri } }
}

export type { Crafted }
