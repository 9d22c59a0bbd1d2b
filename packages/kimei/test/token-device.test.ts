// `kimei token --device`: the code is entered in a browser elsewhere, the ticket comes to this machine.
import { formBrowser } from 'testkit/browser'
import { decideAtPage, startDeviceKit } from 'testkit/device'
import type { IssuerKit } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyFolder, kimei, kimeiRunning } from './run-kimei.ts'

let kit: IssuerKit
beforeAll(async () => {
  kit = await startDeviceKit()
})
afterAll(() => kit.close())

const ask = () => ['token', '--device', '--issuer', kit.issuer, '--client', 'tv', '--scope', 'openid notes:read']

describe('kimei token --device', () => {
  it('DEV-3.5-02: shows address, grouped code and a picture, waits, and keeps the ticket for later calls', async () => {
    const cwd = emptyFolder()
    const running = kimeiRunning([...ask(), '--json'], { cwd })
    const [, userCode = ''] = await running.until(/\n {2}([A-Z]{4}-[A-Z]{4})\n/)
    await running.until(/Waiting for your answer there/)
    expect(running.text()).toContain(`\n  ${kit.issuer}/device\n`)
    expect(running.text()).toMatch(/[█▀▄]{10}/)
    await decideAtPage(kit, { completeUri: `${kit.issuer}/device?user_code=${userCode}` }, 'device-allow', formBrowser(kit.issuer))
    const { code, out, err } = await running.ended
    expect(code, err).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ clientId: 'tv', subject: 'user-hanako', scopes: ['openid', 'notes:read'], renewable: true })
    expect(err).toMatch(/\d+ min left/)
    expect(`${out}${err}`).not.toMatch(/eyJ\w{10}/)
    const called = await kimei(['call', '--json', `${kit.issuer}/userinfo`], { cwd })
    expect(`${called.out}${called.err}`).not.toContain('there is no ticket')
  })

  it('DEV-3.5-02: ends when the person refuses, and keeps nothing', async () => {
    const cwd = emptyFolder()
    const running = kimeiRunning(ask(), { cwd })
    const [, userCode = ''] = await running.until(/\n {2}([A-Z]{4}-[A-Z]{4})\n/)
    await decideAtPage(kit, { completeUri: `${kit.issuer}/device?user_code=${userCode}` }, 'device-deny', formBrowser(kit.issuer))
    const { code, err } = await running.ended
    expect(code).toBe(3)
    expect(err).toContain('access_denied')
    expect((await kimei(['call', 'https://api.example/'], { cwd })).err).toContain('there is no ticket')
  })

  it('does not go with a ticket of the client’s own', async () => {
    const { code, err } = await kimei([...ask(), '--grant', 'client-credentials'], { cwd: emptyFolder() })
    expect([code, err.includes('--device signs a person in')]).toEqual([2, true])
  })
})
