// Step-up from end to end (RFC 9470): a guarded API, the holder in front of it, our own issuer behind. All over real HTTP.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGuard, parseGuardConfig } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'
import { createMemoryReplay } from '@kimei/storage'
import * as openid from 'openid-client'
import { type FormBrowser, formBrowser } from 'testkit/browser'
import { kitPassword, startCodeKit } from 'testkit/code'
import { claimsOfJwt, type IssuerKit, kitApi } from 'testkit/issuer'
import { mfaLevel, pwdLevel, walkLevels, withSecondFactor } from 'testkit/levels'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryDevice, createSession, type Fetch, readStepUp, type Session, type SessionOptions } from '../src/index.ts'

const redirectUri = 'http://127.0.0.1:49152/callback'
/** Moves the time of issuer, API and holder alike. */
let passed = 0
const clock = () => Math.floor(Date.now() / 1000) + passed
interface World {
  readonly kit: IssuerKit
  /** Where the guarded API is. */
  readonly api: string
  close(): Promise<void>
}

async function startWorld(time: () => number): Promise<World> {
  const kit = await startCodeKit({ clock: time, extend: withSecondFactor })
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const route = (path: string, more: object) => ({ policy: 'required' as const, path, scopes: ['notes:read'], ...more })
  const config = parseGuardConfig({
    issuer: kit.issuer,
    resource: kitApi,
    baseUrls: [api],
    routes: [
      route('/notes', {}),
      route('/pay', { acr: [mfaLevel] }),
      route('/fresh', { maxAuthenticationAgeSeconds: 300 }),
      route('/both', { acr: [mfaLevel], maxAuthenticationAgeSeconds: 300 }),
      route('/never', { acr: ['urn:nobody:knows'] }),
    ],
  })
  const guard = createGuard(config, {
    replay: createMemoryReplay(),
    clock: time,
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    audit: () => undefined,
  })
  server.on(
    'request',
    guardNode(guard, (_request, response, admitted) => void response.end(JSON.stringify(admitted.token?.claims ?? {}))),
  )
  const close = async () => {
    await new Promise((resolve) => server.close(resolve))
    await kit.close()
  }
  return { kit, api, close }
}

let kit: IssuerKit
let api = ''
let closeWorld: World['close']
beforeAll(async () => {
  const world = await startWorld(clock)
  kit = world.kit
  api = world.api
  closeWorld = world.close
})
afterAll(() => closeWorld())
beforeEach(() => {
  // Each one-time code is taken once: every test has its own half minute.
  passed += 120
})

/** A holder follows the `Date` of whoever answers: here it is moved, too. */
const movedFetch: Fetch = async (input, init) => {
  const response = await fetch(input, init)
  const headers = new Headers(response.headers)
  headers.set('date', new Date(clock() * 1000).toUTCString())
  const moved = new Response(response.body, { status: response.status, headers })
  return Object.defineProperty(moved, 'url', { value: response.url })
}

const session = (more: Partial<SessionOptions> = {}): Session =>
  createSession({
    issuer: kit.issuer,
    clientId: 'cli',
    redirectUri,
    scopes: ['openid', 'notes:read'],
    device: createMemoryDevice(),
    clock,
    fetch: movedFetch,
    ...more,
  })

async function walk(browser: FormBrowser, url: string, username = 'hanako', now = clock) {
  const walked = await walkLevels(browser, url, { username, password: kitPassword, now })
  return { ...walked, pages: walked.pages.filter((page) => page !== 'consent') }
}
async function signedIn(more: Partial<SessionOptions> = {}, username?: string) {
  const browser = formBrowser(kit.issuer)
  const held = session(more)
  await held.complete((await walk(browser, (await held.begin()).url, username)).landed)
  return { browser, held }
}

describe('the holder, the guard and the issuer', () => {
  it('STEP-3-01 STEP-4-01 STEP-5-01 ASVS-10.3.4: too weak: challenged, signed in with the second factor alone, admitted', async () => {
    const { browser, held } = await signedIn()
    expect((await held.fetch(`${api}/notes`)).status).toBe(200)
    const refused = await held.fetch(`${api}/pay`)
    expect([refused.status, readStepUp(refused)]).toEqual([401, { acrValues: [mfaLevel] }])
    const begun = await held.stepUp(refused)
    expect(new URL(begun?.url ?? '').searchParams.get('acr_values')).toBe(mfaLevel)
    const { pages, landed } = await walk(browser, begun?.url ?? '')
    expect(pages).toEqual(['second-factor'])
    await held.complete(landed)
    const admitted = await held.fetch(`${api}/pay`)
    expect([admitted.status, await admitted.json()]).toEqual([200, expect.objectContaining({ acr: mfaLevel, amr: ['pwd', 'otp'] })])
    await held.renew()
    expect((await held.fetch(`${api}/pay`)).status).toBe(200)
  })

  it('STEP-3-01 STEP-4-01 ASVS-10.3.4: too old: max_age is asked for, the person signs in anew, auth_time is new', async () => {
    const { browser, held } = await signedIn()
    passed += 301
    await held.renew()
    const refused = await held.fetch(`${api}/fresh`)
    expect([refused.status, readStepUp(refused)]).toEqual([401, { maxAgeSeconds: 300 }])
    const begun = await held.stepUp(refused)
    const { pages, landed } = await walk(browser, begun?.url ?? '')
    expect(pages).toEqual(['signin'])
    await held.complete(landed)
    expect((await held.fetch(`${api}/fresh`)).status).toBe(200)
  })

  it('STEP-4-01: too weak and too old: both factors are asked for', async () => {
    const { browser, held } = await signedIn()
    passed += 301
    await held.renew()
    const begun = await held.stepUp(await held.fetch(`${api}/both`))
    const { pages, landed } = await walk(browser, begun?.url ?? '')
    expect(pages).toEqual(['signin', 'second-factor'])
    await held.complete(landed)
    expect((await held.fetch(`${api}/both`)).status).toBe(200)
  })

  it('STEP-4-01: the same demand that no sign-in satisfies is followed twice, then it ends; on the device, not in the page', async () => {
    const device = createMemoryDevice()
    const { browser, held } = await signedIn({ device })
    for (let tries = 0; tries < 2; tries += 1) {
      // A page that is loaded anew: the same device, another session object.
      const page = session({ device })
      const begun = await page.stepUp(await page.fetch(`${api}/never?try=${tries}`))
      await page.complete((await walk(browser, begun?.url ?? '')).landed)
    }
    const refused = await held.fetch(`${api}/never?try=3`)
    await expect(held.stepUp(refused)).rejects.toMatchObject({ code: 'holder.step-ups-end' })
    // Another demand is not the same one, and the same one may be tried again later.
    expect(await held.stepUp(await held.fetch(`${api}/pay`))).toBeDefined()
    passed += 700
    await held.renew()
    expect(await held.stepUp(await held.fetch(`${api}/never`))).toBeDefined()
  })

  it('STEP-4-01: a person without the means: the weaker ticket is refused by the API, and the holder stops', async () => {
    const { browser, held } = await signedIn({ stepUpTries: 1 }, 'taro')
    const begun = await held.stepUp(await held.fetch(`${api}/pay`))
    await held.complete((await walk(browser, begun?.url ?? '', 'taro')).landed)
    const still = await held.fetch(`${api}/pay`)
    expect(still.status).toBe(401)
    await expect(held.stepUp(still)).rejects.toMatchObject({ code: 'holder.step-ups-end' })
  })

  it('other refusals are no step-up, and what a challenge says is taken only where it can be sent on', async () => {
    const { held } = await signedIn()
    expect(await held.stepUp(await held.fetch(`${api}/notes`))).toBeUndefined()
    expect(await held.stepUp(await held.fetch(`${api}/unknown`))).toBeUndefined()
    const challenge = (text: string, status = 401) => new Response(null, { status, headers: { 'www-authenticate': text } })
    const error = 'error="insufficient_user_authentication"'
    expect(readStepUp(challenge(`Bearer ${error}, acr_values="a b", max_age="60"`))).toEqual({ acrValues: ['a', 'b'], maxAgeSeconds: 60 })
    expect(readStepUp(challenge(`DPoP ${error}, max_age=0`))).toEqual({ maxAgeSeconds: 0 })
    for (const odd of ['max_age="-1"', 'max_age="1.5"', 'max_age="soon"', 'acr_values=""'])
      expect(readStepUp(challenge(`DPoP ${error}, ${odd}`))).toEqual({})
    expect(readStepUp(challenge(`DPoP ${error}`, 403))).toBeUndefined()
    expect(readStepUp(challenge('DPoP error="invalid_token", acr_values="a"'))).toBeUndefined()
  })
})

describe('openid-client in the holder’s place', () => {
  it('STEP-3-01 STEP-5-01: reads the challenge, signs in with its acr_values and max_age, and is admitted', async () => {
    const now = () => Math.floor(Date.now() / 1000)
    const world = await startWorld(now)
    const config = await openid.discovery(new URL(world.kit.issuer), 'cli', undefined, openid.None(), {
      execute: [openid.allowInsecureRequests],
    })
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'))
    config[openid.customFetch] = (url, options) => fetch(url, options as RequestInit)
    const browser = formBrowser(world.kit.issuer)
    const signIn = async (more: Record<string, string>) => {
      const verifier = openid.randomPKCECodeVerifier()
      const state = openid.randomState()
      const parameters = {
        redirect_uri: redirectUri,
        scope: 'openid notes:read',
        state,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...more,
      }
      const { landed, pages } = await walk(browser, openid.buildAuthorizationUrl(config, parameters).href, 'hanako', now)
      return {
        pages,
        tokens: await openid.authorizationCodeGrant(config, landed, { pkceCodeVerifier: verifier, expectedState: state }, undefined, {
          DPoP,
        }),
      }
    }
    const call = (token: string) =>
      openid.fetchProtectedResource(config, token, new URL(`${world.api}/both`), 'GET', undefined, undefined, { DPoP })
    const weak = await signIn({})
    expect(claimsOfJwt(weak.tokens.id_token)['acr']).toBe(pwdLevel)
    const challenged = await call(weak.tokens.access_token).catch((error: unknown) => error)
    if (!(challenged instanceof openid.WWWAuthenticateChallengeError)) throw challenged
    const asked = challenged.cause.find(({ parameters }) => parameters.error === 'insufficient_user_authentication')?.parameters
    expect(asked).toMatchObject({ acr_values: mfaLevel, max_age: '300' })
    const strong = await signIn({ acr_values: asked?.['acr_values'] ?? '', max_age: asked?.['max_age'] ?? '' })
    expect([strong.pages, strong.tokens.claims()?.['acr']]).toEqual([['second-factor'], mfaLevel])
    expect((await call(strong.tokens.access_token)).status).toBe(200)
    await world.close()
  })
})
