// An observation with nothing wrong in it, concluded by the product itself from made-up records.
import { conclude } from '../src/judgement/conclude.ts'
import type { Evidence, Observation } from '../src/observation.ts'
import { apiRecord, inventoryOf, issuerRecord } from './records.ts'

const evidence: Evidence = {
  id: 'e1',
  kind: 'error-behaviour',
  at: 1_800_000_000,
  role: 'B1',
  request: { method: 'GET', url: 'https://api.test/a', authorization: [], proofs: [] },
  response: { status: 401, challenge: ['dpop'], error: null, contentType: '', shape: '', nonce: false },
}

export function cleanObservation(): Observation {
  const apis = [apiRecord('a', { privilege: 'high' }), apiRecord('b'), apiRecord('c', { privilege: 'low' })]
  return conclude({
    inventory: inventoryOf([{ id: 'a', privilege: 'high' }, { id: 'b' }, { id: 'c', privilege: 'low' }]),
    startedAt: 1_800_000_000,
    finishedAt: 1_800_000_060,
    requests: 120,
    evidence: [evidence],
    issuers: [issuerRecord()],
    apis,
  })
}
