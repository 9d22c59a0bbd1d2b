// Bare node:https: a certificate-bound JWT by client credentials with the same cryptography, and nothing else.
// The chain is judged by the name of its authority and one signature, the name of the client by its text.
import { createHash, X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { reportTo } from '../contestant.ts'
import { api, clientId, ecKey, jws, tokenKid } from '../shared.ts'
import { listenBareTls, readMtlsFiles } from './mtls-files.ts'

const files = readMtlsFiles(process.argv[2] ?? '')
const authority = new X509Certificate(files.authority)
const signer = ecKey()
const issuer = 'https://floor.example'
const known = new WeakMap<object, string | undefined>()

/** Once for each connection. */
function thumbprintOf(socket: TLSSocket): string | undefined {
  if (known.has(socket)) return known.get(socket)
  const certificate = socket.getPeerX509Certificate()
  const trusted = certificate?.subject === `CN=${clientId}` && certificate.verify(authority.publicKey)
  const x5t = certificate && trusted ? createHash('sha256').update(certificate.raw).digest('base64url') : undefined
  known.set(socket, x5t)
  return x5t
}

const port = await listenBareTls(files, (request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => {
    body += chunk
  })
  request.on('end', () => {
    const form = new URLSearchParams(body)
    const x5t = thumbprintOf(request.socket as TLSSocket)
    if (!x5t || form.get('client_id') !== clientId || form.get('grant_type') !== 'client_credentials') {
      response.writeHead(400).end()
      return
    }
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: issuer,
      sub: clientId,
      aud: api,
      client_id: clientId,
      scope: 'read',
      iat: now,
      exp: now + 300,
      jti: crypto.randomUUID(),
      cnf: { 'x5t#S256': x5t },
    }
    const token = jws({ typ: 'at+jwt', alg: 'ES256', kid: tokenKid }, claims, signer.privateKey)
    const answer = JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 300, scope: 'read' })
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', 'content-length': Buffer.byteLength(answer) }
    response.writeHead(200, headers).end(answer)
  })
})
reportTo(process, port)
