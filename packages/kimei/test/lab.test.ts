// `kimei lab` as a process: the list, a theft with its wire, a lab that stays up, grades, and what wrong calls are told.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { displayWidth } from 'look'
import { describe, expect, it } from 'vitest'
import { emptyFolder, kimei, kimeiRunning, printed } from './run-kimei.ts'

describe('kimei lab', () => {
  it('lists its scenarios in columns that fit, in both languages, and whole as JSON', async () => {
    const cwd = emptyFolder()
    const { code, out } = await kimei(['lab', 'list', '--all', '--lang', 'ja'], { cwd })
    expect(code).toBe(0)
    expect(out).toMatch(/admin-exception\s+P0\s+API\s+管理用の API だけ例外/)
    for (const line of out.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(100)
    const rows = printed<{ id: string; key: string; without: string[] }[]>(await kimei(['lab', 'list', '--json'], { cwd }))
    expect(rows.find(({ id }) => id === 'dpop-jti-is-first-use')).toMatchObject({
      key: 'dpop+yes+yes+all_api+jti_no+mixed+confirmed',
      without: ['dpop.jti-is-first-use'],
    })
  })

  it('plays a theft with the wire and no secret on it, and the same against the repaired lab', async () => {
    const cwd = emptyFolder()
    const { code, out } = await kimei(['lab', 'attack', 'gateway-strips-binding', '--lang', 'en'], { cwd })
    expect(code).toBe(0)
    expect(out).toContain('✗ stolen')
    expect(out).toMatch(/> Authorization: DPoP \[sha256 [0-9a-f]{8}\]/)
    expect(out).not.toMatch(/eyJ[\w-]{10,}/)
    for (const line of out.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(100)
    const mended = printed(await kimei(['lab', 'attack', 'gateway-strips-binding', '--mended', '--json'], { cwd }))
    expect(mended).toMatchObject({ scenario: 'gateway-strips-binding', stolen: false, asTold: true })
  })

  it('grades the observer: a line for each, figures, exit code', async () => {
    const cwd = emptyFolder()
    const { code, out, err } = await kimei(['lab', 'grade', '--only', 'all-bearer,dpop-htm-is-request-method', '--json', '--progress'], {
      cwd,
    })
    expect(code).toBe(0)
    expect(err).toContain('2/2')
    expect(JSON.parse(out)).toMatchObject({ figures: { scenarios: 2, right: 2, falseAlarms: 0, precision: 1, recall: 1 } })
  })

  it('stays up with the switches it was given, and writes an inventory that kimei observe takes', async () => {
    const cwd = emptyFolder()
    const running = kimeiRunning(['lab', 'up', '--port', '0', '--exception', 'batch', '--inventory', 'lab.json', '--json'], { cwd })
    const [line] = await running.until(/^\{"event":"ready".*\}$/m)
    const ready = JSON.parse(line) as { page: string; api: string }
    expect((await (await fetch(ready.page)).text()).length).toBeGreaterThan(1000)
    expect((await fetch(`${ready.api}/batch`, { method: 'POST' })).headers.get('kimei-lab')).toContain('binding.named-token-is-not-bearer')
    expect(JSON.parse(readFileSync(join(cwd, 'lab.json'), 'utf8'))).toMatchObject({ clients: [{ id: 'api' }] })
    const { code, out } = await kimei(['observe', 'lab.json', '--json'], { cwd })
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ bindingKeyPosture: 'mixed+yes+partial+partial_api+jti_yes+server+confirmed' })
    expect((await running.stop()).code).toBe(0)
  })

  it('SEED-TB-62: refuses to start with an unknown mode, and prints the three values; other wrong calls say what is right', async () => {
    const cwd = emptyFolder()
    const said = async (...args: string[]) => {
      const { code, err } = await kimei(['lab', ...args], { cwd })
      expect(code).toBe(2)
      return err
    }
    expect(await said('up', '--mode', 'dopp')).toContain('"dopp" is none of bearer, dpop, mtls')
    expect(await said('up', '--exception', 'orders', '--exception', 'foo')).toContain(
      '"foo" is none of admin, payments, orders, graphql, batch',
    )
    expect(await said('up', '--without', 'x.y')).toContain('no rule x.y')
    expect(await said('up', 'all-named', '--mode', 'dpop')).toContain('a scenario has its own switches')
    expect(await said('attack', 'no-such')).toContain('kimei lab list --all')
    expect(await said('attack')).toContain('name a scenario')
    expect(await said('sing')).toContain('none of list, up, attack, grade')
    expect(await said('grade', '--only', 'nope')).toContain('"nope"')
  })
})
