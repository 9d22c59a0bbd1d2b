// `--explain`: the finding, the rule with its source, the exchange without secrets, and the command only where it is allowed.
import { beforeAll, describe, expect, it } from 'vitest'
import { type Inventory, parseInventory } from '../src/inventory/inventory.ts'
import type { Observation } from '../src/observation.ts'
import { probes as allProbes } from '../src/probes/index.ts'
import { renderExplanation } from '../src/report/explain.ts'
import { parseObservation, renderJson } from '../src/report/json.ts'
import { observe } from '../src/run/observe.ts'
import { quick } from './express-apis.ts'
import { realObservation, startStrangers, withHostileTexts } from './real-observation.ts'
import { inventoryOf } from './records.ts'

let real: Observation
let inventory: Inventory
const now = Date.parse('2026-06-30T12:00:00Z') / 1000
beforeAll(async () => {
  real = await realObservation()
  const { written, close } = await startStrangers()
  await close()
  inventory = parseInventory(written)
})

describe('a finding', () => {
  it('names who acts, the control, the rule with its citation and every exchange', () => {
    const text = renderExplanation(real, 'f1', { now })
    expect(text).toContain('F1 P0 The ticket alone is enough; no key is needed')
    expect(text).toMatch(/who acts\s+API/)
    expect(text).toMatch(/binding\.named-token-is-not-bearer \(RFC9449§7\.\d MUST\)/)
    expect(text).toMatch(/Authorization: Bearer \[sha256 [0-9a-f]{16}…, \d+\]\s+iss=/)
    expect(text).toMatch(/proves\s+\S/)
    expect(text).toMatch(/does not prove\s+\S/)
    for (const id of real.findings[0]!.evidence) expect(text).toMatch(new RegExp(`^  ${id} `, 'm'))
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(text).not.toMatch(/eyJ[A-Za-z0-9_-]{20,}/)
  })

  it('can be asked for by its kind, for every place at once, and in Japanese', () => {
    const text = renderExplanation(real, 'replay-accepted', { now, language: 'ja' })
    expect(text.match(/^F\d+ P1 同じ証明が二度通る$/gm)).toHaveLength(2)
    expect(text).toContain('やり取り')
  })

  it('whatever is in the report, the terminal is not steered', () => {
    const text = renderExplanation(withHostileTexts(real), 'F1', { now, inventory })
    expect(/(?!\n)\p{Cc}/u.exec(text)?.index).toBeUndefined()
  })
})

describe('a control or a rule', () => {
  it('B1: what it proves, its rule, what was answered everywhere', () => {
    const text = renderExplanation(real, 'B1', { now })
    expect(text).toContain('Control B1')
    expect(text).toContain('binding.named-token-is-not-bearer')
    expect(text).toContain('Exchanges')
  })

  it('a rule id leads to the controls that attack it', () => {
    expect(renderExplanation(real, 'dpop.jti-is-first-use', { now })).toContain('Control R1')
  })

  it('what the report does not know is refused, with what it knows', () => {
    expect(() => renderExplanation(real, 'F99', { now })).toThrow(/no finding, control or rule "F99".*F1 bearer-accepted/)
    expect(() => renderExplanation(real, '\u001b[2J', { now })).toThrow('"\uFFFD[2J"')
  })
})

describe('every probe', () => {
  it('says in both languages what it shows and what it does not; the Japanese is no English sentence', () => {
    for (const { id, says, proves, doesNotProve } of allProbes)
      for (const { ja, en } of [says, proves, doesNotProve]) {
        expect(en, id).toMatch(/[a-z]/)
        expect(ja, id).toMatch(/[\p{Script=Hiragana}\p{Script=Katakana}]/u)
        // Names of the protocol stay as they are; three English words in a row are none.
        expect(ja, id).not.toMatch(/[A-Za-z]+ [a-z]{2,} [a-z]{2,}/)
      }
  })

  it('of a report from before there were two languages is read with the one it has', () => {
    const old = JSON.parse(renderJson(real)) as { apis: { probes: { proves: unknown }[] }[] }
    const probe = old.apis.flatMap(({ probes }) => probes)[0]!
    probe.proves = 'the API reads cnf'
    const read = parseObservation(JSON.stringify(old)).apis.flatMap(({ probes }) => probes)[0]!
    expect(read.proves).toEqual({ ja: 'the API reads cnf', en: 'the API reads cnf' })
  })
})

describe('the command that shows it again', () => {
  const commandOf = (id: string, given: Inventory | undefined, at = now) => {
    const text = renderExplanation(real, id, { now: at, ...(given && { inventory: given }), inventoryPath: 'our inventory.yaml' })
    return text.slice(text.indexOf('See it again'))
  }

  it('observes again with the same controls, and shows a reading request with the token left to the reader', () => {
    const command = commandOf('F1', inventory)
    expect(command).toContain("kimei observe 'our inventory.yaml' --only B1 --detail")
    expect(command).toMatch(/curl -sS -i -H "Authorization: Bearer \$KIMEI_TOKEN" http:\/\/127\.0\.0\.1:\d+\/bearer/)
    expect(command).toContain('KIMEI_TOKEN is a ticket of your own test client.')
  })

  it('what needs a proof has no line of curl; no inventory, no command', () => {
    expect(commandOf('replay-accepted', inventory)).not.toContain('curl')
    expect(commandOf('F1', undefined)).toContain('No command: the inventory is not at hand.')
    expect(commandOf('F1', undefined)).not.toContain('curl')
  })

  it('a writing request is never shown', () => {
    const apis = inventory.apis.map((api) => ({ ...api, method: 'POST' as const, repeatable: true }))
    expect(commandOf('F1', { ...inventory, apis })).not.toContain('curl')
  })

  it('another host needs consent that has not ended', () => {
    const outside = inventoryOf([{ id: 'admin', privilege: 'high' }])
    expect(commandOf('F1', outside)).toContain('curl')
    expect(commandOf('F1', outside, Date.parse('2100-01-01') / 1000)).toContain('the consent of the inventory has ended')
    expect(commandOf('F1', outside, Date.parse('2100-01-01') / 1000)).not.toMatch(/curl|kimei observe/)
  })

  it('a URL cannot leave its quotes', () => {
    const apis = inventory.apis.map((api) => ({ ...api, url: `http://127.0.0.1/a';touch${'$'}{IFS}x;'` }))
    expect(commandOf('F1', { ...inventory, apis })).toContain(`'http://127.0.0.1/a'\\'';touch${'$'}{IFS}x;'\\'''`)
  })
})

describe('the command, followed', () => {
  it('each finding with a control is found again by its controls alone', async () => {
    const { written, close } = await startStrangers()
    try {
      const inventory = parseInventory(written)
      const options = { pace: quick }
      const first = await observe(inventory, { ...options, depth: 'full' })
      const asked = [...new Map(first.findings.filter(({ probes }) => probes.length > 0).map((one) => [one.probes.join(), one])).values()]
      expect(asked.length).toBeGreaterThanOrEqual(4)
      for (const finding of asked) {
        const line = renderExplanation(first, finding.id, { now, inventory, inventoryPath: 'i.yaml' }).split('\n')
        const only = line.map((one) => /^ {2}kimei observe i\.yaml --only (\S+) --detail$/.exec(one)?.[1]).find(Boolean)
        const again = await observe(inventory, { ...options, only: only!.split(',') })
        expect(again.findings.map(({ kind, at }) => `${kind} ${at}`)).toContain(`${finding.kind} ${finding.at}`)
      }
    } finally {
      await close()
    }
  }, 60_000)
})
