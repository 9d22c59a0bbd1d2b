// Configuration of others as people write it, once well and once badly: what is said is so, and where a file cannot tell it says that.
// Then files made to hurt whoever reads them: each ends, in a bounded time, in a reading or in a sentence.
import { Misuse } from '@kimei/protocol'
import { describe, expect, it } from 'vitest'
import { readEvidence } from '../src/evidence/index.ts'

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/** What is filled in when it starts. */
const placeholder = (name: string) => `$\{${name}}`

/** Line, subject and word of each statement. */
async function said(text: string): Promise<string[]> {
  const { statements } = await readEvidence('file', bytes(text))
  return statements.map(({ place, about, says }) => `${/:(\d+.*)$/.exec(place)?.[1]} ${about} ${says}`)
}

describe('SEED-TB-71: nginx', () => {
  const server = (inside: string) => `server {\n  listen 443 ssl;\n  server_name api.example;\n${inside}\n}\n`

  it('well: demanded, passed on from the connection, with the outer Host', async () => {
    const text = server(`  ssl_client_certificate /etc/nginx/ca.pem;
  ssl_verify_client on;
  location / {
    proxy_set_header Host $host;
    proxy_set_header Client-Cert $ssl_client_escaped_cert;
    proxy_pass http://127.0.0.1:8080;
  }`)
    expect(await said(text)).toEqual(['5 certificate demanded'])
  })

  it('badly: optional and unseen, the proof removed, the ticket replaced', async () => {
    const text = server(`  ssl_verify_client optional;
  location /a {
    proxy_set_header Host $host;
    proxy_set_header DPoP "";
    proxy_set_header Authorization "Bearer of-the-gateway";
    proxy_pass http://127.0.0.1:8080;
  }`)
    expect(await said(text)).toEqual([
      '4 certificate optional',
      '9 location /a forwarding weak',
      '8 location /a binding weak',
      '7 location /a binding weak',
    ])
  })

  it('an if that looks at the result, settings elsewhere, a value that is filled in: it cannot tell', async () => {
    expect(await said(server('  ssl_verify_client optional;\n  if ($ssl_client_verify != SUCCESS) { return 403; }'))).toEqual([
      '4 certificate cannot-tell',
    ])
    expect(await said(server('  location / {\n    include proxy_params;\n    proxy_pass http://127.0.0.1:8080;\n  }'))).toEqual([
      '6 location / forwarding cannot-tell',
    ])
    expect(await said(server(`  ssl_verify_client ${placeholder('CLIENT_CERTIFICATES')};`))).toEqual(['4 certificate cannot-tell'])
    expect(await said(server('  location / { auth_jwt "api"; proxy_set_header Host $host; proxy_pass http://127.0.0.1:8080; }'))).toEqual([
      '4 binding cannot-tell',
    ])
  })

  it('gRPC has headers of its own', async () => {
    const text = server('  location / {\n    grpc_set_header Host $host;\n    grpc_pass grpc://127.0.0.1:9000;\n  }')
    expect(await said(text)).toEqual([])
  })
})

describe('SEED-TB-71: Envoy', () => {
  const listener = (tls: string, http = '') => `static_resources:
  listeners:
    - name: edge
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: edge${http}
          transport_socket:
            name: envoy.transport_sockets.tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
              common_tls_context:
                validation_context: { trusted_ca: { filename: /ca.pem } }${tls}
`

  it('well: required, and what callers write is replaced', async () => {
    const text = listener('\n              require_client_certificate: true', '\n                forward_client_cert_details: SANITIZE_SET')
    expect((await said(text)).sort()).toEqual(['10 forwarding demanded', '17 certificate demanded'])
  })

  it('badly: trusted and not required, and what callers write is passed on', async () => {
    const text = listener('', '\n                forward_client_cert_details: APPEND_FORWARD')
    expect((await said(text)).sort()).toEqual(['10 forwarding weak', '16 certificate optional'])
    expect(await said(listener('\n              require_client_certificate: false'))).toEqual(['16 certificate optional'])
  })

  it('as JSON, in the names of protocol buffers', async () => {
    const text = JSON.stringify({
      static_resources: {
        listeners: [{ filterChains: [{ transportSocket: { typedConfig: { requireClientCertificate: true } } }] }],
        clusters: [{ transportSocket: { typedConfig: { '@type': 'x/UpstreamTlsContext', commonTlsContext: { validationContext: {} } } } }],
      },
    })
    expect(await said(text)).toEqual(['1 certificate demanded'])
  })

  it('jwt_authn says nothing of keys, and a value that is filled in says nothing at all', async () => {
    const jwt = `
                http_filters:
                  - name: envoy.filters.http.jwt_authn
                    typed_config:
                      providers: { main: { issuer: "https://id.example" } }
                      rules: [{ match: { prefix: / }, requires: { provider_name: main } }]`
    expect((await said(listener('\n              require_client_certificate: "{{ mtls }}"', jwt))).sort()).toEqual([
      '13 binding cannot-tell',
      '21 certificate cannot-tell',
    ])
  })
})

describe('SEED-TB-71: Kong', () => {
  const file = (plugins: string) =>
    `_format_version: "3.0"\nservices:\n  - name: notes\n    url: http://127.0.0.1:8080\n    plugins:\n${plugins}`

  it('well, badly, and off', async () => {
    const connect = (setting: string) =>
      file(`      - name: openid-connect\n        config:\n          issuer: \${{ env "DECK_ISSUER" }}\n          ${setting}\n`)
    expect(await said(connect('proof_of_possession_dpop: strict'))).toEqual(['9 notes binding demanded'])
    expect(await said(connect('proof_of_possession_mtls: strict'))).toEqual(['9 notes binding demanded'])
    expect(await said(connect('proof_of_possession_dpop: optional'))).toEqual(['9 notes binding optional'])
    expect(await said(connect('proof_of_possession_dpop: off'))).toEqual(['9 notes binding absent'])
    expect(await said(file('      - name: key-auth\n'))).toEqual(['6 notes binding absent'])
    expect(await said(connect(`proof_of_possession_dpop: ${placeholder('{ env "DECK_DPOP" }')}`))).toEqual(['9 notes binding cannot-tell'])
    expect(await said(file('      - { name: jwt, enabled: false }\n'))).toEqual([])
  })
})

describe('SEED-TB-71: Spring', () => {
  it('as properties and as YAML, in every spelling; a placeholder cannot tell', async () => {
    const properties = (name: string, value: string) => said(`spring.application.name=notes\n${name}=${value}\n`)
    expect(await properties('server.ssl.client-auth', 'need')).toEqual(['2 certificate demanded'])
    expect(await properties('server.ssl.clientAuth', 'NEED')).toEqual(['2 certificate demanded'])
    expect(await properties('server.ssl.client-auth', 'want')).toEqual(['2 certificate optional'])
    expect(await properties('server.ssl.client-auth', 'none')).toEqual(['2 certificate absent'])
    expect(await properties('server.ssl.client-auth', placeholder('CLIENT_AUTH:none'))).toEqual(['2 certificate cannot-tell'])
    expect(await said(`server:\n  ssl: { clientAuth: want }\n  forward-headers-strategy: ${placeholder('STRATEGY')}\n`)).toEqual([
      '2 certificate optional',
      '3 target cannot-tell',
    ])
    const resource = 'spring:\n  security:\n    oauth2:\n      resourceserver:\n        jwt:\n          issuer-uri: https://id.example\n'
    expect(await said(resource)).toEqual(['6 binding cannot-tell'])
    expect(await said('# server.ssl.client-auth=need\nserver.port=8443\n')).toEqual([])
  })
})

describe('SEED-TB-71: Keycloak', () => {
  const client = (clientId: string, more: object = {}) => ({ clientId, enabled: true, protocol: 'openid-connect', attributes: {}, ...more })
  const realm = (...clients: object[]) => ({ realm: 'r', accessTokenLifespan: 300, clients })
  const words = async (value: unknown) => (await said(JSON.stringify(value))).map((one) => one.replace(/^1 /, ''))

  it('well and badly; those that get no tickets are not spoken of', async () => {
    const bound = { attributes: { 'dpop.bound.access.tokens': 'true' } }
    const certified = { attributes: { 'tls.client.certificate.bound.access.tokens': 'true' } }
    expect(await words(realm(client('spa', bound), client('server', certified), client('old')))).toEqual([
      'client spa issuance demanded',
      'client server issuance demanded',
      'client old issuance optional',
    ])
    const silent = [client('saml', { protocol: 'saml' }), client('gone', { enabled: false }), client('api', { bearerOnly: true })]
    expect(await words(realm(...silent, { clientId: 'account' }))).toEqual([])
    const later = { attributes: { 'dpop.bound.access.tokens': '$(env:DPOP)' } }
    expect(await words(realm(client('later', later)))).toEqual(['client later issuance cannot-tell'])
  })

  it('several realms in one file, and a policy whose reach the file does not tell', async () => {
    const profiles = { profiles: [{ name: 'p', executors: [{ executor: 'dpop-bind-enforcer', configuration: {} }] }] }
    expect(await words([{ ...realm(client('a')), clientProfiles: profiles }, realm(client('b'))])).toEqual([
      'issuance seen',
      'client a issuance optional',
      'client b issuance optional',
    ])
  })
})

const many = 300_000
const hostile: Readonly<Record<string, string>> = {
  'blank lines': `x${'\n'.repeat(many)}`,
  'blanks in one line': `spring.a=${' '.repeat(many)}y ${' '.repeat(many)}z\n`,
  'locations that never open': 'location a\n'.repeat(many / 10),
  'servers that never open': 'server \n'.repeat(many / 10),
  'quotes that never close': `server {\n a "${'\\'.repeat(many)}`,
  'quotes within quotes': `server {\n a ${'"x\''.repeat(many / 3)};\n}\n`,
  'variables that never close': `server {\n a ${'${'.repeat(many / 2)};\n}\n`,
  'a comment without end': `server {\n a b; #${'#'.repeat(many)}\n}\n`,
  'semicolons alone': ';'.repeat(many),
  'ten thousand aliases': `a: &a {x: 1}\nspring: [${'*a,'.repeat(10_000)}]\n`,
  'aliases that grow': `a: &a [x, x]\n${'bcdefghijklmnopqrstuvwxyz'
    .split('')
    .map((name, at) => `${name}: &${name} [${`*${'abcdefghijklmnopqrstuvwxy'[at]},`.repeat(9)}]`)
    .join('\n')}\nstatic_resources: *z\n`,
  'an alias of itself': 'static_resources: &a\n  b: *a\n',
  'merges of merges': `a: &a {x: 1}\n${'bcdefgh'
    .split('')
    .map((name, at) => `${name}: &${name} { <<: [${`*${'abcdefg'[at]},`.repeat(9)}] }`)
    .join('\n')}\nspring: *h\n`,
  'keys that name prototypes': '__proto__: { realm: x, clients: [] }\nconstructor: { prototype: { realm: y } }\nspring: { toString: x }\n',
  'a realm of prototypes': JSON.stringify({
    realm: 'r',
    clients: [{ clientId: '__proto__', attributes: JSON.parse('{"__proto__":{"dpop.bound.access.tokens":"true"}}') }],
  }),
  'names that paint': JSON.stringify({ realm: 'r', clients: [{ clientId: '\u001b[2J\u0007<script>' }] }),
  'bytes of no text': Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 7919) % 256)).toString('latin1'),
}

describe('files made to hurt', { timeout: 60_000 }, () => {
  it.each(Object.entries(hostile))('%s', async (_name, text) => {
    try {
      const reading = await readEvidence('file', bytes(text))
      expect(JSON.stringify(reading)).not.toMatch(/\\u001b|\\u0007/)
      expect(reading.statements.filter(({ says }) => says === 'demanded')).toEqual([])
    } catch (error) {
      expect(error).toBeInstanceOf(Misuse)
    }
    expect(({} as { realm?: string }).realm).toBeUndefined()
  })
})
