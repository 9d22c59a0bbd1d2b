// Passwords under load: parallel guesses are slowed down, a flood waits in a bounded line, and nobody is locked out.
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authorizeUrl, kitPassword, startCodeKit } from '../../testkit/src/code-kit.ts'
import { formBrowser } from '../../testkit/src/form-browser.ts'
import type { IssuerKit } from '../../testkit/src/issuer-kit.ts'
import { hashPassword, PasswordsBusy, verifyPassword } from '../src/accounts/passwords.ts'
import { createSignInDelay } from '../src/accounts/sign-in-delay.ts'

let now = 1_800_000_000
let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({ clock: () => now })
})
afterAll(() => kit.close())

describe('guessing', () => {
  it('twenty guesses at once are not twenty tries', async () => {
    const who = formBrowser(kit.issuer)
    const page = await who.open(authorizeUrl(kit).url)
    const guesses = Array.from({ length: 20 }, (_, index) =>
      who.press(page, 'login-submit', { username: 'taro', password: `guess-${index}` }),
    )
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 422).length).toBe(3)
    expect(statuses.filter((status) => status === 429).length).toBe(17)
    now += 61
    const right = await who.press(page, 'login-submit', { username: 'taro', password: kitPassword })
    expect(right.text).toContain('id="consent-allow"')
  })

  it('the log names the rule and the client, never the name or the password that was tried', async () => {
    const who = formBrowser(kit.issuer)
    const page = await who.open(authorizeUrl(kit).url)
    await who.press(page, 'login-submit', { username: 'typed-into-the-wrong-field', password: 'not-the-one' })
    const event = kit.audit.findLast((one) => one.event === 'login_failed')
    expect(event).toMatchObject({ rule: 'signin.credentials-match', clientId: 'spa' })
    expect(JSON.stringify(kit.audit)).not.toMatch(/typed-into|not-the-one/)
  })

  it('failures of one address slow down other accounts too, but a shared address bears more of them', () => {
    const delay = createSignInDelay()
    for (let tries = 0; tries < 30; tries++) delay.failed(`user-${tries}`, '192.0.2.1', 1000)
    expect(delay.wait('somebody', '192.0.2.1', 1000)).toBe(1)
    expect(delay.wait('somebody', '192.0.2.2', 1000)).toBe(0)
    delay.succeeded('somebody', '192.0.2.1')
    expect(delay.wait('somebody', '192.0.2.1', 1000)).toBe(0)
  })

  it('a name that is made up for each try costs bounded memory and no other account its delay', () => {
    const delay = createSignInDelay()
    for (let tries = 0; tries < 5; tries++) delay.failed('hanako', undefined, 1000)
    for (let tries = 0; tries < 19_000; tries++) delay.failed(`made-up-${tries}`, undefined, 1000)
    expect(delay.wait('hanako', undefined, 1000)).toBeGreaterThan(0)
  })
})

/** Of this cost; no password opens them. */
const stored = (memory: number, passes: number) => `$argon2id$v=19$m=${memory},t=${passes},p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** Two slow checks fill the lanes, a hundred quick ones the line behind them. */
function fillTheLine(more = 0): Promise<boolean>[] {
  const lanes = [verifyPassword('x', stored(65_536, 12)), verifyPassword('x', stored(65_536, 12))]
  return [...lanes, ...Array.from({ length: 100 + more }, () => verifyPassword('x', stored(64, 1)))]
}

describe('the line', () => {
  it('is bounded: more than it holds are turned away at once, and everybody in it is served', async () => {
    const settled = await Promise.allSettled(fillTheLine(28))
    const refused = settled.filter((one) => one.status === 'rejected')
    expect(refused.length).toBe(28)
    expect(refused.every((one) => one.status === 'rejected' && one.reason instanceof PasswordsBusy)).toBe(true)
    expect(await verifyPassword('after', await hashPassword('after'))).toBe(true)
  })

  it('over HTTP it is a page with 503 that keeps the name, and the try is not counted', async () => {
    const who = formBrowser(kit.issuer, { 'accept-language': 'en' })
    const page = await who.open(authorizeUrl(kit).url)
    const flood = fillTheLine()
    const turned = await who.press(page, 'login-submit', { username: 'hanako', password: kitPassword })
    expect(turned.status).toBe(503)
    expect(turned.headers.get('retry-after')).toBe('5')
    expect(turned.text).toContain('value="hanako"')
    await Promise.all(flood)
    expect((await who.press(turned, 'login-submit', { username: 'hanako', password: kitPassword })).text).toContain('id="consent-allow"')
  })
})

describe('stored passwords', () => {
  it('are compared after normalization: the same word typed on another keyboard is the same', async () => {
    expect(await verifyPassword('cafe\u0301', await hashPassword('caf\u00e9', randomBytes(16)))).toBe(true)
  })

  it('no stored text makes the check throw or open', async () => {
    const text = fc.oneof(
      fc.string({ maxLength: 120 }),
      fc.string({ maxLength: 40 }).map((more) => `$argon2id$v=19$m=64,t=1,p=1$${more}`),
      fc.constantFrom('$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA', '', '$argon2i$v=19$m=64,t=1,p=1$a$b'),
    )
    await fc.assert(
      fc.asyncProperty(text, async (odd) => {
        expect(await verifyPassword('password', odd)).toBe(false)
      }),
      { numRuns: 40 },
    )
  })
})
