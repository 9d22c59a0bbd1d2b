// Records of issuers and APIs as an observation would have made them, for the judgements that follow from them.
import type { ApiEntry, InventoryInput } from '../src/inventory/inventory.ts'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { ApiRecord, IssuerRecord, ProbeResult, Verdict } from '../src/observation.ts'
import { probes as allProbes } from '../src/probes/index.ts'

export function result(id: string, verdict: Verdict, evidence: readonly string[] = ['e1']): ProbeResult {
  const { attacks, level, cite, says, proves, doesNotProve, sources } = allProbes.find((probe) => probe.id === id)!
  const state = verdict === 'holds' ? 'enforced' : verdict === 'violated' ? 'not_enforced' : 'not_tested'
  return { probe: id, attacks, level, cite, says, proves, doesNotProve, verdict, state, answered: '', sources, evidence }
}

export function issuerRecord(more: Partial<IssuerRecord> = {}): IssuerRecord {
  return {
    issuer: 'https://as.test',
    tokenEndpoint: 'https://as.test/token',
    client: 'job',
    clientKind: 'server',
    mode: 'dpop',
    asRequired: 'yes',
    asEnforced: 'yes',
    grants: [{ grant: 'client_credentials', outcome: 'refused', probes: ['AS2'], evidence: ['e1'] }],
    token: 'jwt',
    declared: {},
    probes: [result('AS1', 'holds'), result('AS2', 'holds')],
    evidence: ['e1'],
    ...more,
  }
}

export function apiRecord(api: string, more: Partial<ApiRecord> = {}): ApiRecord {
  return {
    api,
    method: 'GET',
    url: `https://api.test/${api}`,
    privilege: 'mid',
    kind: 'rest',
    boundary: 'edge',
    client: 'job',
    mode: 'dpop',
    rsRequired: 'yes',
    rsEnforced: 'yes',
    strength: 'strict',
    replay: 'jti_yes',
    baseline: 'good',
    declared: {},
    columns: { dpop: 'required', errorBehaviour: '401 dpop', tlsCertificateRequest: 'not-tested', policy: 'same' },
    probes: ['B1', 'K1', 'U1', 'R1'].map((id) => result(id, 'holds')),
    evidence: ['e1'],
    ...more,
  }
}

/** What an API that takes any ticket looks like. */
export const bearerApi = {
  mode: 'bearer',
  rsRequired: 'no',
  rsEnforced: 'no',
  strength: 'none',
  replay: 'unknown',
  probes: [result('B1', 'violated')],
} as const

export type ApiWish = Pick<ApiEntry, 'id'> & Partial<Pick<ApiEntry, 'privilege' | 'kind'>>

export function inventoryOf(apis: readonly ApiWish[], more: Partial<InventoryInput> = {}) {
  return parseInventory({
    version: 1,
    contact: 'tests@example.com',
    consent: { grantedBy: 'the owner', until: '2099-12-31', hosts: ['as.test', 'api.test'] },
    issuers: [{ id: 'main', url: 'https://as.test', tokenEndpoint: 'https://as.test/token' }],
    clients: [{ id: 'job', clientId: 'job', kind: 'server', ticket: { from: 'client-credentials' } }],
    apis: apis.map(({ id, privilege = 'mid', kind = 'rest' }) => ({ id, privilege, kind, url: `https://api.test/${id}` })),
    operations: { keyRotation: 'documented', revocation: 'documented', fallback: 'documented' },
    ...more,
  })
}
