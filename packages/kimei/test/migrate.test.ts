// `kimei migrate` on the command line: files, addresses, exit codes, and an address that is only read.

import { truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type IssuerConfigInput, parseIssuerConfig } from '@kimei/server'
import { startIssuerKit } from 'testkit/issuer'
import { expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { emptyFolder, kimei, printed } from './run-kimei.ts'

const request = 'https://id.example/authorize?response_type=token&client_id=a&resource=r'

it('SEED-O21-27: findings in both languages and as JSON, exit 1', async () => {
  const cwd = emptyFolder()
  const english = await kimei(['migrate', request], { cwd })
  expect(english).toMatchObject({ code: 1, err: '' })
  expect(english.out).toMatch(/high .*\?response_type = token .*implicit flow/)
  expect((await kimei(['migrate', request, '--lang', 'ja'], { cwd })).out).toMatch(/暗黙フロー/)
  const json = printed<{ findings: object[] }[]>(await kimei(['migrate', '--json', request], { cwd }))
  expect(json[0]?.findings[0]).toMatchObject({ id: 'implicit-is-gone', severity: 'high', at: '?response_type' })
})

it('what cannot be read is said of each file, exit 2; the others are still checked', async () => {
  const cwd = emptyFolder()
  writeFileSync(join(cwd, 'cut.json'), '{"realm": "a", "clients": [')
  writeFileSync(join(cwd, 'huge.json'), '')
  truncateSync(join(cwd, 'huge.json'), 50 * 1024 * 1024)
  const ran = await kimei(['migrate', 'cut.json', 'huge.json', 'none.json', '.', request], { cwd })
  expect(ran.code).toBe(2)
  expect(ran.err).toMatch(/cut\.json: it is cut off/)
  expect(ran.err).toMatch(/huge\.json: it is larger than 20 MiB/)
  expect(ran.err).toMatch(/none\.json: there is no such file/)
  expect(ran.err).toMatch(/\.: it is a folder/)
  expect(ran.out).toMatch(/implicit flow/)
})

it('nothing is fetched from a host that was not named, nor by http from afar', async () => {
  const cwd = emptyFolder()
  const [unnamed, plain] = await Promise.all([
    kimei(['migrate', 'https://id.example/.well-known/openid-configuration'], { cwd }),
    kimei(['migrate', 'http://id.example/.well-known/openid-configuration', '--allow-host', 'id.example'], { cwd }),
  ])
  expect(unnamed).toMatchObject({ code: 2, out: '\n' })
  expect(unnamed.err).toMatch(/--allow-host id\.example is needed/)
  expect(plain.err).toMatch(/https alone/)
})

it('metadata over HTTP: a redirect is not followed, an error is said', async () => {
  const cwd = emptyFolder()
  const server = createServer((asked, answer) => {
    if (asked.url === '/moved') answer.writeHead(302, { location: '/' }).end()
    else
      answer
        .writeHead(asked.url === '/good' ? 200 : 404)
        .end('{"issuer":"https://id.example","token_endpoint":"https://id.example/token","dpop_signing_alg_values_supported":["ES256"]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await kimei(['migrate', `${at}/good`], { cwd })).toMatchObject({ code: 0, err: '' })
  const ran = await kimei(['migrate', `${at}/moved`, `${at}/gone`], { cwd })
  expect(ran.code).toBe(2)
  expect(ran.err).toMatch(/moved: nobody answers as expected/)
  expect(ran.err).toMatch(/gone: it answers 404/)
})

it('metadata of a Kimei issuer has nothing to find', async () => {
  const kit = await startIssuerKit()
  onTestFinished(() => kit.close())
  const ran = await kimei(['migrate', `${kit.issuer}/.well-known/openid-configuration`], { cwd: emptyFolder() })
  expect(ran).toMatchObject({ code: 0, err: '' })
})

it('SEED-O21-26, SEED-O21-27: --write prints clients that the issuer takes, and says what was changed', async () => {
  const cwd = emptyFolder()
  const shop = {
    client_id: 'shop',
    client_name: 'Shop # 1',
    token_endpoint_auth_method: 'none',
    grant_types: ['implicit', 'refresh_token'],
    redirect_uris: ['https://shop.example/cb', 'https://*.shop.example/cb\n# x: y'],
    scope: 'openid offline_access',
  }
  const job = { client_id: 'job', client_secret: 'hunter2', grant_types: ['client_credentials'], redirect_uris: [], scope: 'openid' }
  writeFileSync(join(cwd, 'clients.json'), JSON.stringify([shop, job]))
  const { out, code } = await kimei(['migrate', '--write', 'clients.json'], { cwd })
  expect(code).toBe(1)
  expect(out).toMatch(/# changed: implicit flow/)
  expect(out).toMatch(/# left out: the redirect URI https:\/\/\*\.shop\.example\/cb\?# x: y/)
  expect(out).toMatch(/# add: secretHashes/)
  expect(out).not.toContain('hunter2')
  const { clients } = parse(out) as { clients: Record<string, unknown>[] }
  expect(clients.map(({ clientId, kind, grants }) => [clientId, kind, grants])).toEqual([
    ['shop', 'spa', ['authorization_code', 'refresh_token']],
    ['job', 'server', ['client_credentials']],
  ])
  const secretHashes = ['n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg']
  const apis = [{ identifier: 'https://api.example/', name: 'API', scopes: ['notes'] }]
  const [web, program] = clients
  const config = {
    issuer: 'https://id.example',
    apis,
    scopes: [{ scope: 'notes', description: 'Notes' }],
    clients: [web, { ...program, secretHashes, scopes: ['notes'], apis: ['https://api.example/'] }],
  }
  expect(parseIssuerConfig(config as IssuerConfigInput).clients.map(({ clientId }) => clientId)).toEqual(['shop', 'job'])
})
