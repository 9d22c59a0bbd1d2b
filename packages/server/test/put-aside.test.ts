// What an issuer remembers when it is put aside for others and loaded again: guesses at second factors, and who was noted as in use.
import { hashPassword } from '@kimei/server'
import { formBrowser } from 'testkit/browser'
import { authorizeUrl, kitPassword } from 'testkit/code'
import { postForm } from 'testkit/issuer'
import { type IssuersKit, startIssuersKit } from 'testkit/issuers'
import { mfaLevel, totpAt, withSecondFactor } from 'testkit/levels'
import { afterAll, beforeAll, expect, it } from 'vitest'

let all: IssuersKit
let now = 1_800_000_000
beforeAll(async () => {
  all = await startIssuersKit({
    names: (port) => ['/a', '/b'].map((path) => `http://127.0.0.1:${port}${path}`),
    config: { registration: { mode: 'open' } },
    extend: withSecondFactor,
    clock: () => now,
    passwordHash: await hashPassword(kitPassword),
    warm: 1,
  })
})
afterAll(() => all.close())

const name = (path: string) => `http://127.0.0.1:${all.port}${path}`
/** Asks the other issuer: there is room for one. */
async function putAside(): Promise<void> {
  const loads = all.loaded.length
  await fetch(name('/b/jwks'))
  expect(all.loaded.length).toBe(loads + 1)
}

it('ASVS-6.3.1: whoever guesses one-time codes waits on, whatever became of the issuer meanwhile', async () => {
  const kit = await all.kit(name('/a'))
  const browser = formBrowser(kit.issuer)
  const entry = await browser.open(authorizeUrl(kit, { change: { acr_values: mfaLevel } }).url)
  let page = await browser.press(entry, 'login-submit', { username: 'hanako', password: kitPassword })
  for (let tries = 0; tries < 3; tries += 1) page = await browser.press(page, 'otp-submit', { otp: '000000' })
  page = await browser.press(page, 'otp-submit', { otp: totpAt(now) })
  expect(page.status).toBe(429)
  await putAside()
  expect((await browser.press(page, 'otp-submit', { otp: totpAt(now) })).status).toBe(429)
  now += 61
  expect((await browser.press(page, 'otp-submit', { otp: totpAt(now) })).text).toContain('id="consent-allow"')
})

it('DCR-3-01: a registered client is noted as in use once a day, not once for each time that its issuer is loaded', async () => {
  const kit = await all.kit(name('/a'))
  const answer = await fetch(`${kit.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://app.example/callback'], token_endpoint_auth_method: 'none' }),
  })
  const { client_id } = (await answer.json()) as { client_id: string }
  const use = async () => {
    await postForm(kit, '/token', { grant_type: 'authorization_code', code: 'unknown', client_id })
    return (await all.storage.records.registration(kit.issuer, client_id))?.lastUsedAt
  }
  now += 100
  const noted = await use()
  expect(noted).toBe(now)
  await putAside()
  now += 100
  expect(await use()).toBe(noted)
  now += 86_400
  expect(await use()).toBe(now)
})
