// Test clients whose tickets a person gets: a device that is allowed elsewhere, and a sign-in that probes do not ask for again and again.
import { walk } from 'testkit'
import { decideAtPage, startDeviceKit } from 'testkit/device'
import { kitApi } from 'testkit/issuer'
import { expect, it, onTestFinished } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { DeviceView } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { startAppHouse } from './app-house.ts'
import { listen, notesApp, operations, quick } from './express-apis.ts'

async function openApi(): Promise<string> {
  const api = await listen(notesApp({ '/notes': undefined }))
  onTestFinished(api.close)
  return `${api.url}/notes`
}

it('a device: its code is shown to a person, and the ticket comes once it is allowed', async () => {
  const kit = await startDeviceKit()
  onTestFinished(() => kit.close())
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: kit.issuer, tokenEndpoint: `${kit.issuer}/token` }],
    clients: [{ id: 'tv', clientId: 'tv', kind: 'mobile', ticket: { from: 'device', scope: 'notes:read', resource: kitApi } }],
    subjects: ['user-hanako'],
    apis: [{ id: 'notes', url: await openApi(), privilege: 'low' }],
    operations,
  })
  const views: DeviceView[] = []
  const allowDevice = async (view: DeviceView) => {
    views.push(view)
    await decideAtPage(kit, { completeUri: view.verificationUriComplete! })
  }
  const seen = await observe(inventory, { pace: quick, only: ['AS1'], allowDevice })
  expect(views[0]?.userCode).toMatch(/^\S{8,}$/)
  expect(seen.issuers[0]).toMatchObject({ mode: 'dpop', token: 'jwt' })
  expect(JSON.stringify(seen)).not.toContain(views[0]!.userCode)
  // Where nobody can allow it, there is no ticket, and the report says why.
  const alone = await observe(inventory, { pace: quick, only: ['AS1'] })
  expect(alone.apis[0]?.baselineReason).toBe('no ticket: nobody allows the device')
})

it('a person signs in for tickets alone: the probes that need dozens of sign-ins are left out', async () => {
  const redirectUri = 'http://127.0.0.1:9/callback'
  const { inventory: house, notesUrl: url } = await startAppHouse(redirectUri)
  const inventory = parseInventory({
    ...house,
    apis: ['notes', 'again', 'once-more'].map((id) => ({ id, url, privilege: 'mid' as const })),
  })
  let signIns = 0
  const signIn = async (url: string) => {
    signIns += 1
    return { redirectedTo: (await walk(url, redirectUri)).href }
  }
  const seen = await observe(inventory, { pace: quick, signIn, signInBy: 'person' })
  expect(seen.apis[0]).toMatchObject({ baseline: 'good', rsEnforced: 'yes' })
  // For the ticket, and once to see whether there is one without a proof: not again at each API.
  expect(signIns).toBe(2)
  expect(seen.issuers[0]!.probes.some(({ probe }) => probe.startsWith('AZ-'))).toBe(false)
})
