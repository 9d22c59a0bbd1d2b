// The few header lines the guard reads, gathered in one pass. Nothing is joined and nothing is decoded.
import type { RequestFacts } from './facts.ts'

export interface HeaderLines {
  readonly authorization: readonly string[]
  readonly dpop: readonly string[]
  readonly origin: string | undefined
}

const none: readonly string[] = []

export function readHeaderLines(facts: RequestFacts): HeaderLines {
  let authorization = none
  let dpop = none
  let origin: string | undefined
  for (const [name, value] of facts.headers) {
    // The length tells most names apart without folding their case.
    if (name.length === 13 && name.toLowerCase() === 'authorization') authorization = [...authorization, value]
    else if (name.length === 4 && name.toLowerCase() === 'dpop') dpop = [...dpop, value]
    else if (name.length === 6 && name.toLowerCase() === 'origin') origin = value
  }
  return { authorization, dpop, origin }
}

/** Values of every line of a header, by its lower-case name. */
export function linesOf(facts: RequestFacts, name: string): readonly string[] {
  let found = none
  for (const [each, value] of facts.headers) if (each.length === name.length && each.toLowerCase() === name) found = [...found, value]
  return found
}

/** First value of a header, by its lower-case name. */
export function headerOf(facts: RequestFacts, name: string): string | undefined {
  for (const [each, value] of facts.headers) if (each.length === name.length && each.toLowerCase() === name) return value
  return undefined
}
