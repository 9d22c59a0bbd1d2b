// A small issuer and APIs behind TLS, written by hand, with one mistake each: for probes of certificates where the product makes none.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { type HeldCertificate, makeCertificate } from '../src/index.ts'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import { type Asking, stand, type TlsStand } from './tls-servers.ts'

export const authority = makeCertificate({ name: 'Acme authority', authority: true })
export const serving = makeCertificate({ name: 'servers', hosts: ['127.0.0.1', 'localhost', 'other.localhost'] })
export const machine = makeCertificate({ name: 'machine', by: authority })
export const other = makeCertificate({ name: 'other', by: authority })

/** What some of the APIs take beside tickets. */
export const apiKey = 'key_of_a_test_account_0123'

/** What an API does with a ticket that names a certificate. */
export type Checking =
  /** As RFC 8705 §3 has it. */
  | 'compares'
  /** Reads no cnf at all. */
  | 'ignores'
  /** Any certificate of the authority will do. */
  | 'any-certificate'
  /** Believes whoever writes the header. */
  | 'believes-header'

export interface ApiSketch {
  readonly asks: Asking
  readonly checks: Checking
  /** Tickets that name nothing pass too. */
  readonly takesUnbound?: boolean
  /**
   * Where the ticket alone is enough: at the path with a slash, in the URL, under the DPoP scheme; or its answer is kept for anybody. A key
   * passes in place of a ticket, or whatever looks like one lets the ticket pass.
   */
  readonly side?: 'slash' | 'query' | 'dpop-scheme' | 'cache' | 'key' | 'key-beside'
  /** Where no certificate comes along, the connection is closed without a word. */
  readonly closes?: boolean
  readonly privilege?: 'high' | 'mid' | 'low'
  readonly options?: ServerOptions
}

export interface IssuerSketch {
  readonly asks: Asking
  /** What its tickets name. */
  readonly names: 'certificate' | 'nothing'
  /** A ticket is given to whoever shows none. */
  readonly gives?: 'always'
}

const thumbprintOf = (request: IncomingMessage): string | undefined => {
  const certificate = (request.socket as TLSSocket).getPeerX509Certificate?.()
  return certificate && Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
}

const say = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

const ticket = (claims: object): string => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none', typ: 'at+jwt' })}.${part(claims)}.c2lnbmF0dXJl`
}

function serve(asks: Asking, answer: (request: IncomingMessage, response: ServerResponse) => void, options: ServerOptions = {}) {
  const server = createServer(
    {
      cert: serving.cert,
      key: serving.key,
      ca: [authority.cert],
      requestCert: asks !== 'none',
      rejectUnauthorized: asks === 'required',
      ...options,
    },
    answer,
  )
  server.on('tlsClientError', () => undefined)
  return stand(server, '')
}

function startIssuer({ asks, names, gives }: IssuerSketch): Promise<TlsStand> {
  return serve(asks, (request, response) => {
    if (request.method !== 'POST') return say(response, 404, { error: 'not_found' })
    request.resume()
    const shown = thumbprintOf(request)
    if (shown === undefined && names === 'certificate' && gives !== 'always') return say(response, 401, { error: 'invalid_client' })
    const cnf = names === 'certificate' && shown !== undefined ? { cnf: { 'x5t#S256': shown } } : {}
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: 'https://issuer.test', sub: 'machine', aud: 'apis', iat: now, exp: now + 300, ...cnf }
    return say(response, 200, { access_token: ticket(claims), token_type: 'Bearer', expires_in: 300 })
  })
}

function startApi(sketch: ApiSketch): Promise<TlsStand> {
  let kept = false
  return serve(
    sketch.asks,
    (request, response) => {
      const shown = thumbprintOf(request)
      if (sketch.closes && shown === undefined) return void request.socket.destroy()
      const { pathname, searchParams } = new URL(request.url ?? '', 'https://api.test')
      const atSide = sketch.side === 'slash' && pathname === '/notes/'
      if (pathname !== '/notes' && !atSide) return say(response, 404, { error: 'not_found' })
      const refused = () => say(response, 401, { error: 'invalid_token' }, { 'www-authenticate': 'Bearer error="invalid_token"' })
      if (sketch.side === 'cache' && kept && request.url === '/notes') return say(response, 200, { notes: [] }, { age: '1' })
      const key = request.headers['x-api-key']
      if (sketch.side === 'key' && key === apiKey) return say(response, 200, { notes: [] })
      const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ')
      const carried = sketch.side === 'query' ? (searchParams.get('access_token') ?? undefined) : undefined
      const claims = readClaims(carried ?? token)
      const skipped = sketch.side === 'key-beside' && key !== undefined
      const open = skipped || atSide || carried !== undefined || (sketch.side === 'dpop-scheme' && scheme === 'DPoP')
      if ((scheme !== 'Bearer' && !open) || claims === undefined) return refused()
      kept = open || mayPass(sketch, claims.cnf?.['x5t#S256'], shown, request)
      return kept ? say(response, 200, { notes: [] }) : refused()
    },
    sketch.options,
  )
}

function mayPass(
  { checks, takesUnbound }: ApiSketch,
  named: string | undefined,
  shown: string | undefined,
  request: IncomingMessage,
): boolean {
  if (checks === 'ignores') return true
  if (named === undefined) return takesUnbound === true
  if (checks === 'any-certificate') return shown !== undefined
  return named === shown || (checks === 'believes-header' && request.headers['x-ssl-client-cert'] !== undefined)
}

function readClaims(token: string): { readonly cnf?: { readonly 'x5t#S256'?: string } } | undefined {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as object
  } catch {
    return undefined
  }
}

export interface World {
  readonly input: InventoryInput
  readonly inventory: ReturnType<typeof parseInventory>
  readonly issuer: TlsStand
  readonly apis: readonly TlsStand[]
  close(): Promise<void>
}

const pem = ({ cert, key }: HeldCertificate) => ({ cert, key })

export async function startWorld(issuerSketch: IssuerSketch, sketches: readonly ApiSketch[], more: object = {}): Promise<World> {
  const issuer = await startIssuer(issuerSketch)
  const apis = await Promise.all(sketches.map(startApi))
  const input: InventoryInput = {
    version: 1,
    contact: 'tests@example.com',
    pace: { requestsPerSecond: 50, requestsPerApi: 500, budget: 5000 },
    authorities: [serving.cert],
    issuers: [{ id: 'main', url: issuer.url, tokenEndpoint: `${issuer.url}/token`, claims: 'mtls' }],
    clients: [
      {
        id: 'machine',
        clientId: 'machine',
        kind: 'server',
        authentication: { method: 'tls_client_auth' },
        certificate: pem(machine),
        otherCertificate: pem(other),
        ticket: { from: 'client-credentials', scope: 'notes' },
      },
    ],
    apis: sketches.map(({ privilege = 'mid' }, i) => ({ id: `api${i}`, url: `${apis[i]!.url}/notes`, privilege, ...more })),
    operations: { keyRotation: 'documented', revocation: 'documented', fallback: 'documented' },
  }
  return {
    input,
    inventory: parseInventory(input),
    issuer,
    apis,
    close: async () => {
      await Promise.all([issuer, ...apis].map((one) => one.close()))
    },
  }
}
