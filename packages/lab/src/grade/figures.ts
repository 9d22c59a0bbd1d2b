// Many grades in figures: how often the observer was right, what it missed, what it made up.
import type { Grade } from './grade-scenario.ts'

export interface Figures {
  readonly scenarios: number
  readonly right: number
  readonly holes: number
  readonly found: number
  readonly falseAlarms: number
  /** Of what it called a hole, the part that is one. */
  readonly precision: number
  /** Of the holes, the part that it found. */
  readonly recall: number
  readonly requests: number
}

export function figuresOf(grades: readonly Grade[]): Figures {
  const sum = (of: (grade: Grade) => number) => grades.reduce((all, grade) => all + of(grade), 0)
  const holes = sum((grade) => grade.holes.length)
  const found = sum((grade) => grade.holes.filter((hole) => hole.found).length)
  const falseAlarms = sum((grade) => grade.falseAlarms.length)
  const share = (part: number, whole: number) => (whole === 0 ? 1 : part / whole)
  return {
    scenarios: grades.length,
    right: grades.filter(({ right }) => right).length,
    holes,
    found,
    falseAlarms,
    precision: share(found, found + falseAlarms),
    recall: share(found, holes),
    requests: sum((grade) => grade.requests),
  }
}

/** For programs: each scenario with what was expected and found, then the figures. */
export function gradesAsJson(grades: readonly Grade[]): object {
  const rows = grades.map(({ scenario, right, key, priority, holes, falseAlarms, requests, milliseconds }) => ({
    scenario: scenario.id,
    right,
    key,
    priority,
    missed: holes.filter(({ found }) => !found).map(({ hole }) => hole),
    falseAlarms,
    requests,
    milliseconds,
  }))
  return { figures: figuresOf(grades), scenarios: rows }
}
