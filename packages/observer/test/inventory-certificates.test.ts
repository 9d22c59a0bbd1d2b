// What an inventory says about certificates: every mistake of it at once, before anything is sent; files that cannot be read, too.
import { Misuse } from '@kimei/protocol'
import { describe, expect, it } from 'vitest'
import { makeCertificate, observe } from '../src/index.ts'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'

const machine = makeCertificate({ name: 'machine' })
const other = makeCertificate({ name: 'other' })
const pem = { cert: machine.cert, key: machine.key }

const base: InventoryInput = {
  version: 1,
  contact: 'tests@example.com',
  issuers: [{ id: 'main', url: 'https://127.0.0.1:9/', tokenEndpoint: 'https://127.0.0.1:9/token' }],
  clients: [{ id: 'job', clientId: 'job', certificate: pem, ticket: { from: 'client-credentials' } }],
  apis: [{ id: 'notes', url: 'https://127.0.0.1:9/notes', privilege: 'mid' }],
}
const withClient = (client: object): InventoryInput => ({ ...base, clients: [{ ...base.clients[0]!, ...client }] })

function mistakesOf(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof Misuse) return error.mistakes
    throw error
  }
  return []
}

describe('certificates in an inventory', () => {
  it('all mistakes come at once', () => {
    const said = mistakesOf(() =>
      parseInventory({
        ...base,
        issuers: [
          {
            id: 'main',
            url: 'http://127.0.0.1:9/',
            tokenEndpoint: 'http://127.0.0.1:9/token',
            mtlsTokenEndpoint: 'http://127.0.0.1:9/mtls',
          },
        ],
        clients: [
          { id: 'a', clientId: 'a', authentication: { method: 'tls_client_auth' }, ticket: { from: 'client-credentials' } },
          { id: 'b', clientId: 'b', boundBy: 'both', ticket: { from: 'client-credentials' } },
          { id: 'c', clientId: 'c', otherCertificate: pem, ticket: { from: 'client-credentials' } },
        ],
        apis: [{ id: 'notes', url: 'http://127.0.0.1:9/notes', privilege: 'mid', tls: { otherName: 'else.test' } }],
      }),
    )
    expect(said).toEqual([
      'clients.a: tls_client_auth needs its certificate and key',
      'clients.b: boundBy both needs its certificate and key',
      'clients.c: otherCertificate is another than certificate, which is not there',
      'issuers.main.mtlsTokenEndpoint: certificates are shown over https',
      'apis.notes.tls: all of it is https, and so must the API be',
    ])
  })

  it('certificates are not shown over plain HTTP', () => {
    const plain = { ...base, issuers: [{ id: 'main', url: 'http://127.0.0.1:9/', tokenEndpoint: 'http://127.0.0.1:9/token' }] }
    expect(mistakesOf(() => parseInventory(plain))).toEqual([
      'clients.job: certificates are shown over https: name issuers.main.mtlsTokenEndpoint',
    ])
  })

  it('hosts of aliases, other addresses and other places need consent like every other', () => {
    const said = mistakesOf(() =>
      parseInventory({
        ...base,
        issuers: [{ ...base.issuers[0]!, mtlsTokenEndpoint: 'https://mtls.example/token' }],
        apis: [{ ...base.apis[0]!, tls: { otherAddress: 'https://other.example/', sessionsApart: 'https://third.example/' } }],
      }),
    )
    expect(said).toEqual([
      'issuers.main.mtlsTokenEndpoint: mtls.example is not among consent.hosts',
      'apis.notes.tls: other.example is not among consent.hosts',
      'apis.notes.tls: third.example is not among consent.hosts',
    ])
  })

  it('unknown keys are refused: there is no way to switch the check of servers off', () => {
    for (const key of ['rejectUnauthorized', 'insecure', 'skipVerify'])
      expect(mistakesOf(() => parseInventory({ ...base, [key]: true }))).toHaveLength(1)
  })

  it('what tickets name follows from the certificate, unless the issuer claims dpop or the owner says so', async () => {
    const { boundByOf } = await import('../src/clients/prepare.ts')
    const named = (input: InventoryInput) => {
      const { clients, issuers } = parseInventory(input)
      return boundByOf(clients[0]!, issuers[0]!)
    }
    expect(named(base)).toBe('certificate')
    expect(named({ ...base, issuers: [{ ...base.issuers[0]!, claims: 'dpop' }] })).toBe('key')
    expect(named(withClient({ boundBy: 'both' }))).toBe('both')
    expect(named(withClient({ certificate: undefined }))).toBe('key')
  })

  it('files that cannot serve are named together, and nothing of them is repeated', async () => {
    const inventory = parseInventory({
      ...base,
      clients: [
        { ...base.clients[0]!, certificate: { cert: 'no certificate', key: machine.key } },
        { ...base.clients[0]!, id: 'two', certificate: { cert: machine.cert, key: other.key } },
        { ...base.clients[0]!, id: 'three', certificate: { cert: machine.cert, key: 'secret-but-no-key' } },
        { ...base.clients[0]!, id: 'four', otherCertificate: pem },
        { ...base.clients[0]!, id: 'five', certificate: { cert: { file: 'missing.pem' }, key: { file: 'missing.key' } } },
      ],
    })
    const missing = () => {
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    }
    const failed = await observe(inventory, { readSecret: missing, pace: { budget: 8 } }).catch((error: unknown) => error)
    expect((failed as Misuse).mistakes).toEqual([
      'clients.job.certificate: the certificate is not a PEM text that can be read',
      'clients.two.certificate: the key is not that of the certificate',
      'clients.three.certificate: the key is not a PEM text that can be read, or it is encrypted',
      'clients.four.otherCertificate: it is the same certificate',
      'clients.five.certificate.cert: ENOENT',
    ])
    expect(String(failed)).not.toContain('secret-but-no-key')
  })

  it('authorities that are no certificates end the run before it begins', async () => {
    const inventory = parseInventory({
      ...base,
      authorities: [machine.cert, 'nonsense', `${machine.cert}\n-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----`],
    })
    await expect(observe(inventory)).rejects.toThrow(
      new Misuse(['authorities.1: not certificates as PEM', 'authorities.2: not certificates as PEM']),
    )
  })
})
