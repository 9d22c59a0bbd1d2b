// Every configuration of docs/operate/behind-a-terminator.md is one that Kimei takes, and every format has its place there.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseGuardConfig } from '@kimei/guard'
import { parseGuardFile } from '@kimei/guard/proxy'
import { forwardedFormatNames, forwardingRules } from '@kimei/protocol'
import { selfSigned } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { withGuardTexts } from '../src/serve/pem-files.ts'
import { checkServeConfig } from '../src/serve/serve-config.ts'
import { blocksOf, withChanges } from './operate-page.ts'

const page = readFileSync(new URL('../../../docs/operate/behind-a-terminator.md', import.meta.url), 'utf8')
const twin = readFileSync(new URL('../../../docs/operate/behind-a-terminator.ja.md', import.meta.url), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'kimei-operate-'))

beforeAll(() => {
  writeFileSync(join(folder, 'hop-secret.txt'), 'correct-horse-battery-staple-0123456789\n')
  writeFileSync(join(folder, 'hop.pem'), selfSigned('hop').cert)
  const serving = selfSigned('id', 'id.example')
  writeFileSync(join(folder, 'server.pem'), serving.cert)
  writeFileSync(join(folder, 'server.key'), serving.key)
})
afterAll(() => rmSync(folder, { recursive: true }))

const taken = (block: string) => {
  const { certificates } = parse(block) as { certificates: unknown }
  const guard = {
    issuer: 'https://id.example',
    resource: 'https://notes.example/',
    routes: [{ path: '/notes', policy: 'required' }],
    certificates,
  }
  return parseGuardConfig((withGuardTexts({ guard }, folder) as { guard: unknown }).guard).certificates
}

describe('docs/operate/behind-a-terminator.md', () => {
  it.each(['Envoy', 'Traefik', 'AWS Application Load Balancer', 'CloudFront', 'Cloudflare'])(
    '%s: what Kimei is told is taken',
    (heading) => {
      const blocks = blocksOf(heading, 'yaml').filter((block) => block.startsWith('certificates:'))
      expect(blocks).toHaveLength(1)
      expect(taken(blocks[0]!)).toMatchObject({ from: 'header' })
    },
  )

  it('what terminators without a test of their own are told is at least YAML or JSON', () => {
    for (const heading of ['Envoy', 'Traefik']) for (const block of blocksOf(heading, 'yaml')) expect(parse(block)).toBeTypeOf('object')
    for (const heading of ['CloudFront', 'Cloudflare'])
      for (const block of blocksOf(heading, 'json')) expect(JSON.parse(block)).toBeTypeOf('object')
  })

  it('the block at its head and the file of the issuer are taken', () => {
    const [head] = /^```yaml\n(certificates:[\s\S]*?)^```$/m.exec(page)?.slice(1) ?? []
    expect(taken(head!)).toMatchObject({ format: 'rfc9440' })
    const [issuer] = blocksOf('The issuer behind a terminator', 'yaml')
    expect(() => checkServeConfig(parse(withChanges(issuer!, { 'hop-secret.txt': 'hop-secret.txt' })), folder)).not.toThrow()
  })

  it('says the same in Japanese: the same configurations, the same formats and rules', () => {
    const blocks = (text: string): string[] => [...text.matchAll(/^```\w+\n[\s\S]*?^```$/gm)].map(([block]) => block)
    expect(blocks(twin)).toEqual(blocks(page))
    const named = (text: string): string[] => [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name)
    expect(named(twin)).toEqual(named(page))
  })

  it('names every format and every rule', () => {
    for (const format of forwardedFormatNames) expect(page, format).toContain(`| \`${format}\` |`)
    const rules = Object.keys(forwardingRules.rules).filter((rule) => rule !== 'certificate-header.comes-from-the-terminator')
    for (const rule of rules) expect(page, rule).toContain(`| \`${rule}\` |`)
  })
})

describe('docs/how-to/enforce-certificates-at-an-api.md', () => {
  it('its file is one that the guard takes', () => {
    const text = readFileSync(new URL('../../../docs/how-to/enforce-certificates-at-an-api.md', import.meta.url), 'utf8')
    const [block = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(text)?.slice(1) ?? []
    expect(parseGuardFile(parse(block)).guard.routes.map((route) => ('constraint' in route ? route.constraint : undefined))).toEqual([
      undefined,
      'both',
    ])
  })
})

describe('the doors of an issuer behind a terminator', () => {
  const file = (listen: object, hop: object) => ({
    issuer: 'https://id.example',
    mtls: { url: 'https://id.example:9443', certificates: { from: 'header', hop } },
    listen,
  })
  const mistakes = (listen: object, hop: object): string => {
    try {
      checkServeConfig(file(listen, hop), folder)
      return ''
    } catch (error) {
      return String((error as Error).message)
    }
  }
  const peers = ['127.0.0.1']
  const socket = { path: 'issuer.sock' }
  const mtls = { certFile: 'server.pem', keyFile: 'server.key' }

  it('CERT-4-01: fit the way in which it proves itself, or are refused', () => {
    const hops = {
      secret: { by: 'shared-secret', peers, secret: { file: 'hop-secret.txt' } },
      certificate: { by: 'mutual-tls', peers, certificates: [{ file: 'hop.pem' }] },
      socket: { by: 'unix-socket' },
    }
    expect(mistakes({}, hops.secret)).toBe('')
    expect(mistakes({ mtls }, hops.certificate)).toBe('')
    expect(mistakes({ socket }, hops.socket)).toBe('')
    expect(mistakes({}, hops.certificate)).toMatch(/add listen\.mtls, which asks for one/)
    expect(mistakes({}, hops.socket)).toMatch(/listen\.socket is not there/)
    expect(mistakes({ socket }, hops.secret)).toMatch(/nobody has an address/)
    expect(mistakes({ mtls }, hops.secret)).toMatch(/no issuer says mtls\.url with certificates from the connection/)
  })
})
