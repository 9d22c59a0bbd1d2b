// The catalogue of all rules: complete, unambiguous, each rule citable and tied to what it fulfils.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as law from '../src/index.ts'
import { catalogue, type RuleHead } from '../src/index.ts'

const sourceFolder = new URL('../src/', import.meta.url)
const sources = readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

/** Ids as they stand in the source: the key of a rule is a quoted id that opens an object. */
const written = sources.flatMap((file) => {
  const text = readFileSync(new URL(file.replaceAll('\\', '/'), sourceFolder), 'utf8')
  return [...text.matchAll(/^ {2}'([a-z0-9-]+\.[a-z0-9-]+)': (?:\{|[a-z])/gm)].map((match) => match[1]!)
})

const isTable = (value: unknown): value is { readonly rules: Record<string, RuleHead> } =>
  typeof value === 'object' && value !== null && 'rules' in value && 'family' in value

describe('the catalogue', () => {
  it('has every rule that is written anywhere in the law', () => {
    expect(written.length).toBeGreaterThan(100)
    expect(written.filter((id) => !catalogue.has(id as never))).toEqual([])
  })

  it.each([...catalogue.values()].map((rule) => [rule.id, rule] as const))('%s is citable', (id, rule) => {
    expect(id).toMatch(/^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/)
    expect(rule.cite).not.toBe('')
    expect(rule.says.length).toBeGreaterThan(10)
    expect(rule.says).not.toMatch(/\.$/)
    for (const reason of [rule.fixed, rule.unseen]) if (reason !== undefined) expect(reason.length).toBeGreaterThan(10)
  })

  it('says of every rule about iat, nbf, exp or auth_time whether two clocks are compared', () => {
    const named = /\b(?:iat|nbf|exp|auth_time)\b|\b(?:assertion|object|token) has not expired/
    const ofTime = [...catalogue.values()].filter(({ id, says }) => named.test(id.replace('.', ' ')) || named.test(says))
    // These ask whether a time is there and can be read: no clock is looked at.
    const readable = /\.(?:claims-are-complete|times-are-numbers|(?:iat|exp)-is-(?:a-time|number))$/
    const silent = ofTime.filter(({ id, byClock }) => byClock === undefined && !readable.test(id))
    expect(silent.map(({ id }) => id)).toEqual([])
  })

  it('hands out no table that it does not hold', () => {
    const tables = Object.values(law as Record<string, unknown>).filter(isTable)
    expect(tables.length).toBeGreaterThan(15)
    for (const table of tables) for (const id of Object.keys(table.rules)) expect(catalogue.has(id as never)).toBe(true)
  })
})
