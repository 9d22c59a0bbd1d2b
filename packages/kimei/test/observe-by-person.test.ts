// `kimei observe` with a test client whose ticket a person gets: the address is printed, the callback received on this machine.
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { formBrowser } from 'testkit/browser'
import { expect, it } from 'vitest'
import { emptyFolder, kimeiRunning, signInWithToken, startDev } from './run-kimei.ts'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

it('signs in where the printed address says, and judges the API with that ticket', async () => {
  const cwd = emptyFolder()
  const { ready } = await startDev(cwd)
  const { issuer, api, resource, user } = ready
  const { subject } = JSON.parse((await signInWithToken(cwd, ready, ['--json'])).out) as { subject: string }
  const inventory = {
    version: 1,
    contact: 'tests@example.com',
    pace: { requestsPerSecond: 50, requestsPerApi: 200, budget: 2000 },
    issuers: [{ id: 'demo', url: issuer, tokenEndpoint: `${issuer}/token` }],
    clients: [
      {
        id: 'app',
        clientId: 'demo-cli',
        kind: 'mobile',
        ticket: { from: 'sign-in', redirectUri: `http://127.0.0.1:${await freePort()}/callback`, scope: 'notes:read', resource },
      },
    ],
    subjects: [subject],
    apis: [{ id: 'notes', url: `${api}/notes`, privilege: 'mid', scope: 'notes:read', resource }],
  }
  writeFileSync(join(cwd, 'inventory.yaml'), JSON.stringify(inventory))
  const running = kimeiRunning(['observe', 'inventory.yaml', '--only', 'B1,K1', '--json'], { cwd })
  const browser = formBrowser(issuer)
  const opened = new Set<string>()
  const signInAll = async () => {
    for (;;) {
      const address = [...running.text().matchAll(/http:\/\/\S+\/authorize\?\S+/g)].map(([one]) => one).find((one) => !opened.has(one))
      if (address === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        continue
      }
      opened.add(address)
      let page = await browser.open(address)
      if (page.url.origin === issuer && opened.size === 1)
        page = await browser.press(page, 'login-submit', { username: user.username, password: user.password })
      if (page.url.origin === issuer) page = await browser.press(page, 'consent-allow')
      await (await fetch(page.url)).body?.cancel()
    }
  }
  const ended = await Promise.race([running.ended, signInAll()])
  const report = JSON.parse(ended!.out) as { apis: { baseline: string; probes: { probe: string; verdict: string }[] }[] }
  expect(report.apis[0]).toMatchObject({ baseline: 'good' })
  expect(report.apis[0]!.probes.filter(({ probe }) => probe === 'B1' || probe === 'K1').map(({ verdict }) => verdict)).toEqual([
    'holds',
    'holds',
  ])
  expect(opened.size).toBeLessThanOrEqual(4)
  expect(ended!.out + ended!.err).not.toMatch(/eyJ\w{10}|code=/)
})
