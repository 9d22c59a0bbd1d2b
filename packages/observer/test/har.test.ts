// Recorded traffic as evidence: streamed, bounded, cut off, packed; what was stripped at export is never taken for Bearer.
import { gzipSync } from 'node:zlib'
import { Misuse } from '@kimei/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeKey, writeJws } from '../src/edits/keys.ts'
import { proofPlan } from '../src/edits/plans.ts'
import { harReading } from '../src/evidence/har-statements.ts'
import { readElements } from '../src/evidence/json-elements.ts'
import { knownPlaces } from '../src/evidence/place-of.ts'
import { textPieces } from '../src/evidence/text-pieces.ts'
import { parseInventory } from '../src/inventory/inventory.ts'

const key = makeKey()
const api = 'https://api.example.com/notes'
const places = knownPlaces(
  parseInventory({
    version: 1,
    contact: 'tests@example.com',
    consent: { grantedBy: 'us', until: '2099-01-01', hosts: ['as.example.com', 'api.example.com'] },
    issuers: [{ id: 'main', url: 'https://as.example.com', tokenEndpoint: 'https://as.example.com/token' }],
    clients: [{ id: 'job', clientId: 'job', ticket: { from: 'client-credentials' } }],
    apis: [{ id: 'notes', url: api, privilege: 'mid' }],
  }),
)

const proof = (more: Partial<Parameters<typeof proofPlan>[0]> = {}) =>
  writeJws(proofPlan({ key, method: 'GET', url: api, now: 1000, jti: 'jti-1', nonce: undefined, ...more }))

interface Sent {
  readonly url?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly status?: number
  readonly answer?: Readonly<Record<string, string>>
  readonly body?: string
  readonly form?: string
}

const pairs = (record: Readonly<Record<string, string>> = {}) => Object.entries(record).map(([name, value]) => ({ name, value }))
const entry = ({ url = api, method = 'GET', headers, status = 200, answer, body, form }: Sent) => ({
  startedDateTime: '2027-01-01T00:00:00Z',
  request: {
    method,
    url,
    headers: pairs(headers),
    ...(form !== undefined && { postData: { mimeType: 'application/x-www-form-urlencoded', text: form } }),
  },
  response: { status, headers: pairs(answer), content: { mimeType: 'application/json', ...(body !== undefined && { text: body }) } },
})
const har = (...sent: Sent[]) => JSON.stringify({ log: { version: '1.2', pages: [{ id: 'entries' }], entries: sent.map(entry), x: [1] } })

async function* bytesOf(data: string | Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  const all = typeof data === 'string' ? Buffer.from(data) : data
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size)
}
const read = (data: string | Uint8Array, size?: number) => harReading('a.har', textPieces(bytesOf(data, size)), places)
const words = (reading: Awaited<ReturnType<typeof read>>) =>
  reading.statements.map(({ at, about, says, count }) => [at, about, says, count])

describe('SEED-TB-70: recorded traffic', () => {
  it('an export without credentials is never read as Bearer; proofs survive it', async () => {
    const bare = await read(har({}, { headers: { dpop: proof() } }))
    expect(words(bare)).toEqual([['notes', 'binding', 'seen', 1]])
    expect(bare.notes[0]?.en).toMatch(/does not mean Bearer/)
    const nothing = await read(har({}, {}))
    expect(nothing.statements).toEqual([])
    expect(nothing.label).toBe('passive')
  })

  it('Bearer is what was written, and both schemes at one place are said', async () => {
    const mixed = await read(har({ headers: { Authorization: 'Bearer abc' } }, { headers: { authorization: 'DPoP abc', DPoP: proof() } }))
    expect(words(mixed)).toEqual([['notes', 'binding', 'optional', 1]])
    expect(mixed.notes.some(({ en }) => /strip/.test(en))).toBe(false)
    expect(words(await read(har({ headers: { Authorization: '[redacted]' } })))).toEqual([])
  })

  it('a proof used twice, one for another target, a nonce that is asked for, and a key of two clients', async () => {
    const seen = await read(
      har(
        { headers: { DPoP: proof() } },
        { headers: { DPoP: proof() } },
        { headers: { DPoP: proof({ jti: 'jti-2', url: 'https://inner.example.com/notes' }) } },
        { status: 401, answer: { 'WWW-Authenticate': 'DPoP error="use_dpop_nonce"', 'DPoP-Nonce': 'n' } },
        { headers: { DPoP: 'not.a.proof' } },
        ...['one', 'two'].map((client) => ({
          method: 'POST',
          url: 'https://as.example.com/token',
          headers: { DPoP: proof({ jti: client, method: 'POST', url: 'https://as.example.com/token' }) },
          form: `grant_type=client_credentials&client_id=${client}`,
        })),
      ),
    )
    expect(words(seen)).toEqual([
      ['main', 'issuance', 'cannot-tell', 2],
      ['notes', 'binding', 'seen', 4],
      ['notes', 'nonce', 'demanded', 1],
      ['notes', 'replay', 'weak', 1],
      ['notes', 'target', 'weak', 1],
      ['notes', 'binding', 'cannot-tell', 1],
      ['main', 'binding', 'seen', 2],
      [undefined, 'key', 'weak', 2],
    ])
  })

  it('FAPI2-6.3-01: a key that is seen at two issuers is said; two keys are not', async () => {
    const at = (issuer: string, holder: typeof key): Sent => ({
      method: 'POST',
      url: `${issuer}/token`,
      form: 'grant_type=refresh_token',
      headers: { DPoP: proof({ key: holder, jti: issuer, method: 'POST', url: `${issuer}/token` }) },
    })
    const [one, other] = ['https://as.example.com', 'https://id.example.net'] as const
    const keysOf = async (...sent: Sent[]) =>
      (await read(har(...sent))).statements.filter(({ about }) => about === 'key').map(({ says, count }) => [says, count])
    expect(await keysOf(at(one, key), at(other, key))).toEqual([['weak', 2]])
    expect(await keysOf(at(one, key), at(other, makeKey()))).toEqual([])
  })

  it('what an issuer gave: token_type, and cnf where the ticket can be read', async () => {
    const jwt = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`
    const grant = (type: string, claims: object): Sent => ({
      method: 'POST',
      url: 'https://as.example.com/token',
      form: 'grant_type=authorization_code&client_id=app&code=secret-code',
      body: JSON.stringify({ access_token: jwt(claims), token_type: type }),
    })
    expect(words(await read(har(grant('DPoP', { cnf: { jkt: 'x' } }))))).toEqual([['main', 'issuance', 'seen', 1]])
    expect(words(await read(har(grant('DPoP', { cnf: { jkt: 'x' } }), grant('Bearer', {}))))).toEqual([['main', 'issuance', 'optional', 2]])
    expect(words(await read(har(grant('Bearer', {}))))).toEqual([['main', 'issuance', 'absent', 1]])
  })

  it('nothing that could be used again, and nobody’s identifiers, come out of it', async () => {
    const secrets = [
      'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.c2ln',
      'user@example.com',
      '0f8fad5b-d9cb-469f-a165-70867728950e',
      'q-secret',
    ]
    const text = JSON.stringify(
      await read(
        har({
          url: `https://api.example.com/users/${secrets[1]}/${secrets[2]}?token=${secrets[3]}`,
          headers: { Authorization: `Bearer ${secrets[0]}`, DPoP: proof() },
        }),
      ),
    )
    for (const secret of [...secrets, proof(), ...proof().split('.')]) expect(text).not.toContain(secret)
    expect(text).toContain('https://api.example.com/users/*/*')
  })
})

describe('however it comes', () => {
  const good = har(...Array.from({ length: 40 }, (_, i) => ({ headers: { DPoP: proof({ jti: `j${i}` }) } })))

  it('cut at any place it says what could be read, and that it is cut', async () => {
    for (const part of [0.3, 0.5, 0.999]) {
      const cut = await read(good.slice(0, Math.floor(good.length * part)))
      expect(cut.whole).toBe(false)
      expect(cut.read).toBeGreaterThan(40 * part - 2)
      expect(cut.read).toBeLessThanOrEqual(40 * part + 1)
      expect(cut.notes[0]?.en).toMatch(/cut off/)
    }
  })

  it('packed, and packed and cut', async () => {
    const packed = gzipSync(good)
    expect(await read(packed)).toEqual(await read(good))
    const cut = await read(packed.subarray(0, packed.length - 40))
    expect(cut.whole).toBe(false)
    await expect(read(Buffer.concat([packed.subarray(0, 30), Buffer.alloc(200, 7)]))).rejects.toThrow(Misuse)
  })

  it('in pieces of any size, with any text inside: the same elements as JSON.parse', () => {
    const entries = fc.array(fc.jsonValue({ maxDepth: 4 }), { maxLength: 6 })
    fc.assert(
      fc.property(entries, fc.jsonValue(), fc.integer({ min: 1, max: 40 }), (wanted, other, size) => {
        const text = JSON.stringify({ before: other, log: { entries: wanted, after: other }, entries: [other] })
        const reader = readElements(['log', 'entries'])
        const got: unknown[] = []
        for (let at = 0; at < text.length; at += size) got.push(...reader.push(text.slice(at, at + size)))
        expect(JSON.stringify(got)).toBe(JSON.stringify(wanted))
        expect(reader.whole()).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it.each(['', 'hello', '[]', '{"log":{}}', '{"a":}}}', '{"log":{"entries":[nonsense]}}', '\u0000\u0001'])(
    '%j is refused in a sentence',
    async (text) => {
      await expect(read(text)).rejects.toThrow(Misuse)
    },
  )

  it('a hundred thousand exchanges with bodies of megabytes are read within a bounded memory', async () => {
    const one = JSON.stringify(entry({ headers: { DPoP: proof() }, body: 'x'.repeat(1500) }))
    const huge = JSON.stringify(entry({ body: 'y'.repeat(4_000_000) }))
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"log":{"entries":[')
      for (let i = 0; i < 40_000; i += 1) yield Buffer.from(`${one.replace('jti-1', `j${i}`)},`)
      for (let i = 0; i < 20; i += 1) yield Buffer.from(`${huge},`)
      yield Buffer.from(`${one}]}}`)
    }
    const before = process.memoryUsage().heapUsed
    let peak = 0
    const watched = async function* () {
      let count = 0
      for await (const part of stream()) {
        count += 1
        if (count % 2000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed - before)
        yield part
      }
    }
    const all = await harReading('big.har', textPieces(watched()), places)
    expect(all.read).toBe(40_021)
    expect(all.whole).toBe(true)
    expect(peak).toBeLessThan(150 * 1024 * 1024)
  })
})
