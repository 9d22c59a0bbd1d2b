// The holder in a real Chromium, bundled as an application would: where the key lives, what survives, how tabs share.
import { join } from 'node:path'
import type { Browser, BrowserContext, Page as Tab } from 'playwright-core'
import { rolldown } from 'rolldown'
import { launchChromium } from 'testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Page } from './browser/page.ts'
import { type HandServer, startHandServer } from './hand-server.ts'
import { type PliableIssuer, redirectUri, startPliableIssuer } from './pliable-issuer.ts'

declare const kimei: Page

let browser: Browser
let site: HandServer
let peer: PliableIssuer
let context: BrowserContext
const owner = { issuer: 'https://issuer.example.test', clientId: 'app' }

beforeAll(async () => {
  const build = await rolldown({ input: join(import.meta.dirname, 'browser/page.ts'), platform: 'browser', logLevel: 'silent' })
  const { output } = await build.generate({ format: 'esm', codeSplitting: false })
  await build.close()
  site = await startHandServer(({ path }) =>
    path === '/page.js'
      ? { headers: { 'content-type': 'text/javascript' }, body: output[0].code }
      : { headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>t</title><script type="module" src="/page.js"></script>' },
  )
  peer = await startPliableIssuer()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await Promise.all([site.close(), peer.server.close()])
})
beforeEach(async () => {
  context = await browser.newContext()
})
afterEach(async () => {
  for (const name of Object.keys(peer.bend)) delete peer.bend[name as keyof typeof peer.bend]
  peer.server.heard.length = 0
  await context.close()
})

async function tab(before?: () => void): Promise<Tab> {
  const made = await context.newPage()
  if (before) await made.addInitScript(before)
  await made.goto(site.origin)
  await made.waitForFunction(() => 'kimei' in globalThis)
  return made
}

const jktIn = (made: Tab): Promise<string> => made.evaluate(async (whose) => (await (await kimei.device()).keys.keyFor(whose)).jkt, owner)

describe('the key of a browser', () => {
  it('DPOP-11.4-01: comes out in no format, neither copied nor wrapped', async () => {
    const refusals = await (await tab()).evaluate(async (whose) => {
      const { privateKey, home } = await (await kimei.device()).keys.keyFor(whose)
      const nameOf = (work: Promise<unknown>): Promise<string> =>
        work.then(
          () => 'came out',
          (error: Error) => error.name,
        )
      const wrapping = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['wrapKey'])
      const copy = structuredClone(privateKey)
      return {
        home,
        extractable: [privateKey.extractable, copy.extractable],
        exported: await Promise.all(
          (['jwk', 'pkcs8', 'raw', 'spki'] as const).map((format) => nameOf(crypto.subtle.exportKey(format, privateKey))),
        ),
        copied: await nameOf(crypto.subtle.exportKey('jwk', copy)),
        wrapped: await nameOf(crypto.subtle.wrapKey('jwk', privateKey, wrapping, { name: 'AES-GCM', iv: new Uint8Array(12) })),
      }
    }, owner)
    expect(refusals).toEqual({
      home: 'browser',
      extractable: [false, false],
      exported: Array(4).fill('InvalidAccessError'),
      copied: 'InvalidAccessError',
      wrapped: 'InvalidAccessError',
    })
  })

  it('survives a reload, is the same in every tab, and is another after it was forgotten', async () => {
    const [first, second] = await Promise.all([tab(), tab()])
    const jkts = await Promise.all([jktIn(first), jktIn(second)])
    await first.reload()
    await first.waitForFunction(() => 'kimei' in globalThis)
    expect(new Set([...jkts, await jktIn(first)]).size).toBe(1)
    await first.evaluate(async (whose) => (await kimei.device()).keys.forget(whose), owner)
    expect(await jktIn(second)).not.toBe(jkts[0])
  })

  it('DPOP-11.4-01: a readable key that somebody put in its place is not used', async () => {
    const made = await tab()
    await jktIn(made)
    const result = await made.evaluate(async (whose) => {
      const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
      const publicJwk = await crypto.subtle.exportKey('jwk', pair.publicKey)
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('kimei-test')
        request.onsuccess = () => resolve(request.result)
      })
      const name = JSON.stringify([whose.issuer, whose.clientId])
      const transaction = database.transaction('keys', 'readwrite')
      transaction.objectStore('keys').put({ alg: 'ES256', privateKey: pair.privateKey, publicJwk }, name)
      await new Promise((resolve) => {
        transaction.oncomplete = resolve
      })
      return kimei.outcome(async () => (await kimei.device()).keys.keyFor(whose))
    }, owner)
    expect(result).toBe('holder.key-is-readable')
  })

  it('without IndexedDB the application is told, and may choose a key that ends with the page', async () => {
    const made = await tab(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }))
    const results = await made.evaluate(async (whose) => {
      const kept = await kimei.device('keep-in-memory')
      const [first, second] = [await kept.keys.keyFor(whose), await kept.keys.keyFor(whose)]
      return {
        refused: await kimei.outcome(() => kimei.device()),
        durability: kept.keys.durability,
        same: first.jkt === second.jkt,
        extractable: first.privateKey.extractable,
      }
    }, owner)
    expect(results).toEqual({ refused: 'holder.key-has-a-home', durability: 'this-process', same: true, extractable: false })
  })
})

describe('a page over plain http', () => {
  it('is told that no browser keeps a key for it', async () => {
    const made = await context.newPage()
    await made.route('http://app.example.test/**', async (route) => {
      const response = await fetch(new URL(new URL(route.request().url()).pathname, site.origin))
      await route.fulfill({ contentType: response.headers.get('content-type') ?? '', body: await response.text() })
    })
    await made.goto('http://app.example.test/')
    await made.waitForFunction(() => 'kimei' in globalThis)
    expect(await made.evaluate(() => kimei.outcome(() => kimei.device('keep-in-memory')))).toBe('holder.key-has-a-home')
  })
})

describe('a session in a browser', () => {
  const options = () => ({ issuer: peer.issuer, clientId: 'app', redirectUri, scopes: ['openid', 'profile'] })
  async function signIn(made: Tab): Promise<void> {
    const url = await made.evaluate(async (given) => (await (await kimei.session(given)).begin()).url, options())
    await made.reload()
    await made.waitForFunction(() => 'kimei' in globalThis)
    const callback = peer.callback(url).href
    await made.evaluate(async ([given, back]) => (await kimei.session(given)).complete(back), [options(), callback] as const)
  }
  const tokenIn = (made: Tab): Promise<string | undefined> =>
    made.evaluate(async (given) => (await kimei.session(given)).dangerouslyRevealAccessToken(), options())

  it('O21-2.3.3-01: a sign-in survives leaving the page, and its callback counts once', async () => {
    const made = await tab()
    await signIn(made)
    expect(await tokenIn(await tab())).toMatch(/^opaque-\d+-/)
    const url = await made.evaluate(async (given) => (await (await kimei.session(given)).begin()).url, options())
    const callback = peer.callback(url).href
    const finish = (where: Tab): Promise<unknown> =>
      where.evaluate(([given, back]) => kimei.outcome(async () => (await (await kimei.session(given)).complete(back)).subject), [
        options(),
        callback,
      ] as const)
    expect((await Promise.all([finish(made), finish(await tab())])).sort()).toEqual(['holder.state-is-ours', 'user-1'])
  })

  it('tabs that need a fresh ticket together share one renewal', async () => {
    peer.bend.tokens = (right) => ({ ...right, expires_in: 0 })
    const tabs = [await tab(), await tab(), await tab()]
    await signIn(tabs[0] as Tab)
    delete peer.bend.tokens
    peer.server.heard.length = 0
    let asking = 0
    const { promise: everybodyAsks, resolve } = Promise.withResolvers<void>()
    peer.bend.token = async () => {
      await everybodyAsks
      return undefined
    }
    const tokens = Promise.all(
      tabs.map(async (made) => {
        const answer = tokenIn(made)
        await made.evaluate(() => new Promise((later) => setTimeout(later, 100)))
        asking += 1
        if (asking === tabs.length) resolve()
        return answer
      }),
    )
    expect(new Set(await tokens).size).toBe(1)
    expect(peer.tokenRequests()).toHaveLength(1)
  })

  it('a redirect, which a browser hides, is refused with its reason', async () => {
    const api = await startHandServer(() => ({ status: 302, headers: { location: 'https://elsewhere.example.test/' } }), { forPages: true })
    const result = await (await tab()).evaluate(
      async ([url, whose]) => {
        const key = await (await kimei.device()).keys.keyFor(whose)
        return kimei.outcome(async () => (await kimei.createDpopFetch({ key })(url, { token: 't' })).status)
      },
      [api.origin, owner] as const,
    )
    expect(result).toBe('holder.redirect-is-readable')
    await api.close()
  })

  it('DPOP-8-02: nonce and time are learned across origins', async () => {
    const api = await startHandServer(
      ({ proof }) =>
        proof?.['nonce'] === 'n-1'
          ? { body: 'in' }
          : { status: 401, headers: { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n-1' } },
      { forPages: true },
    )
    const result = await (await tab()).evaluate(
      async ([url, whose]) => {
        const key = await (await kimei.device()).keys.keyFor(whose)
        return (await kimei.createDpopFetch({ key })(url, { token: 't', method: 'POST', body: 'b' })).text()
      },
      [api.origin, owner] as const,
    )
    expect(result).toBe('in')
    expect(api.heard.map(({ method, body }) => [method, body])).toEqual([
      ['POST', 'b'],
      ['POST', 'b'],
    ])
    await api.close()
  })
})
