// Which client a holder is at which issuer: given, published, registered, in this order, and never that of another issuer.
import { afterEach, describe, expect, it } from 'vitest'
import { type ClientChoices, createMemoryDevice, findClient, forgetClient } from '../src/index.ts'
import { type HandServer, startHandServer } from './hand-server.ts'

const servers: HandServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** An issuer that may read documents and may register. */
async function issuerThat(can: { documents?: boolean; register?: boolean }): Promise<HandServer> {
  const json = { 'content-type': 'application/json' }
  const server: HandServer = await startHandServer(({ path }) => {
    if (path === '/register') {
      const count = server.heard.filter((one) => one.path === '/register').length
      return { status: 201, headers: json, body: JSON.stringify({ client_id: `registered-${count}` }) }
    }
    const metadata = {
      issuer: server.origin,
      authorization_endpoint: `${server.origin}/authorize`,
      token_endpoint: `${server.origin}/token`,
      ...(can.documents && { client_id_metadata_document_supported: true }),
      ...(can.register && { registration_endpoint: `${server.origin}/register` }),
    }
    return { headers: json, body: JSON.stringify(metadata) }
  })
  servers.push(server)
  return server
}

const documentUrl = 'https://app.example.test/client.json'
const registration = { clientName: 'App', redirectUris: ['http://127.0.0.1/callback'], applicationType: 'native' } as const
const choices = (server: HandServer, more: Partial<ClientChoices> = {}): ClientChoices => ({
  issuer: server.origin,
  device: createMemoryDevice(),
  documentUrl,
  registration,
  ...more,
})

describe('the client of an issuer', () => {
  it('MCP-REG-01: given beforehand comes first, and only for the issuer it was given for', async () => {
    const server = await issuerThat({ documents: true, register: true })
    const given = { [server.origin]: { clientId: 'given' }, 'https://other.example.test': { clientId: 'others' } }
    expect(await findClient(choices(server, { given }))).toMatchObject({ clientId: 'given', by: 'given' })
    expect(server.heard).toHaveLength(0)
    const slash = { [`${server.origin}/`]: { clientId: 'given' } }
    expect(await findClient(choices(server, { given: slash }))).toMatchObject({ clientId: documentUrl, by: 'document' })
  })

  it('MCP-REG-01: then the published document, and registration only where nothing else is possible', async () => {
    const both = await issuerThat({ documents: true, register: true })
    expect(await findClient(choices(both))).toMatchObject({ clientId: documentUrl, by: 'document' })
    const old = await issuerThat({ register: true })
    expect(await findClient(choices(old))).toMatchObject({ clientId: 'registered-1', by: 'registration' })
    const sent = JSON.parse(old.heard.find(({ path }) => path === '/register')?.body ?? '{}')
    expect(sent).toMatchObject({ application_type: 'native', token_endpoint_auth_method: 'none', dpop_bound_access_tokens: true })
  })

  it('MCP-REG-01: a registration is kept for its issuer, shared by callers at once, and forgotten when told', async () => {
    const [one, two] = [await issuerThat({ register: true }), await issuerThat({ register: true })]
    const device = createMemoryDevice()
    const [a, b] = await Promise.all([findClient(choices(one, { device })), findClient(choices(one, { device }))])
    expect([a?.clientId, b?.clientId]).toEqual(['registered-1', 'registered-1'])
    expect((await findClient(choices(two, { device }))).issuer).toBe(two.origin)
    expect(two.heard.some(({ path }) => path === '/register')).toBe(true)
    await forgetClient({ issuer: one.origin, device })
    expect(await findClient(choices(one, { device }))).toMatchObject({ clientId: 'registered-2' })
    expect((await findClient(choices(two, { device }))).clientId).toBe('registered-1')
  })

  it('MCP-REG-01: where nothing is possible a person has to be asked', async () => {
    const server = await issuerThat({})
    await expect(findClient(choices(server))).rejects.toMatchObject({ code: 'holder.client-is-known' })
    const { registration: _, ...without } = choices(await issuerThat({ register: true }))
    await expect(findClient(without)).rejects.toMatchObject({ code: 'holder.client-is-known' })
  })
})
