// What a schema found wrong in something that a person wrote, in words for that person. What is right stands in the schemas.
// Structural, so that the law needs no schema library.

/** One finding of a schema check, as zod tells it. */
export interface SchemaIssue {
  readonly code?: string | undefined
  readonly message: string
  readonly path: readonly PropertyKey[]
  readonly expected?: unknown
  readonly values?: readonly unknown[]
  readonly keys?: readonly string[]
  readonly origin?: string
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
}

/** `is missing`, `one of spa, mobile, server`: without the place, which the caller names in its own way. */
export function sayMistake(issue: SchemaIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return sayType(issue)
    case 'invalid_value':
      return issue.values?.length === 1 ? `must be ${String(issue.values[0])}` : `one of ${issue.values?.map(String).join(', ')}`
    case 'unrecognized_keys':
      return `${issue.keys?.map((key) => `"${key}"`).join(', ')} ${issue.keys?.length === 1 ? 'is not a known key' : 'are not known keys'}`
    case 'too_small':
      return saySize(issue, 'at least', issue.minimum)
    case 'too_big':
      return saySize(issue, 'at most', issue.maximum)
    default:
      return issue.message
  }
}

function sayType({ expected, message }: SchemaIssue): string {
  const wanted = kinds[String(expected)] ?? String(expected)
  const [, received] = /received (\w+)$/.exec(message) ?? []
  if (received === undefined) return message
  return received === 'undefined' ? `is missing: ${wanted}` : `must be ${wanted}, and is ${kinds[received] ?? received}`
}

function saySize({ origin, message }: SchemaIssue, bound: string, limit: number | bigint | undefined): string {
  // A schema with words of its own says more than its bound does.
  if (!message.startsWith('Too ')) return message
  if (origin === 'string' && bound === 'at least' && Number(limit) <= 3) return 'is empty: fill it in'
  const unit = origin === 'string' ? ' characters' : origin === 'array' ? (Number(limit) === 1 ? ' entry' : ' entries') : ''
  return `must be ${bound} ${limit}${unit}`.replace(/^must be (at \w+ \d+ entr)/, 'must have $1')
}
