// The observer against parts that are not ours: oidc-provider issues, express-oauth2-jwt-bearer and plain Express guard.
import type { Express, RequestHandler } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import type { ApiRecord, Observation, ProbeResult } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { listen, notesApp, operations, peerGuard, quick, type RunningApi, startIssuer } from './express-apis.ts'

type Issuer = Awaited<ReturnType<typeof startIssuer>>

const closers: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

async function serve(app: Express): Promise<RunningApi> {
  const api = await listen(app)
  closers.push(api.close)
  return api
}

function inventoryOf(issuer: Issuer, apis: InventoryInput['apis'], clients = issuer.clients): InventoryInput {
  const issuers = [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }]
  return { version: 1, contact: 'tests@example.com', issuers, clients, apis, operations }
}

const verdicts = (record: { readonly probes: readonly ProbeResult[] }): Record<string, string> =>
  Object.fromEntries(record.probes.map(({ probe, verdict }) => [probe, verdict]))

const seenBy = (observation: Observation, api: string, client = 'job'): ApiRecord =>
  observation.apis.find((record) => record.api === api && record.client === client)!

describe('an API guarded by express-oauth2-jwt-bearer', () => {
  let issuer: Issuer
  let observation: Observation

  beforeAll(async () => {
    issuer = await startIssuer()
    closers.push(issuer.close)
    const api = await serve(
      notesApp({
        '/strict': peerGuard(issuer.issuer, { enabled: true, required: true }),
        '/mixed': peerGuard(issuer.issuer, { enabled: true }),
        '/bearer': peerGuard(issuer.issuer, { enabled: false }),
      }),
    )
    const apis = (['strict', 'mixed', 'bearer'] as const).map((id) => ({ id, url: `${api.url}/${id}`, privilege: 'mid' as const }))
    observation = await observe(parseInventory(inventoryOf(issuer, apis)), { pace: quick })
  })

  it('SEED-TB-26, SEED-TB-32: its missing replay check is seen, and nothing else about its proofs', () => {
    const { R1, X4c, N1, ...rest } = verdicts(seenBy(observation, 'strict'))
    expect(R1).toBe('violated')
    // Node itself keeps the first of two Authorization lines.
    expect(X4c).toBe('violated')
    expect(N1).toBe('not-applicable')
    expect(new Set(Object.values(rest))).toEqual(new Set(['holds']))
    expect(seenBy(observation, 'strict')).toMatchObject({
      mode: 'dpop',
      rsEnforced: 'yes',
      rsRequired: 'yes',
      strength: 'lax',
      replay: 'jti_no',
    })
    expect(observation.findings).toContainEqual(
      expect.objectContaining({ owner: 'RS', priority: 'P1', subject: 'GET strict (job)', probes: ['R1'] }),
    )
  })

  it('SEED-TB-18, SEED-TB-19: where DPoP is switched off, the bound ticket passes as Bearer', () => {
    expect(seenBy(observation, 'bearer')).toMatchObject({ mode: 'bearer', rsEnforced: 'no', strength: 'none', replay: 'unknown' })
    expect(verdicts(seenBy(observation, 'bearer'))).toEqual({ B1: 'violated', TK1: 'holds', TK2: 'holds' })
  })

  it('where both schemes are taken, unbound tickets are the hole', () => {
    expect(seenBy(observation, 'mixed')).toMatchObject({
      mode: 'mixed',
      rsEnforced: 'partial',
      rsRequired: 'no',
      columns: { dpop: 'optional' },
    })
    expect(verdicts(seenBy(observation, 'mixed'))).toMatchObject({ B1: 'holds', K1: 'holds', U1: 'violated' })
  })

  it('SEED-TB-21, SEED-TB-29: one API dpop and another bearer is mixed and partial, and the open one is named', () => {
    expect(observation.bindingKeyPosture).toBe('mixed+no+partial+partial_api+jti_no+server+confirmed')
    expect(observation.hypothesis).toBe('D')
    expect(observation.findings.filter(({ priority }) => priority === 'P1').map(({ subject }) => subject)).toContain(
      'GET bearer (job, partner)',
    )
    expect(observation.apis.map(({ api, columns }) => [api, columns.policy])).toContainEqual(['bearer', 'differs'])
  })

  it('SEED-TB-61: two clients of one issuer are compared at each API', () => {
    expect(verdicts(seenBy(observation, 'strict', 'partner'))).toEqual({ B1: 'holds', K1: 'holds', U1: 'holds' })
    expect(observation.perClientDifference).toBe('none')
  })

  it('SEED-TB-22: an issuer that answers a request without proof by a Bearer ticket does not enforce', () => {
    const [job] = observation.issuers
    expect(job).toMatchObject({ mode: 'dpop', asRequired: 'no', asEnforced: 'no', token: 'jwt' })
    expect(verdicts(job!)).toMatchObject({
      AS1: 'holds',
      AS2: 'violated',
      'AS5-htm': 'holds',
      'AS5-htu': 'holds',
      // A stale proof without nonce is answered by a challenge; with the nonce its time no longer matters.
      'AS5-old': 'not-applicable',
      'AS5-replay': 'holds',
    })
  })

  it('is a complete report with findings', () => {
    expect(observation.missing).toEqual([])
    expect(exitCodeOf(observation)).toBe(1)
  })
})

describe('APIs without any binding', () => {
  it('SEED-TB-51, SEED-TB-58: important APIs that take plain Bearer are P0, and blocking comes before binding', async () => {
    const issuer = await startIssuer()
    closers.push(issuer.close)
    const bearer = peerGuard(issuer.issuer, { enabled: false })
    const api = await serve(notesApp({ '/a': bearer, '/b': bearer, '/c': bearer }))
    const apis = ['a', 'b', 'c'].map((id) => ({ id, url: `${api.url}/${id}`, privilege: 'high' as const }))
    const observation = await observe(parseInventory(inventoryOf(issuer, apis)), { pace: quick })
    expect(observation.bindingKeyPosture).toBe('mixed+no+no+unknown+unknown+server+inferred')
    expect(observation.record).toMatchObject({ action_priority: 'P0', rs_required: 'no', as_required: 'no' })
    expect(observation.overall).toBe('exposed')
    expect(observation.next.map(({ step }) => step)).toEqual(['17', '18', '16', '15'])
    expect(exitCodeOf(observation)).toBe(1)
  })

  it('an API that answers the same without any ticket is not called bearer', async () => {
    const issuer = await startIssuer()
    closers.push(issuer.close)
    const api = await serve(notesApp({ '/open': undefined }))
    const observation = await observe(parseInventory(inventoryOf(issuer, [{ id: 'open', url: `${api.url}/open`, privilege: 'low' }])), {
      pace: quick,
    })
    expect(seenBy(observation, 'open')).toMatchObject({ mode: 'unknown', baseline: 'public', rsEnforced: 'no' })
    expect(observation.findings[0]).toMatchObject({ priority: 'P0', subject: 'GET open (job, partner)' })
  })
})

describe('nonces', () => {
  it('a nonce challenge is a step: the issuer that demands nonces is observed like any other', async () => {
    const issuer = await startIssuer({ requireNonce: true })
    closers.push(issuer.close)
    const api = await serve(notesApp({ '/strict': peerGuard(issuer.issuer, { enabled: true, required: true }) }))
    const observation = await observe(
      parseInventory(inventoryOf(issuer, [{ id: 'strict', url: `${api.url}/strict`, privilege: 'high' }])),
      { pace: quick },
    )
    const [job] = observation.issuers
    expect(verdicts(job!)).toMatchObject({ AS1: 'holds', 'AS5-htm': 'holds', 'AS5-old': 'not-applicable', 'AS5-replay': 'holds' })
    expect(seenBy(observation, 'strict').mode).toBe('dpop')
  })
})

describe('an API that reads the proof and takes the ticket under the Bearer scheme alone', () => {
  it('is observed by that way, and B3 is answered by the working exchange itself', async () => {
    const issuer = await startIssuer()
    closers.push(issuer.close)
    const guard = peerGuard(issuer.issuer, { enabled: true, required: true })
    const underBearer: RequestHandler = (request, response, next) => {
      const { authorization = '' } = request.headers
      if (!authorization.startsWith('Bearer ')) return void response.status(401).set('WWW-Authenticate', 'Bearer').json({ error: 'no' })
      if (request.headers['dpop'] !== undefined) request.headers.authorization = authorization.replace('Bearer', 'DPoP')
      return void guard(request, response, next)
    }
    const api = await serve(notesApp({ '/gate': underBearer }))
    const observation = await observe(parseInventory(inventoryOf(issuer, [{ id: 'gate', url: `${api.url}/gate`, privilege: 'mid' }])), {
      pace: quick,
      depth: 'full',
    })
    const seen = seenBy(observation, 'gate')
    expect(seen).toMatchObject({ mode: 'dpop', rsEnforced: 'yes' })
    expect(verdicts(seen)).toMatchObject({ B1: 'holds', K1: 'holds', B3: 'violated' })
    expect(seen.probes.find(({ probe }) => probe === 'B3')?.answered).toBe('the good ticket was accepted as Bearer, with its proof')
  })
})
