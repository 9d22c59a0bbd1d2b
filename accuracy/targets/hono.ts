// APIs on Hono that take something else beside named tickets, as its own middleware makes easy: `some` (hono/combine) of basic-auth, bearer-auth,
// a key or a signed cookie; `except` for requests that are not meant for the guard. Tickets from oidc-provider, proofs by oauth4webapi.

import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { InventoryInput } from '@kimei/observer'
import { Hono, type MiddlewareHandler } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { bearerAuth } from 'hono/bearer-auth'
import { except, some } from 'hono/combine'
import { getSignedCookie, setSignedCookie } from 'hono/cookie'
import { HTTPException } from 'hono/http-exception'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import { audience, startIssuer } from '../../packages/observer/test/express-apis.ts'
import { type Running, type Target, type Truth, truth } from '../target.ts'
import { jobInventory } from './job-inventory.ts'
import { asksNoNonce, cannotForge, heldInPart, heldToKeys, looseForms, oidcProviderTruth } from './known-facts.ts'

const key = 'key_7f3K9sLqT2vXw8ZbNcR4'
const password = 'correct horse battery staple'
const opaque = 'tok_Q1w2E3r4T5y6U7i8O9p0'
const cookieSecret = 'a secret that signs the cookies of this house'

const refused = () => new HTTPException(401, { message: 'refused' })

/** Whoever has the key of the partner. */
const withKey: MiddlewareHandler = async (c, next) => {
  if (c.req.header('X-API-Key') !== key) throw refused()
  await next()
}
/** Whatever calls itself a key is left to those behind. */
const withAnyKey: MiddlewareHandler = async (c, next) => {
  if (c.req.header('X-API-Key') === undefined) throw refused()
  await next()
}
const withSession: MiddlewareHandler = async (c, next) => {
  if ((await getSignedCookie(c, cookieSecret, 'sid')) !== 'robot') throw refused()
  await next()
}
const withLogin = basicAuth({ username: 'robot', password })
const withToken = bearerAuth({ token: opaque })

/** The proof of every ticket, by `validateJwtAccessToken`. */
function named(issuer: string): MiddlewareHandler {
  const server: oauth.AuthorizationServer = { issuer, jwks_uri: `${issuer}/jwks` }
  return async (c, next) => {
    try {
      await oauth.validateJwtAccessToken(server, c.req.raw, audience, { requireDPoP: true, [oauth.allowInsecureRequests]: true })
    } catch {
      return c.json({ error: 'invalid_token' }, 401, { 'WWW-Authenticate': 'DPoP algs="ES256"' })
    }
    return next()
  }
}

/** The code of before, which knows tickets and no names. */
function plain(issuer: string): MiddlewareHandler {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  return async (c, next) => {
    const token = /^(?:Bearer|DPoP) (\S+)$/.exec(c.req.header('Authorization') ?? '')?.[1] ?? ''
    try {
      await jwtVerify(token, keys, { issuer, audience })
    } catch {
      return c.json({ error: 'invalid_token' }, 401, { 'WWW-Authenticate': 'Bearer' })
    }
    return next()
  }
}

interface Route {
  readonly id: string
  readonly guard: (issuer: string) => MiddlewareHandler
  readonly broken: readonly string[]
}

const taken: readonly Route[] = [
  { id: 'shut', guard: named, broken: [] },
  { id: 'key', guard: (issuer) => some(withKey, named(issuer)), broken: ['OT1-api-key'] },
  { id: 'cookie', guard: (issuer) => some(withSession, named(issuer)), broken: ['OT1-session-cookie'] },
  { id: 'login', guard: (issuer) => some(withLogin, named(issuer)), broken: ['OT1-basic'] },
  { id: 'token', guard: (issuer) => some(withToken, named(issuer)), broken: ['OT1-bearer'] },
  // Any value opens it, beside a ticket too.
  { id: 'any', guard: (issuer) => some(withAnyKey, named(issuer)), broken: ['OT1-api-key', 'OT2-api-key', 'OT3-api-key'] },
  {
    id: 'early',
    guard: (issuer) => {
      const ours = except((c) => c.req.header('PRIVATE-TOKEN') !== undefined, named(issuer))
      const before = plain(issuer)
      // What comes after a guard that left answers in its place.
      const instead: MiddlewareHandler = async (c, next) => {
        const answer = await before(c, next)
        if (answer instanceof Response) c.res = answer
      }
      return (c, next) => ours(c, () => instead(c, next) as Promise<void>)
    },
    broken: ['OT3-personal-access-token'],
  },
]
/** The same places, and nothing but named tickets opens them. */
const closed: readonly Route[] = taken.map(({ id }) => ({ id, guard: named, broken: [] }))

/** oauth4webapi leaves `jti` to the application, takes empty ones and five minutes ahead, and compares URLs as WHATWG writes them. */
const asOauth4webapi: Partial<Truth> = { broken: ['R1', 'R2', 'R3', 'X5c', 'T3', 'H5'] }
/** Hono is strict about paths: nothing is at `/a/`, `/A`, `//a` or `/a;x`, nor behind another version. */
const outside: readonly Partial<Truth>[] = [cannotForge, asksNoNonce, { unseen: ['P1', 'P2', 'P3', 'P4'] }]

async function start(routes: readonly Route[], posture: Running['posture'] & object): Promise<Running> {
  const issuer = await startIssuer()
  const app = new Hono()
  for (const { id, guard } of routes) app.use(`/${id}`, guard(issuer.issuer)).get((c) => c.json({ notes: [{ id: 1, text: 'a note' }] }))
  // Where the test account is at home.
  app.get('/account', some(withKey, withSession, withLogin, withToken), (c) => c.json({ account: 'robot' }))
  const server = createAdaptorServer({ fetch: app.fetch })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    inventory: jobInventory(issuer, Object.fromEntries(routes.map(({ id }) => [id, `${url}/${id}`])), {
      subjects: ['robot'],
      otherCredentials: await credentialsAt(`${url}/account`),
    }),
    options: {},
    apis: Object.fromEntries(routes.map(({ id, broken }) => [id, truth(...outside, asOauth4webapi, looseForms, { broken })])),
    issuers: { job: oidcProviderTruth },
    posture,
    close: async () => {
      await new Promise<void>((done) => {
        server.close(() => done())
        if ('closeAllConnections' in server) server.closeAllConnections()
      })
      await issuer.close()
    },
  }
}

async function credentialsAt(worksAt: string): Promise<InventoryInput['otherCredentials']> {
  const known = { subject: 'robot', worksAt }
  return [
    { id: 'partner', kind: 'api-key', in: { header: 'X-API-Key' }, secret: key, apis: ['shut', 'key', 'any'], ...known },
    { id: 'browser', kind: 'session-cookie', in: { cookie: 'sid' }, secret: await signedCookie(), apis: ['cookie'], ...known },
    { id: 'robot', kind: 'basic', secret: `robot:${password}`, apis: ['login'], ...known },
    { id: 'old-system', kind: 'bearer', secret: opaque, apis: ['token'], ...known },
    { id: 'ci', kind: 'personal-access-token', in: { header: 'PRIVATE-TOKEN' }, apis: ['early'] },
  ]
}

/** As `setSignedCookie` writes it. */
async function signedCookie(): Promise<string> {
  const app = new Hono()
  app.get('/', async (c) => {
    await setSignedCookie(c, 'sid', 'robot', cookieSecret)
    return c.text('')
  })
  return /sid=([^;]+)/.exec((await app.request('/')).headers.get('Set-Cookie') ?? '')![1]!
}

export const honoTargets: readonly Target[] = [
  {
    name: 'Hono, keys and cookies beside named tickets',
    setting: 'bad',
    quick: true,
    needs: [],
    start: () => start(taken, heldInPart),
  },
  {
    name: 'Hono, keys and cookies refused',
    setting: 'good',
    quick: true,
    needs: [],
    start: () => start(closed, heldToKeys),
  },
]
