// `kimei lab`: the list, a theft with its wire, grades, a lab that stays up, and what wrong calls are told.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { displayWidth } from 'look'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../src/command/run-command.ts'
import { emptyFolder, kimeiRunning, type Ran } from './run-kimei.ts'

/** In this process: the lab itself is what takes time to load. */
async function run(...args: string[]): Promise<Ran> {
  let [out, err] = ['', '']
  const code = await runCommand(['lab', ...args], {
    colour: false,
    interactive: false,
    width: 80,
    say: (text = '') => {
      out += `${text}\n`
    },
    note: (text) => {
      err += `${text}\n`
    },
    paint: (_colour, text) => text,
  })
  return { code, out, err }
}

describe('kimei lab', { timeout: 120_000 }, () => {
  it('lists its scenarios in columns that fit, in both languages, and whole as JSON', async () => {
    const { code, out } = await run('list', '--all', '--lang', 'ja')
    expect(code).toBe(0)
    expect(out).toMatch(/admin-exception\s+P0\s+API\s+管理用の API だけ例外/)
    for (const line of out.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(100)
    const rows = JSON.parse((await run('list', '--json')).out) as { id: string }[]
    expect(rows.find(({ id }) => id === 'dpop-jti-is-first-use')).toMatchObject({
      key: 'dpop+yes+yes+all_api+jti_no+mixed+confirmed',
      without: ['dpop.jti-is-first-use'],
    })
  })

  it('plays a theft with the wire and no secret on it, and the same against the repaired lab', async () => {
    const { code, out } = await run('attack', 'gateway-strips-binding', '--lang', 'en')
    expect(code).toBe(0)
    expect(out).toContain('✗ stolen')
    expect(out).toMatch(/> Authorization: DPoP \[sha256 [0-9a-f]{8}\]/)
    expect(out).not.toMatch(/eyJ[\w-]{10,}/)
    for (const line of out.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(100)
    const mended = await run('attack', 'gateway-strips-binding', '--mended', '--json')
    expect(JSON.parse(mended.out)).toMatchObject({ scenario: 'gateway-strips-binding', stolen: false, asTold: true })
  })

  it('grades the observer: a line for each, figures, exit code', async () => {
    const { code, out, err } = await run('grade', '--only', 'all-bearer,dpop-htm-is-request-method', '--json', '--progress')
    expect(code).toBe(0)
    expect(err).toContain('2/2')
    expect(JSON.parse(out)).toMatchObject({ figures: { scenarios: 2, right: 2, falseAlarms: 0, precision: 1, recall: 1 } })
  })

  it('SEED-TB-62: refuses to start with an unknown mode, and prints the three values; other wrong calls say what is right', async () => {
    const said = async (...args: string[]) => {
      const { code, err } = await run(...args)
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

  it('stays up with the switches it was given, and writes an inventory that the observer takes', async () => {
    const cwd = emptyFolder()
    const running = kimeiRunning(['lab', 'up', '--port', '0', '--exception', 'batch', '--inventory', 'lab.json', '--json'], { cwd })
    const [line] = await running.until(/^\{"event":"ready".*\}$/m)
    const ready = JSON.parse(line) as { page: string; api: string }
    expect((await (await fetch(ready.page)).text()).length).toBeGreaterThan(1000)
    expect((await fetch(`${ready.api}/batch`, { method: 'POST' })).headers.get('kimei-lab')).toContain('binding.named-token-is-not-bearer')
    const { observe, parseInventory } = await import('@kimei/observer')
    const inventory = parseInventory(JSON.parse(readFileSync(join(cwd, 'lab.json'), 'utf8')))
    expect(inventory.clients.map(({ id }) => id)).toEqual(['api'])
    const { posture } = await observe(inventory, { pace: { requestsPerSecond: 5000 } })
    expect(posture).toMatchObject({ mode: 'mixed', as_enforced: 'yes', rs_enforced: 'partial', coverage: 'partial_api' })
    expect((await running.stop()).code).toBe(0)
  })
})
