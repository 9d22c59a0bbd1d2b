// `kimei observe init` and `kimei observe evidence` as a person calls them.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { emptyFolder, kimei } from './run-kimei.ts'

const openApi = `openapi: 3.1.0
servers: [{ url: https://notes.example }]
paths:
  /notes: { get: { security: [{ oauth: [notes:read] }] } }
components: { securitySchemes: { oauth: { type: oauth2, flows: { clientCredentials: { tokenUrl: https://id.example/token } } } } }
`

describe('kimei observe init', () => {
  it('writes a new file, says on which lines something is left to fill in, and never writes over one', async () => {
    const cwd = emptyFolder()
    writeFileSync(join(cwd, 'openapi.yaml'), openApi)
    const first = await kimei(['observe', 'init', 'openapi.yaml'], { cwd })
    expect([first.code, first.err]).toEqual([0, ''])
    const text = readFileSync(join(cwd, 'kimei-observe.yaml'), 'utf8')
    const line = text.split('\n').findIndex((one) => one.startsWith('    clientId:')) + 1
    expect(first.out).toMatch(new RegExp(`line ${line} +clients\\.0\\.clientId`))
    expect(first.out).toContain('kimei observe --dry-run kimei-observe.yaml')
    const again = await kimei(['observe', 'init', 'openapi.yaml'], { cwd })
    expect([again.code, again.err]).toEqual([3, expect.stringContaining('is there already')])
    expect(readFileSync(join(cwd, 'kimei-observe.yaml'), 'utf8')).toBe(text)
    const dry = await kimei(['observe', '--dry-run', 'kimei-observe.yaml'], { cwd })
    expect(dry.err).toMatch(/kimei-observe\.yaml:\d+: contact: /)
    const filled = text
      .replace('contact: ""', 'contact: me@example.com')
      .replace('grantedBy: ""', 'grantedBy: us')
      .replace('until: ""', 'until: 2099-01-01')
      .replace('clientId: ""', 'clientId: me')
    writeFileSync(join(cwd, 'kimei-observe.yaml'), filled)
    const plan = await kimei(['observe', '--dry-run', 'kimei-observe.yaml'], { cwd })
    expect([plan.code, plan.err]).toEqual([0, ''])
    expect(plan.out).toContain('notes.example')
  })

  it('what cannot be read is named in a sentence, and nothing is written', async () => {
    const cwd = emptyFolder()
    writeFileSync(join(cwd, 'x.txt'), 'hello: world\n')
    const { code, err } = await kimei(['observe', 'init', 'x.txt'], { cwd })
    expect([code, err]).toEqual([3, expect.stringMatching(/x\.txt: it is none of the kinds/)])
    expect((await kimei(['observe', 'init', 'none.yaml'], { cwd })).err).toContain('there is no file none.yaml')
    expect(() => readFileSync(join(cwd, 'kimei-observe.yaml'))).toThrow()
  })
})

describe('SEED-TB-70: kimei observe evidence', () => {
  it('says what files say, packed or not, and that it proves nothing', async () => {
    const cwd = emptyFolder()
    const har = JSON.stringify({
      log: {
        entries: [
          {
            request: { method: 'GET', url: 'https://notes.example/notes', headers: [{ name: 'DPoP', value: 'a.b.c' }] },
            response: { status: 200 },
          },
        ],
      },
    })
    writeFileSync(join(cwd, 'a.har.gz'), gzipSync(har))
    writeFileSync(join(cwd, 'nginx.conf'), 'server {\n  listen 443 ssl;\n  ssl_verify_client optional;\n}\n')
    const { code, out, err } = await kimei(['observe', 'evidence', 'a.har.gz', 'nginx.conf'], { cwd })
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/none of it confirms/)
    expect(out).toMatch(/optional +certificate +nginx\.conf:3/)
    expect(out).toMatch(/does\s+not\s+mean\s+Bearer/)
    expect(out.indexOf('nginx.conf ')).toBeLessThan(out.indexOf('a.har.gz'))
    const json = JSON.parse((await kimei(['observe', 'evidence', 'a.har.gz', '--json'], { cwd })).out) as { kind: string }[]
    expect(json.map(({ kind }) => kind)).toEqual(['har'])
    const bad = await kimei(['observe', 'evidence', 'none.har'], { cwd })
    expect([bad.code, bad.err]).toEqual([3, expect.stringContaining('there is no file none.har')])
  })
})
