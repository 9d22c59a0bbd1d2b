// Logs, configuration, TLS transcripts and metadata as evidence: each says what it says, on which line, and never more.
import { Misuse } from '@kimei/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EvidenceOptions, knownPlaces, readEvidence } from '../src/evidence/index.ts'
import { parseInventory } from '../src/inventory/inventory.ts'

const inventory = parseInventory({
  version: 1,
  contact: 'tests@example.com',
  consent: { grantedBy: 'us', until: '2099-01-01', hosts: ['id.example', 'notes.example'] },
  issuers: [{ id: 'main', url: 'https://id.example', tokenEndpoint: 'https://id.example/token' }],
  clients: [{ id: 'job', clientId: 'job', ticket: { from: 'client-credentials' } }],
  apis: [
    { id: 'notes', url: 'https://notes.example/notes', privilege: 'mid' },
    { id: 'report', url: 'https://notes.example/report', privilege: 'low' },
  ],
})
const places = knownPlaces(inventory)

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
const read = (text: string, more: EvidenceOptions = {}) => readEvidence('file', bytes(text), { places, ...more })
const brief = async (text: string, more: EvidenceOptions = {}) =>
  (await read(text, more)).statements.map(({ at, place, about, says }) => [at, place, about, says])

describe('SEED-TB-71: logs', () => {
  const event = (name: string, more: object) =>
    JSON.stringify({ at: 1, event: name, issuer: 'https://id.example', requestId: 'r', ...more })
  const own = [
    event('token_issued', { mode: 'dpop', clientId: 'web', grantType: 'authorization_code' }),
    event('api_access', { mode: 'dpop', clientId: 'web', route: 'GET /notes' }),
    event('api_access', { mode: 'bearer', clientId: 'old', route: 'GET /notes' }),
    event('dpop_invalid', { rule: 'dpop.htu-is-request-target', clientId: 'web', route: 'GET /notes' }),
    event('binding_mismatch', { clientId: 'web', route: 'GET /notes' }),
    event('login', {}),
    'not json',
  ].join('\n')

  it('ours: bound and unbound by API and client, refusals by reason, and one without a reason is a hint', async () => {
    const found = await read(own, { at: 'notes' })
    expect([found.kind, found.label, found.read]).toEqual(['audit', 'logged', 5])
    expect(found.statements.map(({ place, about, says, count }) => [place, about, says, count])).toEqual([
      ['authorization_code (web)', 'issuance', 'seen', 1],
      ['GET /notes (web)', 'binding', 'seen', 1],
      ['GET /notes (web)', 'refusals', 'seen', 1],
      ['GET /notes (web)', 'refusals', 'cannot-tell', 1],
      ['GET /notes (old)', 'binding', 'absent', 1],
    ])
    expect(found.notes.map(({ en }) => en).join()).toMatch(/2 lines/)
  })

  it('those of others by a map of their members; Bearer alone is not called unbound', async () => {
    const lines = [
      { http: { route: '/notes' }, azp: 'web', scheme: 'DPoP', jti: 'one' },
      { http: { route: '/notes' }, azp: 'web', scheme: 'Bearer', jti: 'one' },
      { http: { route: '/notes' }, azp: 'web', status: 401, why: 'bad proof' },
    ]
    const text = lines.map((line) => JSON.stringify(line)).join('\n')
    const fields = { api: 'http.route', client: 'azp', scheme: 'scheme', status: 'status', reason: 'why', jti: 'jti' }
    const idOf = (name: string) => (name === '/notes' ? 'notes' : undefined)
    expect((await read(text, { fields, idOf })).statements.map(({ at, about, says }) => [at, about, says])).toEqual([
      ['notes', 'binding', 'cannot-tell'],
      ['notes', 'refusals', 'seen'],
      [undefined, 'replay', 'weak'],
    ])
    expect((await brief(text, { fields: { ...fields, bound: 'cnf' }, idOf }))[0]?.[3]).toBe('optional')
  })

  it('a token that a log holds does not come out again', async () => {
    const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
    const text = JSON.stringify({ route: `/x?access_token=${token}`, client: token, status: 401, why: token })
    const found = await read(text, { fields: { api: 'route', client: 'client', status: 'status', reason: 'why' } })
    expect(JSON.stringify(found)).not.toContain(token)
    expect(JSON.stringify(found)).not.toContain('eyJzdWI')
  })
})

describe('SEED-TB-71: configuration, with its line', () => {
  it('our guard: each route, what report-only means, forgotten proofs', async () => {
    const text = `guard:
  issuer: https://id.example
  resource: https://notes.example/
  routes:
    - { path: /notes, methods: [GET], policy: required, nonce: required }
    - { path: /report, methods: [GET], policy: bearer-allowed, reason: "an old report", until: 2027-03-31 }
    - { path: /health, policy: public }
proxy: { upstream: http://127.0.0.1:8080, authorization: unbound }
dangerouslyForgetUsedProofs: true
`
    expect(await brief(text)).toEqual([
      ['notes', 'file:5 GET /notes', 'binding', 'demanded'],
      ['notes', 'file:5 GET /notes', 'nonce', 'demanded'],
      ['report', 'file:6 GET /report', 'binding', 'optional'],
      [undefined, 'file:7 GET /health', 'binding', 'absent'],
      [undefined, 'file:9', 'replay', 'weak'],
      [undefined, 'file:8', 'forwarding', 'weak'],
    ])
  })

  it('our issuer: clients with bearer, and what is loosened', async () => {
    const text = `issuer: https://id.example
dangerouslyAllowLongAccessTokens: true
clients:
  - clientId: web
  - clientId: old
    binding: { kind: bearer, reason: partner }
`
    expect(await brief(text)).toEqual([
      ['main', 'file:4 client web', 'issuance', 'demanded'],
      ['main', 'file:6 client old', 'issuance', 'absent'],
      ['main', 'file:2', 'issuance', 'weak'],
    ])
  })

  it('nginx: an optional certificate, a header that is not passed on, an inner Host', async () => {
    const text = `http {
  server {
    listen 443 ssl;
    server_name notes.example;
    ssl_verify_client optional_no_ca; # any
    location /notes {
      proxy_set_header Host $host;
      proxy_set_header X-SSL-Client-Cert $ssl_client_escaped_cert;
      proxy_pass http://127.0.0.1:8080;
    }
    location /report {
      proxy_set_header Host $host;
      proxy_set_header X-SSL-Client-Cert $http_x_ssl_client_cert;
      proxy_pass http://127.0.0.1:8080;
    }
    location /other { proxy_pass http://127.0.0.1:8081; }
  }
}
`
    expect(await brief(text)).toEqual([
      [undefined, 'file:5', 'certificate', 'optional'],
      ['report', 'file:13 location /report', 'forwarding', 'weak'],
      [undefined, 'file:16 location /other', 'forwarding', 'weak'],
      [undefined, 'file:16 location /other', 'target', 'weak'],
    ])
  })

  it('Envoy, Kong, Spring and Keycloak, as far as they say something', async () => {
    const envoy = `static_resources:
  listeners:
    - filter_chains:
        - filters: [{ typed_config: { forward_client_cert_details: ALWAYS_FORWARD_ONLY } }]
          transport_socket:
            typed_config: { require_client_certificate: false }
`
    expect(await brief(envoy, { at: 'notes' })).toEqual([
      ['notes', 'file:4', 'forwarding', 'weak'],
      ['notes', 'file:6', 'certificate', 'optional'],
    ])
    const kong = `_format_version: "3.0"
services:
  - name: notes
    plugins:
      - name: openid-connect
        config: { proof_of_possession_dpop: strict }
    routes:
      - name: old
        plugins: [{ name: jwt }]
`
    expect(await brief(kong)).toEqual([
      [undefined, 'file:6 notes', 'binding', 'demanded'],
      [undefined, 'file:9 old', 'binding', 'absent'],
    ])
    expect(await brief('spring.application.name=x\nserver.ssl.client-auth=want\n')).toEqual([
      [undefined, 'file:2', 'certificate', 'optional'],
    ])
    expect(await brief('server:\n  ssl:\n    client-auth: need\n')).toEqual([[undefined, 'file:3', 'certificate', 'demanded']])
    const realm = JSON.stringify({
      realm: 'r',
      clients: [
        { clientId: 'a', attributes: { 'dpop.bound.access.tokens': 'true' } },
        { clientId: 'b', attributes: {} },
        { clientId: 'admin-cli' },
      ],
    })
    expect((await brief(realm)).map(([, , about, says]) => [about, says])).toEqual([
      ['issuance', 'demanded'],
      ['issuance', 'optional'],
    ])
  })
})

describe('TLS transcripts and metadata', () => {
  const transcript = (more: string) =>
    `CONNECTED(00000003)\nsubject=CN = notes.example\n${more}\nNew, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384\n`

  it('SEED-TB-70: asked for, demanded, or not asked for', async () => {
    const says = async (more: string) => (await read(transcript(more), { at: 'notes' })).statements[0]
    expect(await says('No client certificate CA names sent')).toMatchObject({ at: 'notes', says: 'absent' })
    expect(await says('Requested Signature Algorithms: ECDSA+SHA256')).toMatchObject({ says: 'optional' })
    expect(
      await says(
        '80CB:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:rec_layer_s3.c:1601:SSL alert number 116',
      ),
    ).toMatchObject({ says: 'demanded' })
    // A handshake can fail for other reasons than a certificate.
    expect(await says('error:sslv3 alert handshake failure:SSL alert number 40')).toMatchObject({ says: 'absent' })
  })

  it('metadata declares', async () => {
    const document = { resource: 'https://notes.example/notes', dpop_bound_access_tokens_required: true }
    expect((await read(JSON.stringify(document))).statements).toMatchObject([{ at: 'notes', about: 'binding', says: 'demanded' }])
    const silent = await read(JSON.stringify({ issuer: 'https://id.example', token_endpoint: 'https://id.example/token' }))
    expect([silent.statements, silent.notes[0]?.en]).toEqual([[], expect.stringMatching(/does not mean/)])
  })
})

it.each([
  ['server {\n'.repeat(50_000), 'nested deeper'],
  ['['.repeat(20_000), 'no YAML'],
  ['{"a":'.repeat(20_000), 'no YAML'],
  [`a: &a [1]\nb: ${'*a'.repeat(2)}\n`, 'no YAML'],
])('%#: nesting and aliases without end are refused in a sentence', async (text, says) => {
  await expect(read(`${text}x;\n`)).rejects.toThrow(says)
})

it('throws nothing but Misuse, whatever a file holds', async () => {
  const words = fc.constantFrom(
    'server {',
    'guard:',
    ' routes:',
    '  - path: x',
    '{"event":"api_access"}',
    '_format_version: 3',
    '}',
    ';',
    '&a [*a]',
  )
  const texts = fc.oneof(
    fc.string(),
    fc.array(words).map((list) => list.join('\n')),
    fc.jsonValue().map((value) => JSON.stringify(value)),
  )
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      try {
        await read(text)
      } catch (error) {
        expect(error).toBeInstanceOf(Misuse)
      }
    }),
    { numRuns: 300 },
  )
})
