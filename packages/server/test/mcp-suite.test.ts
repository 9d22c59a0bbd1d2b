// The independent MCP conformance suite, run as a program against an issuer of the profile mcp; a person signs in through the pages.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startCodeKit, walkForms } from 'testkit/code'
import { type IssuerKit, kitApi } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface SuiteCheck {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly errorMessage?: string
}

const program = resolve(import.meta.dirname, '../../../node_modules/.bin/conformance')

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address ? address.port : 0
}

let kit: IssuerKit
let port = 0
const folder = mkdtempSync(join(tmpdir(), 'kimei-mcp-'))
beforeAll(async () => {
  port = await freePort()
  kit = await startCodeKit({
    config: {
      profile: 'mcp',
      clients: [
        {
          clientId: 'agent',
          kind: 'mobile',
          name: 'Agent',
          redirectUris: ['http://127.0.0.1/callback'],
          scopes: ['openid', 'offline_access', 'notes:read'],
          apis: [kitApi],
          binding: { kind: 'optional', reason: 'clients of this protocol send no proofs yet' },
        },
      ],
    },
  })
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await kit.close()
})

/** Runs the scenarios for authorization servers to their end; whoever they ask to sign in does. */
async function run(): Promise<readonly SuiteCheck[]> {
  const output = await new Promise<string>((done, fail) => {
    const parts = ['authorization', '--url', kit.issuer, '--client-id', 'agent', '--resource', kitApi]
    const child = spawn(program, [...parts, '--port', String(port), '--output-dir', folder, '--verbose'], { timeout: 60_000 })
    let text = ''
    let walked = false
    const hear = (part: Buffer) => {
      text += part
      const url = /https?:\/\/\S+\/authorize\?[^\s"']+/.exec(text)?.[0]
      if (walked || !url) return
      walked = true
      walkForms(kit, url)
        .then(({ landed }) => fetch(landed))
        .catch(fail)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('error', fail)
    child.on('close', () => done(text))
  })
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('checks.json'))
  if (files.length === 0) throw new Error(`no report: ${output}`)
  return files.flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as SuiteCheck[])
}

describe('the MCP conformance suite', () => {
  it('MCP-DISC-02, MCP-RES-01, MCP-PKCE-01: every check for authorization servers succeeds', async () => {
    const checks = await run()
    expect(checks.length).toBeGreaterThan(2)
    expect(checks.filter(({ status }) => status !== 'SUCCESS')).toEqual([])
  })
})
