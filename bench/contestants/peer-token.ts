// oidc-provider with its in-memory store: a DPoP-bound JWT access token by client credentials.
import { Provider } from 'oidc-provider'
import { listenBare, reportTo } from '../contestant.ts'
import { api, clientId, clientSecret, ecKey } from '../shared.ts'

const key = ecKey()
const { server, port } = await listenBare((_request, response) => response.writeHead(503).end())
const issuer = `http://127.0.0.1:${port}`
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [{ ...key.privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    dPoP: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => api,
      getResourceServerInfo: () => ({
        scope: 'read',
        audience: api,
        accessTokenTTL: 300,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
})
server.removeAllListeners('request')
server.on('request', provider.callback())
reportTo(process, port, { tokenEndpoint: `${issuer}/token` })
