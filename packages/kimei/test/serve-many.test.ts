// `kimei serve` for several issuers: in one file, or one file each in a folder.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kindOfFile } from '../src/files/file-kinds.ts'
import { fileOf } from '../src/serve/issuer-sources.ts'
import { serveJsonSchema } from '../src/serve/serve-config.ts'
import { emptyFolder, kimei, kimeiRunning, printed } from './run-kimei.ts'
import { freePort } from './serve-kit.ts'

const issuerOf = async (url: string) => {
  const response = await fetch(`${url}/.well-known/openid-configuration`)
  return response.status === 200 ? ((await response.json()) as { issuer: string }).issuer : response.status
}

describe('in one file', () => {
  it('OIDC-16.15-3: each answers under its own host and path, with keys of its own', async () => {
    const cwd = emptyFolder()
    const port = await freePort()
    const [sales, shop] = [`http://127.0.0.1:${port}/sales`, `http://localhost:${port}`]
    writeFileSync(join(cwd, 'kimei.yaml'), `listen: { port: ${port} }\nissuers:\n  - issuer: ${sales}\n  - issuer: ${shop}\n`)
    expect((await kimei(['config', 'check', 'kimei.yaml'], { cwd })).out).toBe('kimei.yaml is good (issuer).\n')
    const serving = kimeiRunning(['serve'], { cwd })
    await serving.until(/server of 2 issuers listens on/)
    expect([await issuerOf(sales), await issuerOf(shop), await issuerOf(`http://127.0.0.1:${port}`)]).toEqual([sales, shop, 404])
    const keysOf = async (issuer: string) => {
      const listed = await kimei(['keys', 'list', '--json', '--issuer', issuer], { cwd })
      // Those that sign next are made behind the first requests.
      const keys = printed<{ kid: string; alg: string; state: string }[]>(listed)
      return keys.filter(({ alg, state }) => alg === 'ES256' && state === 'signing').map(({ kid }) => kid)
    }
    const published = JSON.parse(await (await fetch(`${sales}/jwks`)).text()) as { keys: { kid: string }[] }
    expect(published.keys.map(({ kid }) => kid)).toEqual(expect.arrayContaining(await keysOf(sales)))
    expect((await keysOf(shop)).some((kid) => published.keys.some((key) => key.kid === kid))).toBe(false)
    expect((await kimei(['keys', 'list'], { cwd })).err).toContain('several issuers are served here: say which with --issuer')
    expect((await kimei(['keys', 'list', '--issuer', `${sales}/x`], { cwd })).err).toContain(`there is no issuer ${sales}/x here`)
    expect((await serving.stop()).code).toBe(0)
    expect((await kimei(['keys', 'list', '--json', '--issuer', sales], { cwd })).code).toBe(0)
  })

  it('every mistake of every issuer is told at once', async () => {
    const cwd = emptyFolder()
    writeFileSync(
      join(cwd, 'kimei.yaml'),
      `scopes: []
warmIssuers: 0
issuers:
  - { issuer: 'https://id.example/a', lifetimes: { codeSeconds: 1 } }
  - { issuer: 'https://id.example/b', colour: red }
  - { issuer: 'https://id.example/b' }
  - { issuer: 'https://id.example/%41' }
`,
    )
    const checked = await kimei(['config', 'check', 'kimei.yaml'], { cwd })
    expect(checked.code).toBe(2)
    expect(checked.err).toContain('scopes: belongs to one issuer; where there are several, it stands with each of them')
    expect(checked.err).toContain('warmIssuers')
    writeFileSync(
      join(cwd, 'kimei.yaml'),
      `issuers:
  - { issuer: 'https://id.example/a', lifetimes: { codeSeconds: 1 } }
  - { issuer: 'https://id.example/b', colour: red }
  - { issuer: 'https://id.example/c' }
  - { issuer: 'https://id.example/c' }
  - { issuer: 'https://id.example/%41' }
  - 7
`,
    )
    const { err } = await kimei(['config', 'check', 'kimei.yaml'], { cwd })
    for (const said of [
      'issuers[0] (https://id.example/a): lifetimes.codeSeconds',
      'issuers[1] (https://id.example/b): the configuration: "colour" is not a known key',
      'issuers[3] (https://id.example/c): is declared twice',
      'issuers[4] (https://id.example/%41): issuer "https://id.example/%41" cannot share a process',
      'issuers[5]: ',
    ]) {
      expect(err).toContain(said)
    }
  })
})

describe('a file for each', () => {
  it('OIDC-16.15-3: is read when it is asked for: one that is broken is 503 alone, one that comes or goes needs no restart', async () => {
    const cwd = emptyFolder()
    const port = await freePort()
    const base = `http://127.0.0.1:${port}`
    const folder = join(cwd, 'issuers', `127.0.0.1_${port}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(cwd, 'kimei.yaml'), `listen: { port: ${port} }\nissuersFolder: issuers\n`)
    writeFileSync(`${folder}.yaml`, `issuer: ${base}\n`)
    writeFileSync(join(folder, 'sales.yaml'), `issuer: ${base}/sales\n`)
    writeFileSync(join(folder, 'broken.yaml'), `issuer: ${base}/broken\ncolour: red\n`)
    const checked = await kimei(['config', 'check', 'kimei.yaml'], { cwd })
    expect([checked.code, checked.err]).toEqual([2, expect.stringContaining('"colour" is not a known key')])
    const serving = kimeiRunning(['serve'], { cwd })
    await serving.until(/server of the issuers in .* listens on/)
    expect([await issuerOf(base), await issuerOf(`${base}/sales`), await issuerOf(`${base}/broken`)]).toEqual([base, `${base}/sales`, 503])
    expect([await issuerOf(`${base}/other`), await issuerOf(`${base}/..%2fsales`)]).toEqual([404, 404])
    writeFileSync(join(folder, 'late.yaml'), `issuer: ${base}/late\n`)
    expect(await issuerOf(`${base}/late`)).toBe(`${base}/late`)
    const told = await serving.stop()
    const faults = told.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; issuer: string })
      .filter(({ event }) => event === 'fault')
    expect(faults).toMatchObject([{ issuer: `${base}/broken` }])
    rmSync(join(folder, 'broken.yaml'))
    expect((await kimei(['config', 'check', 'kimei.yaml'], { cwd })).code).toBe(0)
    writeFileSync(join(folder, 'moved.yaml'), `issuer: ${base}/elsewhere\n`)
    expect((await kimei(['config', 'check', 'kimei.yaml'], { cwd })).err).toContain(`belongs into 127.0.0.1_${port}/elsewhere.yaml`)
  })

  it('where the folder is missing, or both ways are named, the start says so', async () => {
    const cwd = emptyFolder()
    writeFileSync(join(cwd, 'kimei.yaml'), 'issuersFolder: nowhere\n')
    expect((await kimei(['serve'], { cwd })).err).toContain('issuersFolder: there is no folder')
    writeFileSync(join(cwd, 'kimei.yaml'), "issuersFolder: .\nissuers: [{ issuer: 'https://id.example' }]\n")
    expect((await kimei(['serve'], { cwd })).err).toContain('issuers and issuersFolder exclude each other')
  })

  it('no name leads out of the folder', () => {
    expect(fileOf('/f', 'https://id.example:8443/a/b')).toBe('/f/id.example_8443/a/b.yaml')
    expect(fileOf('/f', 'https://id.example')).toBe('/f/id.example.yaml')
    expect(fileOf('/f', 'http://localhost:80/a')).toBe('/f/localhost_80/a.yaml')
    for (const name of [
      'https://../a',
      'https://id.example/../a',
      'https://id.example/a/..',
      'https://id.example/.hidden',
      'https://id.example//a',
      'https://id_example/a',
      'http://id.example/a',
      'https://localhost/a',
      'https://id.example/a%2fb',
      `https://id.example/${'a'.repeat(101)}`,
    ]) {
      expect([name, fileOf('/f', name)]).toEqual([name, undefined])
    }
  })
})

it('a file is known by what its issuers are', () => {
  expect(kindOfFile({ issuers: [{ issuer: 'https://id.example' }] })).toBe('issuer')
  expect(kindOfFile({ issuersFolder: 'x' })).toBe('issuer')
  expect(kindOfFile({ issuers: [{ id: 'AS1', url: 'https://id.example' }], contact: 'me' })).toBe('inventory')
  expect(kindOfFile({ issuers: [{ id: 'AS1' }] })).toBe('inventory')
})

it('the schema says that each of several is what one is', () => {
  const schema = serveJsonSchema() as {
    properties: Record<string, { items?: { properties: Record<string, unknown>; required: string[] } }>
    anyOf: unknown
  }
  expect(schema.properties['issuers']?.items?.required).toEqual(['issuer'])
  expect(schema.properties['issuers']?.items?.properties['clients']).toEqual({ $ref: '#/properties/clients' })
  expect(schema.anyOf).toEqual([{ required: ['issuer'] }, { required: ['issuers'] }, { required: ['issuersFolder'] }])
})
