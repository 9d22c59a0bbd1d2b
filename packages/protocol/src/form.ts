// The one strict parser of application/x-www-form-urlencoded messages: request bodies and authorization queries.
// What the parameters mean is for the folders of their specifications.
import { type Broken, broke, type Law, must, namedRules } from './rule.ts'

/** OAuth 2.1 §3.1, §3.2: unknown parameters are ignored, empty ones are absent, repeats are refused. */
export interface Form {
  /** The value; `undefined` when absent or empty. */
  get(name: string): string | undefined
  /** Every non-empty value of a parameter that may repeat. */
  all(name: string): readonly string[]
  /** Names that came more than once and may not. */
  readonly repeated: ReadonlySet<string>
  /** As sent. */
  readonly text: string
}

export const formRules = namedRules('request', {
  'form.is-well-formed': {
    cite: 'OAuth2.1§3.2',
    level: 'MUST',
    says: 'the parameters are well-formed percent-encoded UTF-8',
    fixed: 'what cannot be decoded cannot be read',
  },
  'form.names-do-not-repeat': {
    cite: 'OAuth2.1§3.2',
    level: 'MUST',
    says: 'each parameter is sent at most once',
    rows: ['O21-3.2-01', 'O21-3.1-01'],
  },
})

/** RFC 8707 §2, RFC 8693 §2.1: those that may repeat. */
const repeatable: ReadonlySet<string> = new Set(['resource', 'audience'])
const nothing: ReadonlySet<string> = new Set()

/** Parses a body or a query (without `?`). Bounded by its caller. */
export function parseForm(text: string): Form | Broken {
  const values = new Map<string, string>()
  let several: Map<string, string[]> | undefined
  let repeated: Set<string> | undefined
  for (const pair of text === '' ? [] : text.split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = formDecode(at < 0 ? pair : pair.slice(0, at))
    const value = at < 0 ? '' : formDecode(pair.slice(at + 1))
    if (name === undefined || value === undefined) return broke(formRules, 'form.is-well-formed')
    if (repeatable.has(name)) {
      several ??= new Map()
      const list = several.get(name)
      if (value === '') continue
      if (list) list.push(value)
      else several.set(name, [value])
    } else if (values.has(name)) {
      repeated ??= new Set()
      repeated.add(name)
    } else values.set(name, value)
  }
  return {
    get: (name) => values.get(name) || several?.get(name)?.[0],
    all: (name) => several?.get(name) ?? (values.get(name) ? [values.get(name) as string] : []),
    repeated: repeated ?? nothing,
    text,
  }
}

/** Judges the repeats; `but` names those that were judged before. */
export function checkRepeats(form: Form, law: Law, but?: readonly string[]): Broken | undefined {
  const repeated = but ? [...form.repeated].filter((name) => !but.includes(name)) : [...form.repeated]
  return must(formRules, 'form.names-do-not-repeat', repeated.length === 0, law, () => ({
    expected: 'each parameter once',
    received: repeated.slice(0, 5).map((name) => name.slice(0, 40)),
  }))
}

/** `+` is a space; percent triplets are UTF-8. `undefined`: malformed. */
export function formDecode(text: string): string | undefined {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** The inverse, for redirects: every character outside the unreserved set is encoded. */
export function formEncode(parameters: readonly (readonly [name: string, value: string])[]): string {
  return parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}
