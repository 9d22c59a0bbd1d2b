// @atproto/oauth-provider as issuer, and APIs that read its tickets: with its own verifier, as a personal data server does, and in ways that
// leave something out. Proofs and nonces are mandatory at the issuer; people sign in. What is true was read in its source (0.22.9).
import { OAuthVerifier } from '@atproto/oauth-provider/verifier'
import { parseInventory } from '@kimei/observer'
import express, { type RequestHandler } from 'express'
import { createLocalJWKSet, type JWK, jwtVerify } from 'jose'
import { makeKey, privateJwkOf } from '../../packages/observer/src/edits/keys.ts'
import { listen, operations } from '../../packages/observer/test/express-apis.ts'
import { type KnownPosture, type Running, type Target, type Truth, truth } from '../target.ts'
import { atprotoPhoneTruth, atprotoVerifier, atprotoWebTruth, atprotoWithoutMemory } from './atproto-facts.ts'
import { type AtprotoIssuer, audience, phone, startAtprotoIssuer, subject, web } from './atproto-issuer.ts'

type Guard = (issuer: AtprotoIssuer) => RequestHandler

interface Route {
  readonly path: string
  readonly guard: Guard
  readonly truth: Truth
}

type VerifierOptions = Partial<ConstructorParameters<typeof OAuthVerifier>[0]>

/** The package's own verifier; a nonce goes with every answer, as it does at a personal data server. */
function verifying(options: VerifierOptions = {}): Guard {
  return ({ issuer, provider }) => {
    const verifier = Object.keys(options).length === 0 ? provider : new OAuthVerifier({ issuer, keyset: provider.keyset, ...options })
    return async (request, response, next) => {
      const nonce = verifier.nextDpopNonce()
      if (nonce !== undefined) response.setHeader('DPoP-Nonce', nonce)
      const url = new URL(request.originalUrl, `${request.protocol}://${request.headers.host}`)
      try {
        await verifier.authenticateRequest(request.method, url, request.headers as never, { audience: [audience] })
        next()
      } catch (error) {
        const challenge = (error as { readonly wwwAuthenticateHeader?: string }).wwwAuthenticateHeader
        if (challenge !== undefined) response.setHeader('WWW-Authenticate', challenge)
        response.status(401).json({ error: (error as { readonly error?: string }).error ?? 'invalid_token' })
      }
    }
  }
}

/** Signature and audience of the ticket, whatever the scheme is called. */
const ticketAlone: Guard = ({ issuer, provider }) => {
  // As they are published, but for `key_ops`, which names more than jose takes.
  const keys = createLocalJWKSet({ keys: provider.jwks.keys.map(({ key_ops: _more, ...jwk }) => jwk) as JWK[] })
  return async (request, response, next) => {
    try {
      await jwtVerify(String(request.headers.authorization).split(' ')[1] ?? '', keys, { issuer, audience })
      next()
    } catch {
      response.status(401).set('WWW-Authenticate', 'DPoP, Bearer').json({ error: 'invalid_token' })
    }
  }
}

interface Setting {
  readonly name: string
  readonly setting: Target['setting']
  readonly routes: readonly Route[]
  readonly posture: KnownPosture
}

const three = (guard: Guard, known: Truth): readonly Route[] => ['/a', '/b', '/c'].map((path) => ({ path, guard, truth: known }))
const withNonces = atprotoVerifier
const withoutNonces = truth(atprotoVerifier, { unseen: ['N1', 'N2'] })
const alone: Truth = { broken: ['B1'], unseen: [] }

const held: KnownPosture = {
  mode: 'dpop',
  as_enforced: 'yes',
  rs_enforced: 'yes',
  coverage: 'all_api',
  replay_protection: 'jti_yes',
  client_fit: 'mixed',
  confidence: 'confirmed',
}

const settings: readonly Setting[] = [
  { name: 'its verifier, nonces mandatory', setting: 'good', routes: three(verifying(), withNonces), posture: held },
  { name: 'its verifier, nonces off', setting: 'bad', routes: three(verifying({ dpopSecret: false }), withoutNonces), posture: held },
  {
    name: 'its verifier, used proofs are not remembered',
    setting: 'bad',
    routes: three(
      verifying({ dpopSecret: false, replayStore: { unique: () => true } }),
      truth(atprotoWithoutMemory, { broken: ['R1', 'R2', 'R3'], unseen: ['N1', 'N2'] }),
    ),
    posture: { ...held, replay_protection: 'jti_no' },
  },
  {
    name: 'APIs that read the ticket alone',
    setting: 'bad',
    routes: three(ticketAlone, alone),
    posture: {
      ...held,
      mode: 'mixed',
      rs_enforced: 'no',
      coverage: 'unknown',
      replay_protection: 'unknown',
      confidence: 'inferred',
    },
  },
  {
    name: 'its verifier, one API forgotten',
    setting: 'bad',
    routes: [...three(verifying(), withNonces).slice(0, 2), { path: '/c', guard: ticketAlone, truth: alone }],
    posture: { ...held, mode: 'mixed', rs_enforced: 'partial', coverage: 'partial_api' },
  },
]

async function start({ routes, posture }: Setting): Promise<Running> {
  const key = makeKey()
  const kid = 'web'
  const issuer = await startAtprotoIssuer({ ...key.publicJwk, kid, use: 'sig', alg: 'ES256' })
  const app = express()
  app.disable('x-powered-by')
  for (const { path, guard } of routes)
    app.get(path, guard(issuer), (_request, response) => void response.json({ records: [{ id: 1, text: 'a record' }] }))
  const api = await listen(app)
  const ticket = (redirectUri: string) => ({ from: 'sign-in', redirectUri, scope: 'atproto' }) as const
  return {
    inventory: parseInventory({
      version: 1,
      contact: 'accuracy@example.com',
      issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/oauth/token`, claims: 'dpop' }],
      clients: [
        {
          id: 'web',
          clientId: web.id,
          kind: 'server',
          authentication: { method: 'private_key_jwt', key: privateJwkOf(key) as { kty: 'EC'; d: string }, kid },
          ticket: ticket(web.redirectUri),
          refreshTokens: 'rotated',
        },
        { id: 'phone', clientId: phone.id, kind: 'mobile', ticket: ticket(phone.redirectUri), refreshTokens: 'rotated' },
      ],
      subjects: [subject],
      apis: routes.map(({ path }) => ({ id: path.slice(1), url: `${api.url}${path}`, privilege: 'mid' as const })),
      operations,
    }),
    options: { signIn: issuer.signIn },
    apis: Object.fromEntries(routes.map(({ path, truth: known }) => [path.slice(1), known])),
    issuers: { web: atprotoWebTruth, phone: atprotoPhoneTruth },
    posture,
    close: async () => {
      await api.close()
      await issuer.close()
    },
  }
}

export const atprotoTargets: readonly Target[] = settings.map((setting) => ({
  name: `@atproto/oauth-provider, ${setting.name}`,
  setting: setting.setting,
  quick: setting.setting === 'good',
  needs: [],
  start: () => start(setting),
}))
