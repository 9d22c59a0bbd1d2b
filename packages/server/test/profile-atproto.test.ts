// The atproto profile with the client library of atproto itself: a directory of identities, a data server, and our issuer on loopback.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NodeOAuthClient, type NodeSavedSession, type NodeSavedState } from '@atproto/oauth-client-node'
import { hashPassword } from '@kimei/server'
import { wireKey, wireProof } from 'testkit'
import { authorizeUrl, kitPassword, startCodeKit, walkForms } from 'testkit/code'
import { type IssuerKit, postForm } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const did = 'did:plc:ewvi7nxzyoun6zhxrhs64oiz'
const redirectUri = 'http://127.0.0.1:49152/callback' as const
const clientId = `http://localhost?${new URLSearchParams({ redirect_uri: redirectUri, scope: 'atproto notes:read' })}`

let kit: IssuerKit
let neighbours: Server
let origin = ''
beforeAll(async () => {
  // The directory of identities, and the person's data server: both say who the issuer is.
  neighbours = createServer((request, response) => {
    const json = (value: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
    if (request.url === '/.well-known/oauth-protected-resource') return json({ resource: origin, authorization_servers: [kit.issuer] })
    const service = { id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: origin }
    return json({ '@context': ['https://www.w3.org/ns/did/v1'], id: did, alsoKnownAs: ['at://hanako.test'], service: [service] })
  })
  await new Promise<void>((done) => neighbours.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(neighbours.address() as AddressInfo).port}`
  kit = await startCodeKit({
    config: {
      profile: 'atproto',
      clients: [],
      users: [{ username: 'hanako', subject: did, passwordHash: await hashPassword(kitPassword) }],
    },
  })
})
afterAll(async () => {
  neighbours.close()
  await kit.close()
})

const shelf = <Value>() => {
  const values = new Map<string, Value>()
  return {
    get: async (key: string) => values.get(key),
    set: async (key: string, value: Value) => void values.set(key, value),
    del: async (key: string) => void values.delete(key),
  }
}

function openClient(): NodeOAuthClient {
  return new NodeOAuthClient({
    allowHttp: true,
    plcDirectoryUrl: origin,
    handleResolver: { resolve: async () => null },
    requestLock: async (_name, work) => work(),
    stateStore: shelf<NodeSavedState>(),
    sessionStore: shelf<NodeSavedSession>(),
    clientMetadata: {
      client_id: clientId,
      redirect_uris: [redirectUri],
      scope: 'atproto notes:read',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      dpop_bound_access_tokens: true,
    },
  })
}

describe('the client library of atproto', () => {
  it('ATP-DPOP-01, ATP-PAR-01, ATP-TOK-01, ATP-META-01, ATP-CLIENT-01: signs in, renews and leaves', async () => {
    const client = openClient()
    const url = await client.authorize(did, { scope: 'atproto notes:read', redirect_uri: redirectUri })
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
    const { landed } = await walkForms(kit, url.href)
    const { session } = await client.callback(landed.searchParams, { redirect_uri: redirectUri })
    expect(session.did).toBe(did)
    const before = await session.getTokenInfo(false)
    expect(before).toMatchObject({ sub: did, scope: 'atproto notes:read', iss: kit.issuer })
    const restored = await client.restore(did, true)
    expect((await restored.getTokenInfo(false)).expiresAt).toBeInstanceOf(Date)
    await restored.signOut()
    await expect(client.restore(did, true)).rejects.toThrow()
  })
})

describe('atproto by hand', () => {
  const push = async (change: Record<string, string | undefined>, headers: Record<string, string> = {}) => {
    const asked = authorizeUrl(kit, {
      clientId,
      redirectUri,
      change: { scope: 'atproto', nonce: undefined, dpop_jkt: undefined, ...change },
    })
    return postForm(kit, '/par', Object.fromEntries(new URL(asked.url).searchParams), headers)
  }
  const proofOf = (nonce?: string) =>
    wireProof(wireKey(), { method: 'POST', url: `${kit.issuer}/par`, now: kit.now(), ...(nonce && { nonce }) })

  it('ATP-DPOP-01: a push without proof is refused, one without nonce gets one, and success brings one too', async () => {
    const bare = await push({})
    expect([bare.status, bare.json['error']]).toEqual([400, 'invalid_dpop_proof'])
    const challenge = await push({}, { dpop: proofOf() })
    expect([challenge.status, challenge.json['error']]).toEqual([400, 'use_dpop_nonce'])
    const done = await push({}, { dpop: proofOf(challenge.headers.get('dpop-nonce') ?? '') })
    expect(done.status).toBe(201)
    expect(done.headers.get('dpop-nonce')).toBeTruthy()
  })

  it('ATP-PAR-01: a push without state is 400 invalid_request', async () => {
    const nonce = (await push({}, { dpop: proofOf() })).headers.get('dpop-nonce') ?? ''
    const refused = await push({ state: undefined }, { dpop: proofOf(nonce) })
    expect([refused.status, refused.json['error']]).toEqual([400, 'invalid_request'])
  })

  it('ATP-META-01: the metadata says so', async () => {
    const response = await fetch(`${kit.issuer}/.well-known/oauth-authorization-server`, { headers: { origin: 'https://app.example' } })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const document = (await response.json()) as { scopes_supported: string[]; token_endpoint_auth_methods_supported: string[] }
    expect(document).toMatchObject({
      issuer: kit.issuer,
      require_pushed_authorization_requests: true,
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
      dpop_signing_alg_values_supported: ['ES256'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256'],
    })
    expect(document.token_endpoint_auth_methods_supported.toSorted()).toEqual(['none', 'private_key_jwt'])
    expect(document.scopes_supported).toContain('atproto')
  })
})
