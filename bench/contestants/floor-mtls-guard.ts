// Bare node:https: a guarded GET with a certificate-bound token, and nothing else. Verified access tokens are remembered by their text.
import { createHash, createPublicKey, verify } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { reportTo } from '../contestant.ts'
import { api, issuerOfTokens, readTokenKey } from '../shared.ts'
import { listenBareTls, readMtlsFiles } from './mtls-files.ts'

const folder = process.argv[2] ?? ''
const signer = createPublicKey({ key: readTokenKey(folder), format: 'jwk' })
interface Claims {
  readonly iss: string
  readonly aud: string
  readonly exp: number
  readonly cnf: { readonly 'x5t#S256': string }
}
const verified = new Map<string, Claims>()
const shown = new WeakMap<object, string | undefined>()

function claimsOf(token: string): Claims | undefined {
  const known = verified.get(token)
  if (known) return known
  const [head, body, signature] = token.split('.') as [string, string, string]
  const key = { key: signer, dsaEncoding: 'ieee-p1363' } as const
  if (!verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) return undefined
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims
  verified.set(token, claims)
  return claims
}

function thumbprintOf(socket: TLSSocket): string | undefined {
  if (shown.has(socket)) return shown.get(socket)
  const raw = socket.getPeerX509Certificate()?.raw
  const x5t = raw && createHash('sha256').update(raw).digest('base64url')
  shown.set(socket, x5t)
  return x5t
}

const answer = JSON.stringify({ notes: ['one', 'two'] })
const port = await listenBareTls(readMtlsFiles(folder), (request, response) => {
  const claims = claimsOf((request.headers.authorization ?? '').slice(7))
  const x5t = thumbprintOf(request.socket as TLSSocket)
  const current = claims?.iss === issuerOfTokens && claims.aud === api && claims.exp > Date.now() / 1000
  if (!claims || !current || claims.cnf['x5t#S256'] !== x5t) {
    response.writeHead(401).end()
    return
  }
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer)
})
reportTo(process, port)
