// Everything of one run that could be used again, remembered in this process alone, so that no report can contain it:
// a server may echo a ticket in an error code, a header or its metadata.
import { readJsonObject } from '../read-json.ts'
import { headerValues, type RawAnswer, type RawRequest } from '../wire/raw-client.ts'

export interface Withheld {
  /** Learns what one exchange sent and was given. */
  learn(request: RawRequest, answer: RawAnswer): void
  /** Learns a secret that no exchange tells by its place. */
  keep(secret: string): void
  /** What came from outside, with every such text replaced. Not for our own words: a hostile issuer may call its ticket "enforced". */
  scrub<T>(value: T): T
}

export const withheldMark = '[withheld]'

/** Shorter texts are no secrets; replacing them would tear words apart. */
const shortest = 12

/** In JSON answers: what an issuer hands out. */
const issued = ['access_token', 'refresh_token', 'id_token', 'device_code', 'user_code', 'registration_access_token']
/** In forms and queries, where a name alone tells what a value is. */
const sent = [
  ...issued,
  'code',
  'client_secret',
  'client_assertion',
  'assertion',
  'subject_token',
  'actor_token',
  'token',
  'code_verifier',
  'password',
  'request',
  'logout_token',
  'id_token_hint',
]

export function openWithheld(): Withheld {
  const secrets = new Set<string>()
  const add = (value: unknown) => {
    if (typeof value !== 'string' || value.length < shortest || secrets.has(value)) return
    for (const part of [value, ...partsOf(value)]) for (const written of [part, ...otherwise(part)]) secrets.add(written)
  }
  /** A proof is good once and for seconds: nobody writes it otherwise to keep it. */
  const addProof = (proof: string) => {
    if (proof.length >= shortest) for (const part of [proof, ...partsOf(proof)]) secrets.add(part)
  }
  const addForm = (text: string) => {
    const form = new URLSearchParams(text)
    for (const name of sent) for (const value of form.getAll(name)) add(value)
  }

  return {
    keep: add,
    learn(request, answer) {
      for (const value of headerValues(request.headers, 'authorization')) addCredentials(value, add)
      for (const value of headerValues(request.headers, 'dpop')) for (const proof of value.split(/,\s*/)) addProof(proof)
      for (const value of headerValues(request.headers, 'cookie')) for (const pair of value.split(/;\s*/)) add(afterEquals(pair))
      for (const url of [request.url, ...headerValues(answer.headers, 'location')]) {
        const [, query = ''] = url.split(/[?#](.*)/s)
        addForm(query.replace('#', '&'))
      }
      if (request.body !== undefined) addForm(request.body)
      for (const value of headerValues(answer.headers, 'set-cookie')) add(afterEquals(value.split(';')[0]!))
      for (const value of headerValues(answer.headers, 'dpop-nonce')) add(value)
      const body = readJsonObject(answer.body)
      for (const name of issued) add(body?.[name])
    },
    scrub: (value) => (secrets.size === 0 ? value : scrubbed(value, [...secrets])),
  }
}

/** A part of a JWS is as telling as the whole; its header is the same for everybody. */
function partsOf(value: string): readonly string[] {
  return value
    .split('.')
    .slice(1)
    .filter((part) => part.length >= 16)
}

/** The same in other letters, alone or within something longer: hexadecimal, percent-encoded, in small letters, in base64 of each kind. */
function otherwise(value: string): readonly string[] {
  const bytes = Buffer.from(value)
  // Three characters in four: where it begins within the longer text decides which.
  const encoded = [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes])
    const whole = shifted.subarray(0, shifted.length - (shifted.length % 3))
    const skipped = [0, 2, 3][offset]!
    return (['base64', 'base64url'] as const).map((kind) => whole.toString(kind).slice(skipped))
  })
  const hex = bytes.toString('hex')
  return [...encoded, hex, hex.toUpperCase(), encodeURIComponent(value), value.toLowerCase()].filter(({ length }) => length >= shortest)
}

function addCredentials(header: string, add: (value: string) => void): void {
  const [, , credentials = header] = /^(\S+)\s+(.*)$/s.exec(header) ?? []
  add(credentials)
  if (!/^basic\s/i.test(header)) return
  const decoded = Buffer.from(credentials, 'base64').toString('utf8')
  const password = decoded.slice(decoded.indexOf(':') + 1)
  add(password)
  try {
    add(decodeURIComponent(password.replaceAll('+', ' ')))
  } catch {
    // Not encoded as forms are: what was sent is known already.
  }
}

function afterEquals(pair: string): string {
  return pair.slice(pair.indexOf('=') + 1)
}

function scrubbed<T>(value: T, secrets: readonly string[]): T {
  if (typeof value === 'string') return scrubText(value, secrets) as T
  if (Array.isArray(value)) return value.map((entry: unknown) => scrubbed(entry, secrets)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [scrubText(name, secrets), scrubbed(member, secrets)])) as T
}

function scrubText(text: string, secrets: readonly string[]): string {
  if (text.length < shortest) return text
  let clean = text
  for (const secret of secrets) if (secret.length <= clean.length && clean.includes(secret)) clean = clean.replaceAll(secret, withheldMark)
  return clean
}
