// Bare node:http: a guarded GET with the same cryptography, and nothing else. Verified access tokens are remembered by their text.
import { createPublicKey, verify } from 'node:crypto'
import { listenBare, reportTo } from '../contestant.ts'
import { api, issuerOfTokens, readTokenKey } from '../shared.ts'
import { floorProof } from './floor-crypto.ts'

const signer = createPublicKey({ key: readTokenKey(process.argv[2] ?? ''), format: 'jwk' })
interface Claims {
  readonly iss: string
  readonly aud: string
  readonly exp: number
  readonly cnf: { readonly jkt: string }
}
const verified = new Map<string, Claims>()

function tokenClaims(token: string): Claims | undefined {
  const known = verified.get(token)
  if (known) return known
  const [head, body, signature] = token.split('.') as [string, string, string]
  if (!verify('sha256', Buffer.from(`${head}.${body}`), { key: signer, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')))
    return undefined
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims
  verified.set(token, claims)
  return claims
}

const answer = JSON.stringify({ notes: ['one', 'two'] })
const { port } = await listenBare((request, response) => {
  const token = (request.headers.authorization ?? '').slice(5)
  const jkt = floorProof(request.headers['dpop'] as string | undefined, 'GET', `${api}notes`, token)
  const claims = jkt && tokenClaims(token)
  if (!claims || claims.iss !== issuerOfTokens || claims.aud !== api || claims.exp < Date.now() / 1000 || claims.cnf.jkt !== jkt) {
    response.writeHead(401).end()
    return
  }
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer)
})
reportTo(process, port)
