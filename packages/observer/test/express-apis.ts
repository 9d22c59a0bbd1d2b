// APIs that are not ours, on loopback: guarded by express-oauth2-jwt-bearer, by a plain bearer check, or by nothing.
import type { AddressInfo } from 'node:net'
import express, { type Express, type RequestHandler } from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import { startIndependentIssuer } from 'testkit'
import { importKey, makeKey, privateJwkOf } from '../src/edits/keys.ts'
import type { InventoryInput } from '../src/inventory/inventory.ts'

export interface RunningApi {
  readonly url: string
  close(): Promise<void>
}

export async function listen(app: Express): Promise<RunningApi> {
  const server = app.listen(0, '127.0.0.1')
  await new Promise<void>((ready) => server.once('listening', () => ready()))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

export const audience = 'https://api.test/'

/** An issuer that binds (oidc-provider) and the inventory entries of its two test clients. */
export async function startIssuer(options: { readonly requireNonce?: boolean; readonly accessTokenSeconds?: number } = {}) {
  const key = makeKey()
  const kid = 'job'
  const issuer = await startIndependentIssuer({
    clients: [
      {
        client_id: 'job',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...key.publicJwk, kid, use: 'sig', alg: 'ES256' } as never] },
      },
      {
        client_id: 'partner',
        client_secret: 'a secret of two hundred and fifty-six bits',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    resources: { [audience]: 'read' },
    ...options,
  })
  const ticket = { from: 'client-credentials', scope: 'read', resource: audience } as const
  const clients: InventoryInput['clients'] = [
    { id: 'job', clientId: 'job', kind: 'server', authentication: { method: 'private_key_jwt', key: privateJwk(key), kid }, ticket },
    {
      id: 'partner',
      clientId: 'partner',
      kind: 'server',
      authentication: { method: 'client_secret_basic', secret: 'a secret of two hundred and fifty-six bits' },
      ticket,
    },
  ]
  return { ...issuer, clients }
}

function privateJwk(key: ReturnType<typeof makeKey>): { kty: 'EC'; d: string } {
  const jwk = privateJwkOf(key)
  importKey(jwk)
  return jwk as { kty: 'EC'; d: string }
}

/** The peer's own way to guard a route. */
export function peerGuard(issuer: string, dpop: { enabled: boolean; required?: boolean }): RequestHandler {
  return auth({ issuer, jwksUri: `${issuer}/jwks`, audience, tokenSigningAlg: 'RS256', dpop })
}

export function notesApp(routes: Readonly<Record<string, RequestHandler | undefined>>): Express {
  const app = express()
  app.disable('x-powered-by')
  // Its default error handler prints every refusal.
  app.set('env', 'test')
  for (const [path, guard] of Object.entries(routes)) {
    app.get(path, ...(guard ? [guard] : []), (_request, response) => {
      response.json({ notes: [{ id: 1, text: 'a note' }] })
    })
  }
  return app
}

export const operations = { keyRotation: 'documented', revocation: 'documented', fallback: 'documented' } as const
/** Loopback need not be slow. */
export const quick = { requestsPerSecond: 5000, requestsPerApi: 400, budget: 5000 }
