// How long a revoked ticket still passes: at an API that asks the issuer, at one that reads tickets itself, and as a picture.
import { findScenario, startScenario } from '@kimei/lab'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Inventory } from '../src/inventory.ts'
import type { Observation } from '../src/observation.ts'
import { observe } from '../src/observe.ts'
import { renderHtml } from '../src/report/html/page.ts'
import { observationSchema } from '../src/report/schema.ts'

const closers: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

/** Everything but what this is about is left out. */
async function watched(watchSeconds: number): Promise<Observation> {
  const started = await startScenario(findScenario('residual-access')!)
  closers.push(started.close)
  const inventory: Inventory = { ...started.inventory, afterRevocation: { watchSeconds } }
  return observe(inventory, { ...started.observing, only: ['B1'] })
}

describe('after revocation', () => {
  let observation: Observation
  beforeAll(async () => {
    observation = await watched(3600)
  })

  it('SEED-TB-73: the old ticket is shown again until it is refused, with the seconds that passed', () => {
    const payments = observation.residual!.find(({ api }) => api === 'payments')!
    expect(payments.promised).toBe('immediate')
    expect(payments.steps[0]).toEqual({ seconds: 0, passes: true, answered: 'good' })
    expect(payments.steps.at(-1)).toMatchObject({ passes: false })
    // The lab's guard leaves room for clocks that differ.
    expect(payments.refusedAfterSeconds).toBe(payments.lifetimeSeconds + 60)
    expect(observation.findings).toContainEqual(expect.objectContaining({ kind: 'revoked-ticket-passes', at: 'payments', priority: 'P1' }))
  })

  it('SEED-TB-73: where nothing else is promised, the rest of its life is told and is no more than P2', () => {
    const other = observation.residual!.find(({ promised }) => promised === 'at-expiry')!
    expect(other.steps.at(-1)?.passes).toBe(false)
    expect(observation.findings).toContainEqual(expect.objectContaining({ kind: 'residual-access', at: other.api, priority: 'P2' }))
  })

  it('SEED-TB-73: no longer than the inventory allows, and then it is said that nobody knows', async () => {
    const short = await watched(5)
    const payments = short.residual!.find(({ api }) => api === 'payments')!
    expect(payments.steps.map(({ seconds }) => seconds)).toEqual([0, 5])
    expect(payments.refusedAfterSeconds).toBeUndefined()
  })

  it('the report has it as a picture with the table behind, in both languages, and fits its schema', () => {
    expect(observationSchema.safeParse(JSON.parse(JSON.stringify(observation))).error).toBeUndefined()
    const [ja, en] = (['ja', 'en'] as const).map((language) => renderHtml(observation, { language }))
    expect(ja).toContain('取り消したあと、いつまで通るか')
    expect(en).toMatch(/How long a revoked ticket still passes[\s\S]*<svg[^>]*aria-label="payments: refused: \d+ s"[\s\S]*<table/)
  })
})
