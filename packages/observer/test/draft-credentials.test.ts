// What `kimei observe init` says of credentials beside tickets: names and places from documents and recordings, never a value.
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { draftOfFile, draftOfText, mergeDrafts, writeDraft } from '../src/draft/index.ts'
import { parseInventory } from '../src/inventory/inventory.ts'

async function* bytes(data: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(data)
}

const openApi = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Notes', version: '1' },
  servers: [{ url: 'https://notes.example' }],
  security: [{ oauth: ['notes:read'] }, { key: [] }],
  paths: { '/notes': { get: {} } },
  components: {
    securitySchemes: {
      oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://id.example/token', scopes: {} } } },
      key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      session: { $ref: '#/components/x/session' },
      old: { type: 'apiKey', in: 'query', name: 'api_key' },
      ticket: { type: 'apiKey', in: 'header', name: 'Authorization' },
      login: { type: 'http', scheme: 'basic' },
      other: { type: 'http', scheme: 'bearer' },
      digest: { type: 'http', scheme: 'digest' },
      evil: { type: 'apiKey', in: 'header', name: 'X-A\n# injected: true' },
    },
    x: { session: { type: 'apiKey', in: 'cookie', name: 'SESSIONID' } },
  },
})

const secret = 'glpat-Q3xv7LkPz91bTnWsYdRc'
const har = JSON.stringify({
  log: {
    version: '1.2',
    entries: [
      {
        request: {
          method: 'GET',
          url: 'https://notes.example/v1/notes',
          headers: [
            { name: 'Authorization', value: 'DPoP abc.def.ghi' },
            { name: 'PRIVATE-TOKEN', value: secret },
            { name: 'Accept-Language', value: 'ja' },
            { name: 'Cookie', value: `connect.sid=${secret}; _ga=GA1.2; theme=dark` },
          ],
          cookies: [{ name: '_gitlab_session', value: secret }],
        },
        response: { status: 200, headers: [], content: {} },
      },
      {
        request: { method: 'GET', url: 'https://elsewhere.example/pixel', headers: [{ name: 'X-API-Key', value: secret }] },
        response: { status: 200, headers: [], content: {} },
      },
    ],
  },
})

describe('credentials beside tickets, in a draft', () => {
  it('SEED-TB-29: an OpenAPI document names keys, cookies and logins; a ticket that is written as a key is none of them', () => {
    const { credentials } = draftOfText('openapi.json', openApi)
    expect(credentials.map(({ kind, carrier }) => [kind, carrier.in, carrier.name])).toEqual([
      ['api-key', 'header', 'X-API-Key'],
      ['session-cookie', 'cookie', 'SESSIONID'],
      ['api-key', 'query', 'api_key'],
      ['basic', 'header', 'Authorization'],
      ['bearer', 'header', 'Authorization'],
    ])
  })

  it('SEED-TB-47: a recording gives names that went to APIs alone, without values, and leaves out cookies that remember no person', async () => {
    const draft = await draftOfFile('traffic.har', bytes(har))
    expect(draft.credentials.map(({ kind, carrier }) => `${kind} ${carrier.in} ${carrier.name}`)).toEqual([
      'personal-access-token header PRIVATE-TOKEN',
      'session-cookie cookie _gitlab_session',
      'session-cookie cookie connect.sid',
    ])
    expect(JSON.stringify(draft) + writeDraft(draft)).not.toContain(secret)
  })

  it('they are written as comments; without the marks, with a subject and an address, they are an inventory', async () => {
    const yaml = writeDraft(mergeDrafts([draftOfText('openapi.json', openApi), await draftOfFile('traffic.har', bytes(har))]))
    expect(parse(yaml)).not.toHaveProperty('otherCredentials')
    const begins = yaml.indexOf('# otherCredentials:')
    const block = yaml.slice(begins, yaml.indexOf('\n\n', begins)).replaceAll(/^# ?/gm, '')
    const given = block.replaceAll('subject: ""', 'subject: robot').replaceAll('worksAt: ""', 'worksAt: https://notes.example/me')
    const { otherCredentials } = parse(given) as { otherCredentials: object[] }
    expect(otherCredentials).toHaveLength(8)
    const read = parse(yaml) as Record<string, unknown> & { clients: object[]; consent: object }
    const inventory = parseInventory({
      ...read,
      contact: 'me@example.com',
      consent: { ...read.consent, grantedBy: 'us', until: '2099-01-01' },
      clients: read.clients.map((client) => ({ ...client, clientId: 'observer' })),
      subjects: ['robot'],
      otherCredentials,
    })
    expect(inventory.otherCredentials.map(({ kind }) => kind)).toContain('session-cookie')
  })
})
