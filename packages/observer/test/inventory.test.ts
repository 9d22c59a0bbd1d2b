// The inventory: unknown keys, unlisted hosts, dangling names and unsafe requests are refused before any traffic.
import { Misuse } from '@kimei/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type InventoryInput, inventoryJsonSchema, parseInventory } from '../src/inventory/inventory.ts'

const sound = (): InventoryInput => ({
  version: 1,
  contact: 'security@example.com',
  consent: { grantedBy: 'the owner', until: '2099-12-31', hosts: ['as.example.com', 'api.example.com:443'] },
  issuers: [{ id: 'main', url: 'https://as.example.com', tokenEndpoint: 'https://as.example.com/token' }],
  clients: [
    {
      id: 'job',
      clientId: 'job-1',
      kind: 'server',
      authentication: { method: 'client_secret_basic', secret: { env: 'JOB_SECRET' } },
      ticket: { from: 'client-credentials', scope: 'read' },
    },
  ],
  apis: [{ id: 'notes', url: 'https://api.example.com/notes', privilege: 'mid' }],
})

function mistakesOf(input: unknown): readonly string[] {
  try {
    parseInventory(input)
  } catch (error) {
    if (error instanceof Misuse) return error.mistakes
    throw error
  }
  return []
}

describe('inventory', () => {
  it('fills in what follows from the rest', () => {
    const inventory = parseInventory(sound())
    expect(inventory.apis[0]).toMatchObject({ method: 'GET', kind: 'rest', boundary: 'edge', issuer: 'main', clients: ['job'] })
    expect(inventory.pace).toEqual({ requestsPerSecond: 2, budget: 1000, answerSeconds: 15, restSeconds: 60 })
    expect([...inventory.allowedHosts]).toEqual(['as.example.com', 'api.example.com'])
  })

  it('refuses unknown keys at every level', () => {
    const input = sound() as Record<string, unknown>
    expect(mistakesOf({ ...input, extra: 1 })).toHaveLength(1)
    expect(mistakesOf({ ...input, apis: [{ ...sound().apis[0], headers: {} }] })).toHaveLength(1)
    expect(mistakesOf({ ...input, pace: { rps: 1 } })).toHaveLength(1)
  })

  it('SEED-TB-12: an issuer without token endpoint is refused', () => {
    expect(mistakesOf({ ...sound(), issuers: [{ id: 'main', url: 'https://as.example.com' }] })).toEqual([
      expect.stringContaining('issuers.0.tokenEndpoint'),
    ])
  })

  it('SEED-TB-13: an empty list of APIs is refused', () => {
    expect(mistakesOf({ ...sound(), apis: [] })).toEqual([expect.stringContaining('apis')])
  })

  it('SEED-TB-14: a client kind may be unknown, but not invented', () => {
    const { kind: _kind, ...client } = sound().clients[0]!
    expect(parseInventory({ ...sound(), clients: [client] }).clients[0]!.kind).toBeUndefined()
    expect(mistakesOf({ ...sound(), clients: [{ ...client, kind: 'web' }] })).toHaveLength(1)
  })

  it('lists every mistake at once', () => {
    const mistakes = mistakesOf({
      ...sound(),
      apis: [
        { id: 'a', url: 'https://elsewhere.example/x', privilege: 'low', clients: ['nobody'] },
        { id: 'a', url: 'http://api.example.com/x', privilege: 'low', method: 'POST' },
      ],
      representatives: ['gone'],
    })
    expect(mistakes).toEqual([
      'apis: id a is used twice',
      'apis.a: no client nobody',
      'representatives: no API gone',
      'apis.a: POST would be sent many times; name a reading request or say repeatable: true',
      'apis.a.url: elsewhere.example is not among consent.hosts',
      'apis.a.url: plain http outside loopback would show the tickets to the network',
    ])
  })

  it.each(['http://localhost:4445/x', 'http://127.0.0.1:1/x', 'http://[::1]:1/x', 'http://127.9.9.9/x'])(
    'needs no consent for %s',
    (url) => {
      expect(parseInventory({ ...sound(), apis: [{ id: 'n', url, privilege: 'low' }] }).allowedHosts.has(new URL(url).host)).toBe(true)
    },
  )

  it.each([
    'https://user:pw@api.example.com/x',
    'https://api.example.com/x#y',
    'ftp://api.example.com/x',
    '/x',
    'https://127.0.0.1.example.com/x',
  ])('refuses %s', (url) => {
    expect(mistakesOf({ ...sound(), apis: [{ id: 'n', url, privilege: 'low' }] })).toHaveLength(1)
  })

  it('publishes a JSON Schema that names every required member', () => {
    const schema = inventoryJsonSchema() as { required: string[]; additionalProperties: boolean }
    expect(schema.required).toEqual(['version', 'contact', 'issuers', 'clients', 'apis'])
    expect(schema.additionalProperties).toBe(false)
  })

  it('throws nothing but Misuse, whatever it is given', () => {
    const mutated = fc
      .tuple(
        fc.constantFrom('contact', 'consent', 'pace', 'issuers', 'clients', 'subjects', 'apis', 'representatives', 'operations'),
        fc.jsonValue(),
      )
      .map(([member, value]) => ({ ...sound(), [member]: value }))
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), mutated), (input) => {
        try {
          parseInventory(input)
        } catch (error) {
          expect(error).toBeInstanceOf(Misuse)
        }
      }),
      { numRuns: 200 },
    )
  })
})
