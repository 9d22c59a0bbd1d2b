// Clients whose keys stand at their jwks_uri: fetched when needed, kept within bounds, asked again rarely.
import type { IssuerConfigInput } from '@kimei/server'
import { type OutsideServer, sendJson, startOutside, type WireKey, wireKey } from 'testkit'
import { askOwnToken, type IssuerKit, kitApi, kitAssertion, startIssuerKit } from 'testkit/issuer'
import { afterEach, describe, expect, it } from 'vitest'

let kit: IssuerKit
let outside: OutsideServer
let now = 1_700_000_000
/** What the client publishes now. */
let answer: Parameters<typeof startOutside>[0]

afterEach(async () => {
  await kit.close()
  await outside.close()
})

const published = (...keys: WireKey[]): unknown => ({ keys: keys.map((key) => ({ ...key.publicJwk, kid: key.kid, use: 'sig' })) })
const publish =
  (value: unknown, headers: Record<string, string> = {}): typeof answer =>
  (_request, response) =>
    sendJson(response, value, headers)

async function start(first: typeof answer, clients: readonly object[] = [{}]): Promise<void> {
  answer = first
  outside = await startOutside((request, response) => answer(request, response))
  kit = await startIssuerKit({
    clock: () => now,
    config: {
      outbound: { allow: [{ origin: outside.origin }] },
      clients: clients.map((more) => ({
        clientId: 'remote',
        kind: 'server',
        name: 'Remote',
        jwksUri: `${outside.origin}/keys.json`,
        scopes: ['notes:read'],
        apis: [kitApi],
        ...more,
      })) as IssuerConfigInput['clients'],
    },
  })
}

let proofs = 0
/** Asks with an assertion of this key; `kid` names it unless another is claimed. */
async function ask(key: WireKey, header: object = {}, clientId = 'remote') {
  const client_assertion = kitAssertion(kit, clientId, { key, header: { kid: key.kid, ...header } })
  proofs += 1
  const form = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion }
  return askOwnToken(kit, wireKey('ES256', `proof-${proofs}`), form)
}

const refusals = (): unknown[] => kit.audit.filter(({ event }) => event === 'outbound_refused').map(({ rule }) => rule)
const lastRule = (): unknown => kit.audit.findLast(({ event }) => event === 'token_refused')?.rule

describe('jwks_uri', () => {
  it('OIDC-10.1-01: the set is fetched once, kept as long as it says within bounds, and then fetched again', async () => {
    const key = wireKey('ES256', 'one')
    await start(publish(published(key), { 'cache-control': 'max-age=120' }))
    expect([(await ask(key)).status, (await ask(key)).status]).toEqual([200, 200])
    now += 119
    expect((await ask(key)).status).toBe(200)
    expect(outside.asked).toEqual(['/keys.json'])
    now += 1
    expect((await ask(key)).status).toBe(200)
    expect(outside.asked).toHaveLength(2)
  })

  it('requests that come at the same moment share one fetch', async () => {
    const key = wireKey('ES256', 'one')
    await start(publish(published(key)))
    const answers = await Promise.all(Array.from({ length: 16 }, () => ask(key)))
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(200))
    expect(outside.asked).toHaveLength(1)
  })

  it('OIDC-10.1-01: a new key is found at once; a flood of unknown ones is one fetch for each cooldown', async () => {
    const [old, fresh, stranger] = [wireKey('ES256', 'old'), wireKey('ES256', 'fresh'), wireKey('ES256', 'stranger')]
    await start(publish(published(old)))
    expect((await ask(old)).status).toBe(200)
    answer = publish(published(old, fresh))
    now += 31
    expect((await ask(fresh)).status).toBe(200)
    expect(outside.asked).toHaveLength(2)
    const flood = await Promise.all(Array.from({ length: 20 }, (_, at) => ask(stranger, { kid: `made-up-${at}` })))
    expect(flood.map(({ status, json }) => [status, json['error']])).toEqual(Array(20).fill([401, 'invalid_client']))
    expect(outside.asked).toHaveLength(2)
    now += 30
    await Promise.all(Array.from({ length: 20 }, (_, at) => ask(stranger, { kid: `made-up-${at}` })))
    expect(outside.asked).toHaveLength(3)
    // Whoever signs with a known key waits for nobody's fetch.
    expect((await ask(old)).status).toBe(200)
  })

  it('FAPI2-5.4.3-01: of two keys with one kid, the one that fits by kind and use is tried', async () => {
    const key = wireKey('ES256', 'twice')
    const other = wireKey('EdDSA', 'twice')
    const encryption = { ...wireKey('ES256', 'twice').publicJwk, kid: 'twice', use: 'enc' }
    const set = { keys: [{ ...other.publicJwk, kid: 'twice' }, encryption, { ...key.publicJwk, kid: 'twice' }] }
    await start(publish(set))
    expect((await ask(key, { kid: 'twice' })).status).toBe(200)
  })

  it('while the set cannot be fetched the old one serves for a bounded time, and is not asked for again and again', async () => {
    const key = wireKey('ES256', 'one')
    await start(publish(published(key), { 'cache-control': 'max-age=60' }))
    expect((await ask(key)).status).toBe(200)
    answer = (_request, response) => response.writeHead(500).end()
    now += 60
    expect((await ask(key)).status).toBe(200)
    expect((await ask(key)).status).toBe(200)
    expect(outside.asked).toHaveLength(2)
    expect(refusals()).toEqual(['outbound.status-is-success'])
    now += 600
    const gone = await ask(key)
    expect([gone.status, gone.json]).toEqual([401, { error: 'invalid_client' }])
    expect(lastRule()).toBe('assertion.key-is-registered')
  })

  it('a key that the client withdrew stops working when the set is fetched again', async () => {
    const [leaked, fresh] = [wireKey('ES256', 'leaked'), wireKey('ES256', 'fresh')]
    await start(publish(published(leaked), { 'cache-control': 'no-store' }))
    expect((await ask(leaked)).status).toBe(200)
    answer = publish(published(fresh))
    now += 60
    expect((await ask(leaked)).status).toBe(401)
    expect((await ask(fresh)).status).toBe(200)
  })

  it.each([
    ['a private key in it', { keys: [{ kty: 'EC', crv: 'P-256', d: 'x' }] }, 'client-keys.are-public'],
    ['a symmetric key in it', { keys: [{ kty: 'oct', k: 'x' }] }, 'client-keys.are-public'],
    ['no list of keys', { keys: {} }, 'client-keys.document-is-a-key-set'],
    ['a list alone', [], 'client-keys.document-is-a-key-set'],
    ['too many keys', { keys: Array(33).fill({ kty: 'EC' }) }, 'client-keys.are-few'],
  ])('CIMD-4.1-01: a document with %s is refused, and nothing of it is told', async (_what, document, rule) => {
    await start(publish(document))
    const refused = await ask(wireKey('ES256', 'one'))
    expect([refused.status, refused.json]).toEqual([401, { error: 'invalid_client' }])
    expect(refusals()).toEqual([rule])
  })

  it('a document that is broken JSON, HTML, moved away or too long gives no keys', async () => {
    const key = wireKey('ES256', 'one')
    await start((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"keys":['))
    const moved: typeof answer = (_request, response) => response.writeHead(302, { location: '/elsewhere.json' }).end()
    const html: typeof answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>keys</p>')
    const long: typeof answer = (_request, response) => sendJson(response, { keys: [], more: 'x'.repeat(70_000) })
    for (const next of [moved, html, long, moved]) {
      expect((await ask(key)).status).toBe(401)
      answer = next
      now += 31
    }
    expect(refusals()).toEqual([
      'client-keys.document-is-a-key-set',
      'outbound.is-not-redirected',
      'outbound.content-type-is-asked-for',
      'outbound.body-is-bounded',
    ])
  })

  it('entries of kinds that nobody here knows are passed over, and the others serve', async () => {
    const key = wireKey('ES256', 'one')
    await start(
      publish({ keys: [{ kty: 'AKP', alg: 'ML-DSA-44', pub: 'x' }, 'text', null, { no: 'kty' }, { ...key.publicJwk, kid: key.kid }] }),
    )
    expect((await ask(key)).status).toBe(200)
  })

  it('a client that is disabled, or uses another method, causes no fetch', async () => {
    const key = wireKey('ES256', 'one')
    await start(publish(published(key)), [
      { disabled: true },
      { clientId: 'secret', authentication: 'client_secret_basic', secretHashes: ['A'.repeat(43)] },
    ])
    expect([(await ask(key)).status, (await ask(key, {}, 'secret')).status, (await ask(key, {}, 'nobody')).status]).toEqual([401, 401, 401])
    expect(outside.asked).toEqual([])
  })
})
