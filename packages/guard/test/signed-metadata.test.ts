// Metadata that a pinned party signed: what is signed counts, and nothing else (RFC 8414 §2.1).
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fixedClock, flipSignature, type WireKey, wireJwt, wireKey } from 'testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { KeysUnavailable, parseGuardConfig } from '../src/index.ts'
import { makeKeySource } from '../src/keys/make-key-source.ts'
import { closeServer, publicKey } from './guarded-api.ts'

const attester = 'https://federation.example'
const pinned = wireKey('ES256', 'federation-1')
const signing = wireKey('ES256', 'issuer-1')
const planted = wireKey('ES256', 'planted')

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await closeServer(server)
})

type Document = Record<string, unknown>

/** An issuer whose plain metadata leads to planted keys; `sign` says what it carries beside. */
async function startIssuer(sign: (url: string) => unknown): Promise<string> {
  const server = createServer((request, response) => {
    const keys = request.url === '/jwks' ? signing : request.url === '/planted' ? planted : undefined
    if (keys) response.end(JSON.stringify({ keys: [publicKey(keys)] }))
    else response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/planted`, signed_metadata: sign(url) }))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return url
}

const signed = (claims: Document, key: WireKey = pinned, header: Document = {}) =>
  wireJwt({ alg: 'ES256', kid: pinned.kid, ...header }, { iss: attester, ...claims }, key)
const sound = (url: string): Document => ({ issuer: url, jwks_uri: `${url}/jwks` })

async function keyIds(url: string, pin = true): Promise<string[]> {
  const metadataSignedBy = { issuer: attester, jwks: { keys: [publicKey(pinned)] } }
  const keys = { from: 'issuer' as const, ...(pin && { metadataSignedBy }) }
  const config = parseGuardConfig({
    issuer: url,
    resource: 'https://api.example/',
    keys,
    routes: [{ policy: 'required', path: '/' }],
  } as never)
  const source = makeKeySource(config, { clock: fixedClock() })
  const found = await Promise.all(['issuer-1', 'planted'].map(async (kid) => ((await source.keyFor({ kid, alg: 'ES256' })) ? [kid] : [])))
  return found.flat()
}

describe('where the signer is pinned', () => {
  it('META-2-02: signed values take the place of plain ones', async () => {
    expect(await keyIds(await startIssuer((url) => signed(sound(url))))).toEqual(['issuer-1'])
  })

  it('META-2-02: what is not signed stays as it is plain', async () => {
    expect(await keyIds(await startIssuer((url) => signed({ issuer: url })))).toEqual(['planted'])
  })

  it.each<[string, (url: string) => unknown, string]>([
    ['bad signature', (url) => flipSignature(signed(sound(url))), 'token.signature-verifies'],
    ['a key of somebody else', (url) => signed(sound(url), planted), 'token.signature-verifies'],
    ['a key nobody pinned', (url) => signed(sound(url), planted, { kid: 'planted' }), 'token.key-is-known'],
    ['alg none', (url) => signed(sound(url), pinned, { alg: 'none' }), 'token.alg-is-asymmetric'],
    ['an embedded key', (url) => signed(sound(url), planted, { jwk: planted.publicJwk }), 'token.key-is-not-in-header'],
    ['no iss', (url) => signed({ ...sound(url), iss: undefined }), 'signed-metadata.iss-is-the-signer'],
    ['another iss', (url) => signed({ ...sound(url), iss: 'https://elsewhere.example' }), 'signed-metadata.iss-is-the-signer'],
    ['nothing signed', () => undefined, 'signed-metadata.is-there'],
    ['no JWT', () => 'signed', 'jose.is-compact'],
    ['for another issuer', () => signed(sound('https://elsewhere.example')), 'speaks for another issuer'],
  ])('META-2-02: the metadata is discarded, and nobody is let in by planted keys: %s', async (_title, sign, why) => {
    const asked = keyIds(await startIssuer(sign))
    await expect(asked).rejects.toThrow(KeysUnavailable)
    await expect(asked).rejects.toThrow(why)
  })
})

it('META-2-02: where nobody is pinned, signed_metadata is not looked at', async () => {
  expect(await keyIds(await startIssuer((url) => signed(sound(url))), false)).toEqual(['planted'])
})
