// Bare node:http: a DPoP-bound JWT by client credentials with the same cryptography, and nothing else.
import { createHash, timingSafeEqual } from 'node:crypto'
import { listenBare, reportTo } from '../contestant.ts'
import { api, clientId, clientSecret, ecKey, jws, tokenKid } from '../shared.ts'
import { floorProof } from './floor-crypto.ts'

const signer = ecKey()
const secret = createHash('sha256').update(clientSecret).digest()
let url = ''

const { port } = await listenBare((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => {
    body += chunk
  })
  request.on('end', () => {
    const form = new URLSearchParams(body)
    const [id, given] = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64')
      .toString()
      .split(':')
      .map(decodeURIComponent)
    const jkt = floorProof(request.headers['dpop'] as string | undefined, 'POST', url)
    const known =
      id === clientId &&
      timingSafeEqual(
        createHash('sha256')
          .update(given ?? '')
          .digest(),
        secret,
      )
    if (!known || !jkt || form.get('grant_type') !== 'client_credentials') {
      response.writeHead(400).end()
      return
    }
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: url,
      sub: id,
      aud: api,
      client_id: id,
      scope: 'read',
      iat: now,
      exp: now + 300,
      jti: crypto.randomUUID(),
      cnf: { jkt },
    }
    const token = jws({ typ: 'at+jwt', alg: 'ES256', kid: tokenKid }, claims, signer.privateKey)
    const answer = JSON.stringify({ access_token: token, token_type: 'DPoP', expires_in: 300, scope: 'read' })
    response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'content-length': Buffer.byteLength(answer),
    })
    response.end(answer)
  })
})
url = `http://127.0.0.1:${port}/token`
reportTo(process, port, { tokenEndpoint: url })
