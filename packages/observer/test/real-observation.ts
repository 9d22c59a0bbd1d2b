// A real observation with something of everything: a bearer API, one that enforces, one that is optional, one that is open,
// issued to by an issuer that is not ours. And the same with hostile texts wherever one can come from outside.

import type { InventoryInput } from '../src/inventory/inventory.ts'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { ApiRecord, Evidence, Finding, Observation, ProbeResult } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { listen, notesApp, operations, peerGuard, quick, startIssuer } from './express-apis.ts'

export async function startStrangers() {
  const issuer = await startIssuer()
  const api = await listen(
    notesApp({
      '/bearer': peerGuard(issuer.issuer, { enabled: false }),
      '/strict': peerGuard(issuer.issuer, { enabled: true, required: true }),
      '/optional': peerGuard(issuer.issuer, { enabled: true }),
      '/open': undefined,
    }),
  )
  const written: InventoryInput = {
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token`, claims: 'dpop' }],
    clients: issuer.clients,
    apis: [
      { id: 'admin', url: `${api.url}/bearer`, privilege: 'high', kind: 'admin' },
      { id: 'notes', url: `${api.url}/strict?account=42`, privilege: 'mid' },
      { id: 'search', url: `${api.url}/optional`, privilege: 'mid' },
      { id: 'status', url: `${api.url}/open`, privilege: 'low' },
    ],
    operations: { ...operations, fallback: 'unclear' },
  }
  return {
    written,
    close: async () => {
      await Promise.all([issuer.close(), api.close()])
    },
  }
}

export async function realObservation(more: Partial<InventoryInput> = {}): Promise<Observation> {
  const { written, close } = await startStrangers()
  try {
    return await observe(parseInventory({ ...written, ...more }), { pace: quick, depth: 'full' })
  } finally {
    await close()
  }
}

export const hostileText =
  "</textarea><script>alert(1)</script><img src=x onerror=alert(2)>\"'`;=cmd|' /C calc'!A0 \u001b[2J\u0007\u0000\u2028 ]]> &lt; | @everyone #1 [x](https://evil.test) \uFFFE \uD800 <!-- -->"

/** As if a server and a careless operator had put hostile words wherever a report shows any. */
export function withHostileTexts(observation: Observation): Observation {
  const probe = (one: ProbeResult): ProbeResult => ({
    ...one,
    answered: hostileText,
    ...(one.reason !== undefined && { reason: hostileText }),
  })
  const api = (one: ApiRecord): ApiRecord => ({
    ...one,
    api: `=1+1${hostileText}`,
    url: `https://api.test/${hostileText}`,
    client: hostileText,
    baselineReason: hostileText,
    columns: { ...one.columns, errorBehaviour: hostileText },
    probes: one.probes.map(probe),
  })
  const finding = (one: Finding): Finding => ({
    ...one,
    at: `=1+1${hostileText}`,
    subject: `GET =1+1${hostileText}`,
    clients: [hostileText],
    acceptance: { owner: hostileText, reason: hostileText, until: '2099-12-31', ended: false },
  })
  const exchange = (one: Evidence): Evidence => ({
    ...one,
    role: hostileText,
    response: { ...one.response, challenge: [hostileText], error: hostileText, contentType: hostileText },
  })
  return {
    ...observation,
    stopped: hostileText,
    missing: [hostileText],
    warnings: [{ ja: hostileText, en: hostileText }],
    apis: observation.apis.map(api),
    issuers: observation.issuers.map((one) => ({ ...one, client: hostileText, probes: one.probes.map(probe) })),
    findings: observation.findings.map(finding),
    contradictions: observation.contradictions.map((one) => ({ ...one, at: hostileText, declared: hostileText, observed: hostileText })),
    evidence: observation.evidence.map(exchange),
  }
}
