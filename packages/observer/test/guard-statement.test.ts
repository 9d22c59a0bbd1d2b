// The signed statement of a guard as evidence: pinned key, expiry, what it says for each API; it is compared, and confirms nothing.
import { generateKeyPairSync } from 'node:crypto'
import { createGuard } from '@kimei/guard'
import { Misuse } from '@kimei/protocol'
import { createMemoryReplay } from '@kimei/storage/memory'
import { expect, it } from 'vitest'
import { makeStatements } from '../../guard/src/statement/guard-statement.ts'
import { type EvidenceOptions, knownPlaces, readEvidence } from '../src/evidence/index.ts'
import { parseInventory } from '../src/inventory/inventory.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = privateKey.export({ format: 'jwk' }) as { kty: 'EC'; crv: string; x: string; y: string; d: string }
const { d: _, ...publicJwk } = jwk

const places = knownPlaces(
  parseInventory({
    version: 1,
    contact: 'tests@example.com',
    consent: { grantedBy: 'us', until: '2099-01-01', hosts: ['id.example', 'notes.example'] },
    issuers: [{ id: 'main', url: 'https://id.example', tokenEndpoint: 'https://id.example/token' }],
    clients: [{ id: 'job', clientId: 'job', ticket: { from: 'client-credentials' } }],
    apis: [
      { id: 'notes', url: 'https://notes.example/notes', privilege: 'mid' },
      { id: 'report', url: 'https://notes.example/report', privilege: 'low' },
    ],
  }),
)

const statements = await makeStatements({
  guard: createGuard(
    {
      issuer: 'https://id.example',
      resource: 'https://notes.example/',
      keys: { from: 'static', jwks: { keys: [publicJwk] } },
      routes: [
        { path: '/notes', policy: 'required', nonce: 'required' },
        { path: '/report', policy: 'optional', reason: 'half of the apps are moving' },
        { path: '/health', policy: 'public' },
      ],
    },
    { replay: createMemoryReplay(), clock: () => 1000, random: (bytes) => new Uint8Array(bytes), audit: () => undefined },
  ),
  policy: { issuer: 'https://id.example', replicas: 3, usedProofs: 'process' },
  key: { alg: 'ES256', publicJwk: publicJwk as never, privateJwk: jwk as never, kid: 'k' },
  lifetimeSeconds: 300,
  random: (bytes) => new Uint8Array(bytes),
})
const jwt = await statements.sign(1000)

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
const read = (text: string, more: EvidenceOptions = {}) =>
  readEvidence('statement.jwt', bytes(text), { places, key: publicJwk, now: 1100, ...more })

it('SEED-TB-47: says for each API what the guard declares', async () => {
  const found = await read(`${jwt}\n`)
  expect([found.kind, found.label]).toEqual(['guard-statement', 'declared'])
  expect(found.statements.map(({ at, about, says }) => [at, about, says])).toEqual([
    ['notes', 'binding', 'demanded'],
    ['notes', 'nonce', 'demanded'],
    ['report', 'binding', 'optional'],
    [undefined, 'binding', 'absent'],
    [undefined, 'replay', 'weak'],
  ])
})

it('one that has expired tells nothing any more', async () => {
  const late = await read(jwt, { now: 1400 })
  expect(late.statements.filter(({ about }) => about === 'binding').map(({ says }) => says)).toEqual([
    'cannot-tell',
    'cannot-tell',
    'cannot-tell',
  ])
  expect(late.notes[0]?.en).toMatch(/expired/)
})

it('without a pinned key, with another one, changed, or without a signature it is refused', async () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
  const [head, body, signature] = jwt.split('.')
  const lax = Buffer.from(Buffer.from(body!, 'base64url').toString().replace('"refused"', '"taken"')).toString('base64url')
  const none = Buffer.from('{"alg":"none","typ":"kimei-guard-statement+jwt"}').toString('base64url')
  const tries: readonly (readonly [string, EvidenceOptions, RegExp])[] = [
    [jwt, { key: undefined }, /pin its public key/],
    [jwt, { key: other as never }, /not of the pinned key/],
    [jwt, { key: { kty: 'EC', crv: 'P-256', x: 'x' } }, /not of the pinned key/],
    [`${head}.${lax}.${signature}`, {}, /not of the pinned key/],
    [`${none}.${body}.`, {}, /algorithm that is not taken/],
  ]
  for (const [text, more, says] of tries) {
    await expect(read(text, more)).rejects.toThrow(says)
    await expect(read(text, more)).rejects.toThrow(Misuse)
  }
})
