// Mistakes of a file that a person wrote are said with the line on which they stand, all at once.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Misuse } from '@kimei/protocol'
import { expect, it } from 'vitest'
import { fileKinds } from '../src/files/file-kinds.ts'
import { lineFinder } from '../src/files/mistake-lines.ts'
import { readYaml } from '../src/files/read-yaml.ts'
import { emptyFolder } from './run-kimei.ts'

const inventory = `# the inventory
version: 1
contact: security@example.com
consent: { grantedBy: us, until: 2099-01-01, hosts: [as.example.com] }
issuers:
  - id: main
    url: https://as.example.com
clients:
  - id: job
    clientId: job
    kind: web
    ticket: { from: client-credentials }
apis:
  - id: a
    url: https://elsewhere.example/x
    privilege: low
    clients: [nobody]
  - id: a
    url: https://as.example.com/y
    method: POST
    privilege: low
    headers: {}
`

async function mistakesOf(text: string): Promise<readonly string[]> {
  const path = join(emptyFolder(), 'kimei-observe.yaml')
  writeFileSync(path, text)
  try {
    await fileKinds.inventory.check(path, readYaml(path))
  } catch (error) {
    if (error instanceof Misuse) return error.mistakes.map((mistake) => mistake.replace(/^.*kimei-observe\.yaml/, ''))
    throw error
  }
  return []
}

it('SEED-TB-12, SEED-TB-14: every mistake of the shape has its line, all at once', async () => {
  expect(await mistakesOf(inventory)).toEqual([
    expect.stringMatching(/^:6: issuers\.0\.tokenEndpoint: /),
    expect.stringMatching(/^:11: clients\.0\.kind: /),
    expect.stringMatching(/^:22: apis\.1: "headers" is not a known key/),
  ])
})

it('mistakes between entries have theirs too', async () => {
  const shaped = inventory
    .replace('    url: https://as.example.com\n', '    url: https://as.example.com\n    tokenEndpoint: https://as.example.com/t\n')
    .replace('kind: web', 'kind: server')
    .replace('    headers: {}\n', '')
  expect(await mistakesOf(shaped)).toEqual([
    ':19: apis: id a is used twice',
    ':15: apis.a: no client nobody',
    expect.stringMatching(/^:15: apis\.a: POST would be sent/),
    expect.stringMatching(/^:16: apis\.a\.url: elsewhere\.example is not among/),
  ])
})

it('a place that is not of this file has no line, and nothing makes looking for it fail', () => {
  const lineOf = lineFinder(inventory)
  expect(lineOf('accepted.3: no API or issuer x')).toBeUndefined()
  expect(lineOf('apis.7.url: x')).toBeUndefined()
  expect(lineOf('nothing that names a place')).toBeUndefined()
  for (const text of ['', '- a\n- b\n', '{', 'a: &x [*x]', 'a: 1\na: 2\n']) expect(() => lineFinder(text)('a.0.b: x')).not.toThrow()
  expect(lineFinder('issuer: x\nclientz: []\n')('the configuration: "clientz" is not a known key')).toBe(2)
  expect(lineFinder('guard:\n  routes:\n    - path: /a\n    - path: /b\n')('routes[1].policy (/b): is missing')).toBe(4)
})
