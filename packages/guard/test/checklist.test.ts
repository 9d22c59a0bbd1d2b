// The order at the guard, seen by a Law that records; and that of two faults the earlier one is told.
import type { Law, RuleId } from '@kimei/protocol'
import { catalogue, resourceServerTables } from '@kimei/protocol'
import { linesOf, wireKey } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardChecklist } from '../src/checklist.ts'
import type { GuardConfigInput } from '../src/index.ts'
import { type Api, startApi } from './guarded-api.ts'

const judged: RuleId[] = []
const recording: Law = { waives: () => false, judged: (id) => void judged.push(id) }
let api: Api
beforeAll(async () => {
  const routes: GuardConfigInput['routes'] = [{ policy: 'required', path: '/notes', scopes: ['notes:read'], nonce: 'required' }]
  api = await startApi({ deps: { law: recording }, config: { routes } })
})
afterAll(() => api.close())

describe('the checklist', () => {
  it('DPOP-7.1-02: is exactly what a sound call meets, in exactly this order', async () => {
    const token = api.token()
    const [nonce] = linesOf(await api.call('/notes', { token }), 'dpop-nonce')
    judged.length = 0
    expect((await api.call('/notes', { token, proof: api.proof('/notes', { accessToken: token, nonce: nonce! }) })).status).toBe(200)
    expect(judged).toEqual(guardChecklist.flatMap((step) => step.rules))
    for (const id of judged) expect(catalogue.has(id), id).toBe(true)
  })

  it('of two faults the earlier one is told', async () => {
    const [nonce] = linesOf(await api.send('GET /notes'), 'dpop-nonce')
    const at = (change: { token?: object; claims?: object; header?: object; key?: ReturnType<typeof wireKey>; nonce?: string }) => {
      const token = api.token(change.token as never)
      const order = { accessToken: token, claims: change.claims as never, header: change.header as never, nonce: change.nonce ?? nonce! }
      return api.call('/notes', { token, proof: api.proof('/notes', order, change.key) })
    }
    const pairs: [Parameters<typeof at>[0], string][] = [
      [{ header: { typ: 'JWT' }, claims: { htm: 'POST' } }, 'dpop.typ-is-dpop-jwt'],
      [{ claims: { htm: 'POST' }, nonce: 'stale' }, 'dpop.htm-is-request-method'],
      [{ nonce: 'stale', claims: { iat: 1 }, token: { exp: 1 } }, 'dpop.nonce-is-current'],
      [{ token: { exp: 1, aud: 'x' }, key: wireKey() }, 'access-token.exp-has-not-passed'],
      [{ token: { aud: 'x', scope: '' }, claims: { ath: 'x' } }, 'access-token.aud-is-ours'],
      [{ claims: { ath: 'x' }, key: wireKey() }, 'dpop.ath-is-token-hash'],
      [{ key: wireKey(), token: { scope: '' } }, 'binding.proof-key-is-named-key'],
      [{ token: { scope: '' } }, 'access.scope-is-granted'],
    ]
    for (const [change, rule] of pairs) {
      await at(change)
      expect(api.last().rule).toBe(rule)
    }
  })

  it('every rule that only a protected resource knows stands in the catalogue', () => {
    for (const table of resourceServerTables) {
      for (const id of Object.keys(table.rules)) expect(catalogue.get(id as RuleId)?.cite, id).toBeTruthy()
    }
  })
})
