// The beginning of an inventory: from OpenAPI, metadata, recorded traffic and an address; guesses are marked, blanks are named.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Misuse } from '@kimei/protocol'
import fc from 'fast-check'
import { startIndependentIssuer } from 'testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { askForMetadata, draftOfFile, draftOfText, mergeDrafts, writeDraft } from '../src/draft/index.ts'
import { parseInventory } from '../src/inventory/inventory.ts'

const openApi = {
  openapi: '3.0.3',
  info: { title: 'Notes', version: '1' },
  servers: [{ url: 'https://{env}.example/v1', variables: { env: { default: 'notes' } } }],
  security: [{ oauth: ['notes:read'] }],
  paths: {
    '/notes': { get: {}, post: {} },
    '/notes/{id}': { parameters: [{ $ref: '#/components/parameters/Id' }], get: {} },
    '/users/{user}': { get: { security: [{ oauth: ['admin'] }] } },
    '/graphql': { post: {} },
    '/health': { get: { security: [] } },
    '/away': { $ref: 'other.yaml#/paths/away' },
  },
  components: {
    parameters: { Id: { name: 'id', in: 'path', required: true, example: 42 } },
    securitySchemes: { oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://id.example/token', scopes: {} } } } },
  },
}
const text = JSON.stringify(openApi)

async function* bytes(data: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(data)
}

/** As a person would fill the blanks in. */
function filled(yaml: string): unknown {
  const read = parse(yaml) as Record<string, unknown> & { clients: object[]; consent?: object }
  return {
    ...read,
    contact: 'me@example.com',
    ...(read.consent && { consent: { ...read.consent, grantedBy: 'us', until: '2099-01-01' } }),
    clients: read.clients.map((client) => ({ ...client, clientId: 'observer' })),
  }
}

const mistakesOf = (input: unknown): readonly string[] => {
  try {
    parseInventory(input)
    return []
  } catch (error) {
    return (error as Misuse).mistakes
  }
}

describe('SEED-TB-72: an inventory from an OpenAPI document', () => {
  it('takes reading operations that need a ticket, fills in examples, marks guesses, and names what is left', () => {
    const draft = draftOfText('openapi.json', text)
    expect(draft.apis.map(({ method, url, kind, privilege, scope, needs }) => [method, url, kind, privilege, scope, needs.length])).toEqual(
      [
        ['GET', 'https://notes.example/v1/notes', 'rest', 'mid', 'notes:read', 0],
        ['GET', 'https://notes.example/v1/notes/42', 'rest', 'mid', 'notes:read', 0],
        ['GET', 'https://notes.example/v1/users/{user}', 'rest', 'high', 'admin', 1],
        ['POST', 'https://notes.example/v1/graphql', 'graphql', 'mid', 'notes:read', 1],
      ],
    )
    expect(draft.issuers).toMatchObject([{ url: 'https://id.example', tokenEndpoint: 'https://id.example/token' }])
    expect(draft.apis[2]?.notes[0]).toBe('guess: privilege high, because of "admin"')
    expect(draft.leftOut).toEqual([
      'openapi.json: operations that write',
      'openapi.json: operations that need no ticket',
      'openapi.json: what another document holds ($ref)',
    ])
  })

  it('where the document says nothing about tickets, its operations are not taken for open ones', () => {
    const { security: _security, components: _components, ...bare } = openApi
    const silent = JSON.stringify({ ...bare, paths: { '/notes': { get: {}, post: {} }, '/health': { get: {} } } })
    const draft = draftOfText('openapi.json', silent)
    expect(draft.apis.map(({ url, notes }) => [url, notes.at(-1)])).toEqual([
      ['https://notes.example/v1/notes', 'the document says nothing about tickets'],
      ['https://notes.example/v1/health', 'the document says nothing about tickets'],
    ])
    expect(draft.leftOut).toEqual(['openapi.json: operations that write'])
  })

  it('the file is refused until its blanks are filled in, and good after', () => {
    const yaml = writeDraft(draftOfText('openapi.json', text))
    expect(mistakesOf(parse(yaml)).map((mistake) => mistake.split(':')[0])).toEqual([
      'contact',
      'consent.grantedBy',
      'consent.until',
      'clients.0.clientId',
    ])
    const inventory = parseInventory(filled(yaml))
    expect(inventory.apis.map(({ id, url }) => [id, url])).toEqual([
      ['notes', 'https://notes.example/v1/notes'],
      ['notes-2', 'https://notes.example/v1/notes/42'],
    ])
    expect(yaml).toContain('# needs a value for {user}')
    expect([...inventory.allowedHosts]).toEqual(['id.example', 'notes.example'])
  })

  it.each(['{"swagger":"2.0"}', '{"openapi":"4.0"}', '{"openapi":3}', '[]', '"x"', '{', ''])('%s is refused in a sentence', (bad) => {
    expect(() => draftOfText('bad', bad)).toThrow(Misuse)
  })

  it('whatever paths and scopes are called, the file says that and nothing else', () => {
    const odd = fc.stringMatching(/^[ -~\n\t]{1,30}$/)
    fc.assert(
      fc.property(odd, odd, (path, scope) => {
        const document = { ...openApi, paths: { [`/${path}`]: { get: { security: [{ oauth: [scope] }] } } } }
        const draft = draftOfText('odd', JSON.stringify(document))
        const read = parse(writeDraft(draft)) as { apis: { url: string; scope?: string }[] }
        const ready = draft.apis.filter(({ needs }) => needs.length === 0)
        if (ready.length > 0) expect(read.apis.map((api) => [api.url, api.scope])).toEqual(ready.map((api) => [api.url, api.scope]))
      }),
      { numRuns: 300 },
    )
  })
})

describe('from what was seen and published', () => {
  it('recorded traffic: requests with a ticket or a proof, without queries, personal parts left to fill in', async () => {
    const request = (url: string, headers: Record<string, string>, method = 'GET') => ({
      request: { method, url, headers: Object.entries(headers).map(([name, value]) => ({ name, value })) },
      response: { status: 200, headers: [], content: {} },
    })
    const har = JSON.stringify({
      log: {
        entries: [
          request('https://api.example/notes?q=secret', { DPoP: 'a.b.c' }),
          request('https://api.example/users/0f8fad5b-d9cb-469f-a165-70867728950e', { Authorization: 'Bearer x' }),
          request('https://api.example/notes', { Authorization: 'Bearer x' }, 'POST'),
          request('https://cdn.example/logo.png', {}),
          {
            ...request('https://id.example/oauth/token', {}, 'POST'),
            request: {
              method: 'POST',
              url: 'https://id.example/oauth/token',
              headers: [],
              postData: { mimeType: 'application/x-www-form-urlencoded', text: 'grant_type=refresh_token' },
            },
          },
        ],
      },
    })
    const draft = await draftOfFile('a.har', bytes(har))
    expect(draft.apis.map(({ url, needs }) => [url, needs.length])).toEqual([
      ['https://api.example/notes', 0],
      ['https://api.example/users/*', 1],
    ])
    expect(draft.issuers).toMatchObject([{ url: 'https://id.example', tokenEndpoint: 'https://id.example/oauth/token' }])
    expect(writeDraft(draft)).not.toContain('secret')
  })

  it('metadata of a protected resource names issuers, whose metadata then says the rest', () => {
    const resource = draftOfText(
      'r',
      JSON.stringify({ resource: 'https://api.example/', authorization_servers: ['https://id.example'], scopes_supported: ['read'] }),
    )
    const issuer = draftOfText(
      'i',
      JSON.stringify({
        issuer: 'https://id.example',
        token_endpoint: 'https://id.example/t',
        grant_types_supported: ['authorization_code'],
        dpop_signing_alg_values_supported: ['ES256'],
      }),
    )
    const draft = mergeDrafts([resource, issuer])
    expect(draft.issuers).toMatchObject([{ url: 'https://id.example', tokenEndpoint: 'https://id.example/t' }])
    expect(draft.apis).toMatchObject([{ url: 'https://api.example/', scope: 'read', resource: 'https://api.example/' }])
    expect(mistakesOf(filled(writeDraft(draft)))).toEqual([])
    // Guessed from a token endpoint, and known from metadata: one issuer.
    const guessed = draftOfText(
      'o',
      JSON.stringify({
        ...openApi,
        components: { securitySchemes: { o: { type: 'oauth2', flows: { implicit: { tokenUrl: 'https://id.example/t' } } } } },
      }),
    )
    expect(mergeDrafts([guessed, issuer]).issuers.map(({ url }) => url)).toEqual(['https://id.example'])
  })

  it('named in either order, the issuer fills in what the metadata of the API left open', () => {
    const api = draftOfText('r', JSON.stringify({ resource: 'https://api.example/mcp', authorization_servers: ['https://id.example'] }))
    const issuer = { issuer: 'https://id.example', token_endpoint: 'https://id.example/t', grant_types_supported: ['client_credentials'] }
    const methods = (list?: readonly string[]) =>
      draftOfText('i', JSON.stringify({ ...issuer, ...(list && { token_endpoint_auth_methods_supported: list }) }))
    const written = (list?: readonly string[]) => writeDraft(mergeDrafts([api, methods(list)]))
    expect(written(['client_secret_post'])).toContain('{ method: client_secret_post, secret: { env: OBSERVER_SECRET } }')
    // RFC 8414 §2: what is meant where nothing is said.
    expect(written()).toContain('{ method: client_secret_basic, secret: { env: OBSERVER_SECRET } }')
    expect(written(['client_secret_basic', 'private_key_jwt'])).toContain('{ method: private_key_jwt, ')
    expect(written(['none'])).toContain('{ method: none }')
    expect(mistakesOf(filled(written()))).toEqual([])
  })

  it('a server of the Model Context Protocol is asked for what it always answers', () => {
    const draft = draftOfText('r', JSON.stringify({ resource: 'https://api.example/mcp', authorization_servers: ['https://id.example'] }))
    expect(draft.apis).toMatchObject([{ method: 'POST', kind: 'mcp', url: 'https://api.example/mcp' }])
    const [entry] = (parse(writeDraft(draft)) as { apis: Record<string, string>[] }).apis
    expect(entry).toMatchObject({ id: 'mcp', method: 'POST', kind: 'mcp', repeatable: true })
    expect(JSON.parse(entry!['body']!)).toMatchObject({ jsonrpc: '2.0', method: 'initialize' })
  })

  it('an issuer of somebody else, by its address', async () => {
    const issuer = await startIndependentIssuer({ clients: [], resources: {} })
    onTestFinished(() => issuer.close())
    const draft = await askForMetadata(issuer.issuer, 'tests')
    expect(draft.issuers).toMatchObject([{ url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token`, claims: 'dpop' }])
    expect(writeDraft(draft)).toContain('# Loopback needs no consent.')
  })

  it('a redirect to elsewhere is not followed; pages, errors and silence are named', async () => {
    const asked: string[] = []
    const serve = async (listener: RequestListener) => {
      const server = createServer(listener)
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
      onTestFinished(() => void server.close())
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    }
    const elsewhere = await serve((request, response) => {
      asked.push(request.url ?? '')
      response.end('{}')
    })
    const near = await serve((request, response) => {
      if (request.url?.includes('oauth-authorization-server')) response.writeHead(302, { Location: `${elsewhere}/stolen` }).end()
      else if (request.url?.includes('openid')) response.setHeader('Content-Type', 'text/html').end('<html>: [ <')
      else response.writeHead(404).end()
    })
    await expect(askForMetadata(near, 'tests')).rejects.toThrow(/answers 302[\s\S]*none of the kinds|neither JSON[\s\S]*404/)
    expect(asked).toEqual([])
  })

  it('metadata that a mounted application appends to its path is found', async () => {
    const server = createServer((request, response) => {
      const here = request.url === '/o/.well-known/oauth-authorization-server'
      response.writeHead(here ? 200 : 404).end(here ? JSON.stringify({ issuer: `${origin}/o`, token_endpoint: `${origin}/o/token/` }) : '')
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    onTestFinished(() => void server.close())
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect((await askForMetadata(`${origin}/o`, 'tests')).issuers).toMatchObject([
      { url: `${origin}/o`, tokenEndpoint: `${origin}/o/token/` },
    ])
  })

  it('an address that asks for a ticket is an API, whatever it publishes', async () => {
    const server = createServer((request, response) => {
      const guarded = request.url === '/orders'
      response.writeHead(guarded ? 401 : 404, guarded ? { 'WWW-Authenticate': 'Bearer' } : {}).end()
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    onTestFinished(() => void server.close())
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const draft = await askForMetadata(`${origin}/orders`, 'tests')
    expect(draft.apis).toMatchObject([
      { method: 'GET', url: `${origin}/orders`, notes: ['it answers 401 without a ticket', expect.any(String)] },
    ])
    await expect(askForMetadata(`${origin}/`, 'tests')).rejects.toThrow(/name an issuer as its tickets do/)
  })
})
