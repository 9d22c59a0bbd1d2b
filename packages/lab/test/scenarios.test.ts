// The catalogue of scenarios: sound as data, and each mistake of real houses really started, attacked, graded and mended.
import { contradictionIn, parseInventory, probes, renderPosture } from '@kimei/observer'
import { catalogue, Misuse } from '@kimei/protocol'
import { describe, expect, it } from 'vitest'
import {
  findScenario,
  gradeScenario,
  makeWorld,
  type PlayedStep,
  playAttack,
  type Scenario,
  scenarios,
  startScenario,
  startWorld,
} from '../src/index.ts'
import { openHolder } from '../src/parties/holder.ts'
import { removableRules } from '../src/scenarios/rule-scenarios.ts'

const byHand = scenarios.filter(({ kind }) => kind !== 'rule')
const named = (list: readonly Scenario[]) => list.map((scenario) => [scenario.id, scenario] as const)

describe('the catalogue as data', () => {
  it('ids are unique, in kebab-case, and found', () => {
    const ids = scenarios.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(findScenario('all-named')?.kind).toBe('setup')
    expect(findScenario('no-such')).toBeUndefined()
  })

  it('every rule that can be removed and seen has its scenario', () => {
    const missing = scenarios.flatMap(({ kind, world }) => (kind === 'rule' ? world.without : []))
    expect([...missing].sort()).toEqual(
      removableRules()
        .map(({ id }) => id)
        .sort(),
    )
    expect(missing.length).toBeGreaterThan(100)
  })

  it.each(named(scenarios))('%s: told in both languages, with a key that can be, rules and probes that exist', (_id, scenario) => {
    for (const text of [scenario.title, scenario.story, scenario.mend]) {
      for (const said of [text.ja, text.en]) expect(said.trim()).not.toBe('')
      expect(text.ja).toMatch(/[ぁ-ん]/)
    }
    expect(contradictionIn(scenario.truth.posture)).toBeUndefined()
    expect(scenario.attack.length).toBeGreaterThan(0)
    const known = probes.map(({ id }) => id)
    for (const hole of [...scenario.truth.holes, ...scenario.truth.notInForce]) {
      if ('rule' in hole) expect(catalogue.has(hole.rule), hole.rule).toBe(true)
      else expect(known).toContain(hole.probe)
    }
    for (const step of scenario.attack) if ('probe' in step) expect(known).toContain(step.probe)
    if (scenario.kind !== 'setup') expect(scenario.truth.holes).not.toEqual([])
  })

  it('SEED-TB-62: an unknown switch is refused with the values there are, all mistakes at once', () => {
    const odd = { mode: 'dopp', apis: { admin: { dpop: 'maybe' } } } as unknown as Parameters<typeof makeWorld>[0]
    expect(() => makeWorld(odd)).toThrow(
      new Misuse(['mode: "dopp" is none of bearer, dpop, mtls', 'apis.admin.dpop: "maybe" is none of on, off']),
    )
  })
})

async function play(scenario: Scenario, how: 'as-it-is' | 'mended' = 'as-it-is'): Promise<PlayedStep[]> {
  const started = await startScenario(scenario, how)
  try {
    const played: PlayedStep[] = []
    for await (const one of playAttack(started)) played.push(one)
    return played
  } finally {
    await started.close()
  }
}

const thefts = (played: readonly PlayedStep[]) => played.filter(({ step }) => step.who === 'thief' || step.move === 'use-revoked')
const told = (played: readonly PlayedStep[]) => played.map(({ says, passed }) => `${says.en}: ${passed}`)

describe('each mistake of real houses', { timeout: 240_000 }, () => {
  it.each(named(byHand))('%s: the attack goes as told, over the wire, and leaves its events', async (_id, scenario) => {
    const played = await play(scenario)
    expect(told(played)).toEqual(told(played.map((one) => ({ ...one, passed: one.step.passes }))))
    for (const { exchanges } of played) expect(exchanges.length).toBeGreaterThan(0)
    const shown = JSON.stringify(played)
    // A token or a proof is a JWT: none of it is shown.
    expect(shown).not.toMatch(/eyJ[\w-]{10,}/)
    // What the observer keeps of an exchange has no such header.
    if (scenario.world.plan === 'switched') expect(shown).toContain('Kimei-Lab: ')
  })

  it.each(named(byHand))('%s: the observer says what is so', async (_id, scenario) => {
    const grade = await gradeScenario(scenario)
    expect(grade.key.found).toBe(renderPosture(scenario.truth.posture))
    expect(grade.priority.found).toBe(scenario.truth.priority)
    expect(grade.falseAlarms).toEqual([])
    expect(grade.holes.filter(({ found }) => !found)).toEqual([])
    expect(grade.right).toBe(true)
  })

  const mendable = byHand.filter(({ kind }) => kind === 'compound')
  it.each(named(mendable))('%s: mended, nothing of it gets through', async (_id, scenario) => {
    expect(told(thefts(await play(scenario, 'mended')).filter(({ passed }) => passed))).toEqual([])
  })
})

describe('the switches', { timeout: 60_000 }, () => {
  it('SEED-TB-63: the exception answers to Bearer alone, the others do not', async () => {
    const played = await play(findScenario('admin-exception')!)
    expect(thefts(played).map(({ step, passed }) => ['api' in step && step.api, passed])).toEqual([
      ['admin', true],
      ['payments', false],
    ])
  })

  it('SEED-TB-65, SEED-TB-66, SEED-TB-67, SEED-TB-69: issuance and use leave their event with the mode, refusals with the reason', async () => {
    const events = (await play(findScenario('all-named')!)).flatMap(({ audit }) => audit)
    expect(events).toContainEqual(expect.objectContaining({ event: 'token_issued', mode: 'dpop' }))
    expect(events).toContainEqual(expect.objectContaining({ event: 'api_access', mode: 'dpop' }))
    expect(events).toContainEqual(expect.objectContaining({ event: 'dpop_invalid', rule: 'dpop.htu-is-request-target' }))
    expect(events).toContainEqual(expect.objectContaining({ event: 'binding_mismatch', rule: 'binding.proof-key-is-named-key' }))
    const bearer = (await play(findScenario('all-bearer')!)).flatMap(({ audit }) => audit)
    expect(bearer).toContainEqual(expect.objectContaining({ event: 'token_issued', mode: 'bearer' }))
    expect(bearer).toContainEqual(expect.objectContaining({ event: 'api_access', mode: 'bearer' }))
  })

  it('SEED-TB-62, SEED-TB-63, SEED-TB-64, SEED-TB-68: by certificate, its holder gets in; without it mtls_missing is left, with another binding_mismatch', async () => {
    const played = await play(findScenario('all-certificates')!)
    expect(played.slice(0, 2).map(({ passed, ticket }) => [passed, ticket?.kind])).toEqual([
      [true, 'named'],
      [true, 'named'],
    ])
    const events = played.flatMap(({ audit }) => audit)
    expect(events).toContainEqual(expect.objectContaining({ event: 'token_issued', mode: 'mtls' }))
    expect(events).toContainEqual(expect.objectContaining({ event: 'api_access', mode: 'mtls' }))
    expect(events).toContainEqual(expect.objectContaining({ event: 'mtls_missing', rule: 'binding.certificate-comes-along' }))
    expect(events).toContainEqual(expect.objectContaining({ event: 'binding_mismatch', rule: 'binding.certificate-is-named-certificate' }))
  })

  it('SEED-TB-64: a client that holds a key refuses a ticket that names none', async () => {
    const bearer = await startWorld(makeWorld({ mode: 'bearer' }))
    const holder = openHolder({
      client: 'web',
      issuer: bearer.issuerUrl,
      resource: `${bearer.apiUrl}/`,
      scopes: ['lab:orders'],
      clock: bearer.clock,
      send: bearer.stranger(),
      async signIn(url) {
        const back = await bearer.signIn(url)
        return 'redirectedTo' in back ? back.redirectedTo : ''
      },
    })
    await expect(holder.getTicket()).rejects.toThrow('holder.')
    await bearer.close()
  })

  it('SEED-TB-72: the inventory of a lab names its APIs in falling privilege', async () => {
    const started = await startScenario(findScenario('all-named')!)
    await started.close()
    expect(started.inventory.apis.map(({ privilege }) => privilege)).toEqual(['high', 'high', 'mid', 'mid', 'mid'])
    expect(() => parseInventory({ ...started.inventory, clients: [] })).toThrow(Misuse)
  })
})
