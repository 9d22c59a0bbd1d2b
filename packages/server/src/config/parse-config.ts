// From unknown input to a checked configuration, or one Misuse with every mistake in it.
import { Misuse, sayMistake } from '@kimei/protocol'
import { z } from 'zod'
import { checkConfig } from './checks.ts'
import { withProfile } from './profiles.ts'
import { type IssuerConfig, issuerSchema } from './schema.ts'

/** Throws Misuse: unknown keys, wrong values and contradictions, all at once. */
export function parseIssuerConfig(input: unknown): IssuerConfig {
  const parsed = issuerSchema.safeParse(withProfile(input))
  if (!parsed.success) throw new Misuse(parsed.error.issues.flatMap(sayIssue))
  const mistakes = checkConfig(parsed.data)
  if (mistakes.length > 0) throw new Misuse(mistakes)
  return parsed.data
}

function sayIssue(issue: z.core.$ZodIssue): readonly string[] {
  const where = issue.path.length === 0 ? 'the configuration' : z.core.toDotPath(issue.path)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${where}: "${key}" is not a known key`)
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.map((errors) => errors.map((one) => one.message).join(', ')).filter((text) => text !== '')
    return [`${where}: ${inner.length > 0 ? inner.join(' — or: ') : issue.message}`]
  }
  return [`${where}: ${sayMistake(issue)}`]
}

/** JSON Schema of what a person may write, for editors and docs. */
export function issuerJsonSchema(): object {
  return z.toJSONSchema(issuerSchema, { io: 'input', target: 'draft-2020-12' })
}
