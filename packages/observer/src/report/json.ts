// The observation as JSON, with its published schema; and read back from it.
import { Misuse } from '@kimei/protocol'
import type { Observation } from '../observation.ts'
import { observationSchema } from './schema.ts'

/** Stable order of members, two spaces, one newline at the end. */
export function renderJson(observation: Observation): string {
  return `${JSON.stringify(observation, undefined, 2)}\n`
}

/**
 * Reads what {@link renderJson} wrote.
 * @throws Misuse naming the first places where it is no report.
 */
export function parseObservation(text: string): Observation {
  let input: unknown
  try {
    input = JSON.parse(text)
  } catch {
    throw new Misuse(['no JSON: a report of kimei observe --format json is needed'])
  }
  const read = observationSchema.safeParse(input)
  if (read.success) return read.data
  const issues = read.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || 'report'}: ${issue.message}`)
  throw new Misuse([...issues, 'no report of kimei observe --format json, or one of another version'])
}
