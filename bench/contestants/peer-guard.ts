// express-oauth2-jwt-bearer on Express, DPoP required: it checks proofs and binding, and has no replay memory.
import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import { listenBare, reportTo } from '../contestant.ts'
import { api, issuerOfTokens, readTokenKey, tokenKid } from '../shared.ts'

const app = express()
app.disable('x-powered-by')
app.disable('etag')
// The API is known to its clients under its public name; the peer reads that from the forwarded headers of a trusted proxy.
app.set('trust proxy', true)
app.use((request, _response, next) => {
  request.headers.host = new URL(api).host
  next()
})
app.use(
  auth({
    issuer: issuerOfTokens,
    audience: api,
    tokenSigningAlg: 'ES256',
    publicKey: { keys: [{ ...readTokenKey(process.argv[2] ?? ''), alg: 'ES256', use: 'sig', kid: tokenKid }] },
    dpop: { enabled: true, required: true, iatOffset: 300, iatLeeway: 30 },
  }),
)
app.get('/notes', (_request, response) => {
  response.json({ notes: ['one', 'two'] })
})
const { port } = await listenBare(app)
reportTo(process, port)
