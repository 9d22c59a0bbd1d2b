// `kimei doctor` as a person calls it: what it prints, its JSON, its exit codes.

import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { emptyFolder, kimei } from './run-kimei.ts'

it('says what is wrong and which line to change, in both languages, and for programs', async () => {
  const cwd = emptyFolder()
  const server = createServer((_request, response) => {
    response
      .setHeader('Content-Type', 'application/json')
      .end(JSON.stringify({ issuer: 'http://issuer:8080', token_endpoint: 'http://issuer:8080/token' }))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  writeFileSync(join(cwd, 'nginx.conf'), 'server {\n  location / { proxy_pass http://issuer:8080; }\n}\n')
  const said = await kimei(['doctor', url, '--proxy', 'nginx.conf'], { cwd })
  expect([said.code, said.err]).toEqual([1, ''])
  expect(said.out).toMatch(/✗ wrong +metadata +http:\/\/issuer:8080/)
  expect(said.out.split('\n').filter((line) => line.length > 100)).toEqual([])
  expect((await kimei(['doctor', url, '--lang', 'ja'], { cwd })).out).toMatch(/✗ 悪い +メタデータ/)
  const json = JSON.parse((await kimei(['doctor', url, '--json', '--proxy', 'nginx.conf'], { cwd })).out) as {
    kind: string
    proxies: { at: string }[]
  }
  expect(json.kind).toBe('issuer')
  expect(json.proxies.every(({ at }) => at.startsWith('nginx.conf'))).toBe(true)
})

it('wrong calls are 2, and nobody there is 3', async () => {
  const cwd = emptyFolder()
  for (const args of [
    [],
    ['ftp://x'],
    ['http://127.0.0.1:9', '--proxy', 'none.conf'],
    ['http://127.0.0.1:9', '--api', '--issuer'],
    ['http://127.0.0.1:9', '--inside', 'x'],
  ]) {
    expect((await kimei(['doctor', ...args], { cwd })).code, args.join(' ')).toBe(2)
  }
  const { code, out } = await kimei(['doctor', 'http://127.0.0.1:1'], { cwd })
  expect([code, out]).toEqual([3, expect.stringMatching(/✗ wrong +answer/)])
})
