// APIs guarded by express-oauth2-jwt-bearer and by oauth4webapi, tickets from oidc-provider: each as its manual says, and as it should not be.
import express, { type RequestHandler } from 'express'
import * as oauth from 'oauth4webapi'
import { audience, listen, notesApp, peerGuard, startIssuer } from '../../packages/observer/test/express-apis.ts'
import { type KnownPosture, type Running, type Target, type Truth, truth } from '../target.ts'
import { type Fault, faults, faultyGuard } from './faulty-guard.ts'
import { jobInventory } from './job-inventory.ts'
import {
  anyProof,
  asksNoNonce,
  cannotForge,
  heldInPart,
  heldToKeys,
  looseForms,
  nodeKeepsFirstAuthorization,
  oidcProviderTruth,
  readNowhere,
} from './known-facts.ts'

type Issuer = Awaited<ReturnType<typeof startIssuer>>
interface Route {
  readonly path: string
  readonly guard: (issuer: Issuer) => RequestHandler | undefined
  readonly truth: Truth
}

/** Both leave jti to the application. */
const forgetsProofs = { broken: ['R1', 'R2', 'R3'] }
/** oauth4webapi compares URLs as WHATWG writes them, which leaves `%6E` as it is. */
const asWhatwgWrites = { broken: ['H5'] }
/** oauth4webapi takes proofs of up to five minutes before and after now (`Math.abs(now - iat) > 300`). */
const fiveMinutesAhead = { broken: ['T3'] }
/** It looks whether `jti` is a text, not whether anything is in it. */
const takesEmptyJti = { broken: ['X5c'] }
/** What no stranger's API here has: tickets for other APIs or scopes, a revocation that reaches it; Express knows neither `//a` nor `/a;x`, nor paths of `%`, and answers OPTIONS by itself. */
const outside = truth(cannotForge, asksNoNonce, { unseen: ['P3', 'P4', 'P6', 'P7', 'OP'] })
const bearerOnly = truth(outside, { broken: ['B1'] })

interface Setting {
  readonly name: string
  readonly setting: Target['setting']
  readonly routes: readonly Route[]
  readonly posture: KnownPosture
}

const expressTargets: readonly Setting[] = [
  {
    name: 'express-oauth2-jwt-bearer, DPoP required',
    setting: 'good',
    posture: heldToKeys,
    routes: ['/a', '/b', '/c'].map((path) => ({
      path,
      guard: ({ issuer }: Issuer) => peerGuard(issuer, { enabled: true, required: true }),
      // Unknown members, long jti and keys for encryption pass jose; the scheme is compared.
      truth: truth(outside, forgetsProofs, nodeKeepsFirstAuthorization, looseForms),
    })),
  },
  {
    name: 'express-oauth2-jwt-bearer, DPoP allowed',
    setting: 'bad',
    posture: heldInPart,
    routes: ['/a', '/b', '/c'].map((path) => ({
      path,
      guard: ({ issuer }: Issuer) => peerGuard(issuer, { enabled: true }),
      // Its default: unbound tickets pass, bound ones are held to their proof. Any proof beside an unbound ticket is demanded to be right.
      truth: truth(outside, forgetsProofs, nodeKeepsFirstAuthorization, looseForms, { broken: ['U1'] }),
    })),
  },
  {
    name: 'express-oauth2-jwt-bearer, DPoP off',
    setting: 'bad',
    posture: readNowhere,
    routes: ['/a', '/b', '/c'].map((path) => ({
      path,
      guard: ({ issuer }: Issuer) => peerGuard(issuer, { enabled: false }),
      truth: bearerOnly,
    })),
  },
  {
    name: 'express-oauth2-jwt-bearer, one API forgotten',
    setting: 'bad',
    posture: heldInPart,
    routes: [
      ...['/a', '/b'].map((path) => ({
        path,
        guard: ({ issuer }: Issuer) => peerGuard(issuer, { enabled: true, required: true }),
        truth: truth(outside, forgetsProofs, nodeKeepsFirstAuthorization, looseForms),
      })),
      { path: '/c', guard: ({ issuer }: Issuer) => peerGuard(issuer, { enabled: false }), truth: bearerOnly },
    ],
  },
  {
    name: 'oauth4webapi, DPoP required',
    setting: 'good',
    posture: heldToKeys,
    routes: ['/a', '/b', '/c'].map((path) => ({
      path,
      guard: (issuer: Issuer) => oauthGuard(issuer, { requireDPoP: true }),
      truth: truth(outside, forgetsProofs, asWhatwgWrites, fiveMinutesAhead, takesEmptyJti, nodeKeepsFirstAuthorization, looseForms),
    })),
  },
  {
    name: 'oauth4webapi, DPoP not required',
    setting: 'bad',
    posture: heldInPart,
    routes: ['/a', '/b', '/c'].map((path) => ({
      path,
      guard: (issuer: Issuer) => oauthGuard(issuer, {}),
      // A ticket with cnf is held to it under either scheme; one without passes as Bearer, not beside a proof.
      truth: truth(outside, forgetsProofs, asWhatwgWrites, fiveMinutesAhead, takesEmptyJti, nodeKeepsFirstAuthorization, looseForms, {
        broken: ['U1'],
      }),
    })),
  },
]

/** The application's own glue around `validateJwtAccessToken`. */
function oauthGuard(issuer: Issuer, options: { readonly requireDPoP?: boolean }): RequestHandler {
  const server: oauth.AuthorizationServer = { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` }
  return async (request, response, next) => {
    const headers = new Headers()
    for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers.set(name, String(value))
    const url = `${request.protocol}://${request.headers.host}${request.originalUrl}`
    try {
      await oauth.validateJwtAccessToken(server, new Request(url, { method: request.method, headers }), audience, {
        ...options,
        [oauth.allowInsecureRequests]: true,
      })
      next()
    } catch {
      response.status(401).set('WWW-Authenticate', 'DPoP algs="ES256"').json({ error: 'invalid_token' })
    }
  }
}

async function start(routes: readonly Route[], posture: KnownPosture): Promise<Running> {
  const issuer = await startIssuer()
  const app = notesApp(Object.fromEntries(routes.map(({ path, guard }) => [path, guard(issuer)])))
  const api = await listen(app)
  return {
    inventory: jobInventory(issuer, Object.fromEntries(routes.map(({ path }) => [path.slice(1), `${api.url}${path}`]))),
    options: {},
    apis: Object.fromEntries(routes.map(({ path, truth: known }) => [path.slice(1), known])),
    issuers: { job: oidcProviderTruth },
    posture,
    close: async () => {
      await api.close()
      await issuer.close()
    },
  }
}

/** What an API answers that has no guard at all. */
const openApi: Target = {
  name: 'Express without a guard',
  setting: 'bad',
  quick: true,
  needs: [],
  start: () =>
    start(
      ['/a', '/b', '/c'].map((path) => ({ path, guard: () => undefined, truth: truth(outside, { broken: ['U0'] }) })),
      // What would be demanded of a ticket nobody can tell.
      { as_enforced: 'no', rs_enforced: 'no', coverage: 'unknown', replay_protection: 'unknown', client_fit: 'server' },
    ),
}

/** A guard of one's own that looks whether there is a proof, and no further. */
const nominal: Target = {
  name: 'Express, any proof will do',
  setting: 'bad',
  quick: true,
  needs: [],
  start: () =>
    start(
      ['/a', '/b', '/c'].map((path) => ({
        path,
        guard: nominalGuard,
        // K1 is decisive: everything after it is moot.
        truth: truth(outside, { broken: ['K1'] }),
      })),
      anyProof,
    ),
}

function nominalGuard({ issuer }: Issuer): RequestHandler {
  const plain = peerGuard(issuer, { enabled: false })
  const check = express.Router()
  check.use((request, response, next) => {
    const [scheme, token] = String(request.headers.authorization).split(' ')
    if (scheme !== 'DPoP' || request.headers['dpop'] === undefined) {
      response.status(401).set('WWW-Authenticate', 'DPoP').json({ error: 'invalid_dpop_proof' })
      return
    }
    request.headers.authorization = `Bearer ${token}`
    next()
  })
  check.use(plain)
  return check
}

/** One guard that is right, and one for each thing that can be left out. */
const oneFaultEach: Target = {
  name: 'a guard of its own, one fault each',
  setting: 'bad',
  quick: true,
  needs: [],
  start: () =>
    start(
      (Object.keys(faults) as Fault[]).map((fault) => ({
        path: `/${fault}`,
        guard: ({ issuer }: Issuer) => faultyGuard(issuer, fault),
        truth: truth(outside, { broken: faults[fault] }),
      })),
      heldInPart,
    ),
}

/** Guards that say no in their own way: the refusal counts, not its form. */
const manners: Target = {
  name: 'a guard of its own, refusals in disguise',
  setting: 'good',
  quick: true,
  needs: [],
  start: () =>
    start(
      (['errors-in-200', 'redirect', 'plain-403', 'fault-500'] as const).flatMap((manner) =>
        (['none', 'htm-not-read', 'unbound-passes'] as const).map((fault) => ({
          path: `/${manner}-${fault}`,
          guard: ({ issuer }: Issuer) => faultyGuard(issuer, fault, manner),
          truth: truth(outside, { broken: faults[fault] }),
        })),
      ),
      { ...heldInPart, replay_protection: 'jti_yes' },
    ),
}

export const npmTargets: readonly Target[] = [
  ...expressTargets.map(({ name, setting, routes, posture }) => ({
    name,
    setting,
    quick: true,
    needs: [],
    start: () => start(routes, posture),
  })),
  openApi,
  nominal,
  oneFaultEach,
  manners,
]
