// Our own issuer, asked whether it is ready for OAuth 2.1: ready, and not ready as soon as a rule is missing.
import { observe, type ReadinessLine } from '@kimei/observer'
import type { RuleId } from '@kimei/protocol'
import { describe, expect, it } from 'vitest'
import { startLab } from '../src/index.ts'

const unbounded = { requestsPerSecond: Number.POSITIVE_INFINITY, requestsPerApi: 5000, budget: 50_000 }

async function readiness(without: readonly RuleId[]): Promise<(ReadinessLine & { readonly client: string })[]> {
  const lab = await startLab({ without })
  try {
    const { clock, signIn, wait } = lab
    const { issuers } = await observe(lab.inventory, { oauth21: true, pace: unbounded, clock, signIn, wait })
    return issuers.flatMap(({ client, readiness: lines = [] }) => lines.map((line) => ({ ...line, client })))
  } finally {
    await lab.close()
  }
}

const named = (lines: readonly (ReadinessLine & { readonly client: string })[]) =>
  lines.map(({ client, check, seen }) => `${client} ${check}: ${seen}`)

describe('our own issuer', { timeout: 120_000 }, () => {
  it('SEED-O21-01, SEED-O21-08, SEED-O21-09, SEED-O21-26: nothing is called not ready, and every check is ready somewhere', async () => {
    const lines = await readiness([])
    expect(named(lines.filter(({ verdict }) => verdict === 'not-ready'))).toEqual([])
    const ready = new Set(lines.filter(({ verdict }) => verdict === 'ready').map(({ check }) => check))
    const open = lines.filter(({ check }) => !ready.has(check))
    expect(named(open)).toEqual([])
  })

  it.each([
    ['O21-2.3.1-01', 'authorize.redirect-uri-is-registered', 'redirect-exact'],
    ['O21-4.1.1-01', 'pkce.method-is-s256', 'pkce-plain-refused'],
    ['O21-2.4-02', 'assertion.aud-is-the-issuer', 'assertion-audience'],
  ] as const)('%s: without %s it is not ready', async (_row, rule, check) => {
    const lines = await readiness([rule])
    expect(new Set(lines.filter(({ verdict }) => verdict === 'not-ready').map((line) => line.check))).toEqual(new Set([check]))
  })
})
