// The observation as JSON, with its published schema.
import type { Observation } from '../observation.ts'

/** Stable order of members, two spaces, one newline at the end. */
export function renderJson(observation: Observation): string {
  return `${JSON.stringify(observation, undefined, 2)}\n`
}
