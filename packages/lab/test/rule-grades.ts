// Grades the lab without one rule, for the rules of one chapter of the catalogue. Chapters are files, so that every core has one.
// Which chapter a rule belongs to stands here alone; the last chapter takes the rest, so that no rule can be left out.
import { renderPosture } from '@kimei/observer'
import { describe, expect, it } from 'vitest'
import { gradeScenario, type Scenario, scenarios } from '../src/index.ts'

const chapters = {
  /** What an API judges: proof, ticket, key and scope. */
  tickets: /^(jose|jwk|dpop|binding|token|access-token|access|credentials)-/,
  /** What is asked for, and by which way it came. */
  requests: /^(request|request-object|form|par|authorize|pkce|scope|resource|details)-/,
  /** Who asks, and for what it gave its code. */
  clients: /^(client|client-auth|client-certificate|client-credentials|assertion|code|device)-/,
  /** What is handed on, renewed, exchanged and taken back. */
  grants: /^/,
} as const

export type Chapter = keyof typeof chapters

function chapterOf({ id }: Scenario): Chapter {
  const names = Object.keys(chapters) as Chapter[]
  return names.find((name) => chapters[name].test(id)) ?? 'grants'
}

export function gradeChapter(chapter: Chapter): void {
  const rules = scenarios.filter((scenario) => scenario.kind === 'rule' && chapterOf(scenario) === chapter)
  describe('the lab without one rule', { timeout: 120_000 }, () => {
    it.each(rules.map((scenario) => [scenario.id, scenario] as const))(
      '%s: key, priority and hole are those of the catalogue',
      async (_id, scenario) => {
        const { key, priority, holes, falseAlarms } = await gradeScenario(scenario)
        expect(holes.filter(({ found }) => !found)).toEqual([])
        expect(falseAlarms).toEqual([])
        expect([key.found, priority.found]).toEqual([renderPosture(scenario.truth.posture), scenario.truth.priority])
      },
    )
  })
}
