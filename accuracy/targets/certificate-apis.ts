// What stands behind nginx: APIs that read tickets with jose and are told in a header which certificate was shown, and the issuer of those
// tickets (oidc-provider). How nginx is set up, and what is true of each setting, stands in `nginx.ts`.
import { createHash, createPublicKey, X509Certificate } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGuard, staticKeys } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'
import { type HeldCertificate, makeCertificate } from '@kimei/observer'
import { createMemoryReplay } from '@kimei/storage/memory'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { startIndependentIssuer } from 'testkit'

/** What an API does with a ticket that names a certificate. */
export type Checking =
  /** As RFC 8705 §3 has it, with what the header of this name tells. */
  | { readonly compares: string; readonly takesUnbound?: true }
  /** Whoever came through with any certificate may use any ticket. */
  | { readonly anyCertificateIn: string }
  /** Reads the ticket alone. */
  | 'ignores'

export const resource = 'https://notes.test/'
const authority = makeCertificate({ name: 'clients', authority: true })
export const certificates = {
  authority,
  serving: makeCertificate({ name: 'servers', hosts: ['localhost', 'other.localhost', '127.0.0.1'] }),
  machine: makeCertificate({ name: 'machine', by: authority }),
  other: makeCertificate({ name: 'other machine', by: authority }),
} as const

const partnerSecret = 'a secret of two hundred and fifty-six bits'

/** Its tickets name the certificate that was shown for them; those of the second client name nothing, unless it proves a key. */
export async function startCertificateIssuer() {
  const { machine, serving } = certificates
  const jwk = createPublicKey(machine.key).export({ format: 'jwk' })
  const common = { redirect_uris: [], response_types: [], grant_types: ['client_credentials'] }
  return startIndependentIssuer({
    mtls: { cert: serving.cert, key: serving.key },
    resources: { [resource]: 'read' },
    clients: [
      {
        ...common,
        client_id: 'machine',
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        tls_client_certificate_bound_access_tokens: true,
        jwks: { keys: [{ ...jwk, kid: 'machine', x5c: [machine.certificate.raw.toString('base64')] } as never] },
      },
      { ...common, client_id: 'partner', client_secret: partnerSecret, token_endpoint_auth_method: 'client_secret_basic' },
    ],
  })
}

const pem = ({ cert, key }: HeldCertificate) => ({ cert, key })
const ticket = { from: 'client-credentials', scope: 'read', resource } as const

export const machineEntry = {
  id: 'machine',
  clientId: 'machine',
  kind: 'server',
  authentication: { method: 'self_signed_tls_client_auth' },
  certificate: pem(certificates.machine),
  otherCertificate: pem(certificates.other),
  boundBy: 'certificate',
  ticket,
} as const

/** A client whose tickets are bound to nothing. */
export const partnerEntry = {
  id: 'partner',
  clientId: 'partner',
  kind: 'server',
  authentication: { method: 'client_secret_basic', secret: partnerSecret },
  ticket,
} as const

export interface Behind {
  readonly port: number
  close(): Promise<void>
}

async function listen(listener: RequestListener): Promise<Behind> {
  const server = createServer(listener)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

/** One server for all of them, by path. */
export function startApis(issuer: string, apis: Readonly<Record<string, Checking>>): Promise<Behind> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const admits = async (request: IncomingMessage): Promise<boolean> => {
    const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ')
    if (scheme?.toLowerCase() !== 'bearer') return false
    const { payload } = await jwtVerify(token, keys, { issuer, audience: resource })
    const named = (payload['cnf'] as { readonly 'x5t#S256'?: string } | undefined)?.['x5t#S256']
    return passes(apis[request.url!.slice(1)]!, named, request.headers)
  }
  return listen(async (request, response) => {
    response.setHeader('content-type', 'application/json')
    if (!Object.hasOwn(apis, request.url!.slice(1))) return void response.writeHead(404).end('{"error":"not_found"}')
    if (await admits(request).catch(() => false)) return void response.end('{"notes":[{"id":1,"text":"a note"}]}')
    response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('{"error":"invalid_token"}')
  })
}

function passes(checking: Checking, named: string | undefined, headers: IncomingMessage['headers']): boolean {
  if (checking === 'ignores') return true
  if ('anyCertificateIn' in checking) return (headers[checking.anyCertificateIn] ?? '') !== ''
  if (named === undefined) return checking.takesUnbound === true
  const told = String(headers[checking.compares] ?? '')
  if (told === '') return false
  const { raw } = new X509Certificate(decodeURIComponent(told))
  return createHash('sha256').update(raw).digest('base64url') === named
}

/** Kimei's guard as `docs/operate/behind-a-terminator.md` sets it up behind nginx. */
export async function startGuarded(
  issuer: string,
  front: { readonly url: string; readonly secret: string; readonly paths: readonly string[] },
) {
  const jwks = (await (await fetch(`${issuer}/jwks`)).json()) as { readonly keys: unknown[] }
  const guard = createGuard(
    {
      issuer,
      resource,
      baseUrls: [front.url],
      constraint: 'either',
      metadata: 'off',
      certificates: {
        from: 'header',
        format: 'nginx',
        hop: { by: 'shared-secret', peers: ['127.0.0.1'], secret: front.secret },
      },
      routes: front.paths.map((path) => ({ path, policy: 'required' as const })),
    },
    {
      keys: staticKeys(jwks),
      replay: createMemoryReplay(),
      clock: () => Math.floor(Date.now() / 1000),
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      audit: () => undefined,
    },
  )
  return listen(
    guardNode(guard, (_request, response) => void response.setHeader('content-type', 'application/json').end('{"notes":[{"id":1}]}')),
  )
}
