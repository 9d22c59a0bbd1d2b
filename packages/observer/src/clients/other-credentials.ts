// Other credentials made ready: their secrets read, made-up ones of the same shape, and how one is put into a call.
// What is asked with them stands in `probes/others/`; the inventory's part in `inventory/other-credentials.ts`.
import { Misuse } from '@kimei/protocol'
import type { ApiCall } from '../edits/plans.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { type Carrier, type CredentialKind, carrierOf } from '../inventory/other-credentials.ts'
import { type ReadSecret, readText } from './prepare.ts'
import { readClaims } from './tickets.ts'

export interface OtherCredential {
  readonly id: string
  readonly kind: CredentialKind
  readonly carrier: Carrier
  /** Ids of APIs; `undefined`: all. */
  readonly apis: readonly string[] | undefined
  readonly secret: string | undefined
  readonly worksAt: string | undefined
}

/** Shorter ones could not be told from words in what a server echoes. */
const shortest = 12

/** @throws Misuse with everything that cannot be read or sent, of all of them. */
export async function prepareOtherCredentials(
  inventory: Inventory,
  readSecret: ReadSecret | undefined,
): Promise<readonly OtherCredential[]> {
  const mistakes: string[] = []
  const prepared: OtherCredential[] = []
  for (const entry of inventory.otherCredentials) {
    const where = `otherCredentials.${entry.id}.secret`
    const carrier = carrierOf(entry)
    try {
      const secret = entry.secret === undefined ? undefined : await readText(where, entry.secret, readSecret)
      if (secret !== undefined)
        mistakes.push(...secretMistakes(entry.kind, carrier, secret, inventory.subjects).map((one) => `${where}: ${one}`))
      prepared.push({ id: entry.id, kind: entry.kind, carrier, apis: entry.apis, secret, worksAt: entry.worksAt })
    } catch (error) {
      if (!(error instanceof Misuse)) throw error
      mistakes.push(...error.mistakes)
    }
  }
  if (mistakes.length > 0) throw new Misuse(mistakes)
  return prepared
}

function secretMistakes(kind: CredentialKind, carrier: Carrier, secret: string, subjects: readonly string[]): string[] {
  const telling = kind === 'basic' ? passwordOf(secret) : secret
  const subject = readClaims(secret)?.['sub']
  const parts = { header: /[^\x20-\x7e]/, cookie: /[^\x21-\x7e]|[;,"\\]/, query: /\p{Cc}/u }
  return [
    ...(kind === 'basic' && !secret.includes(':') ? ['it is a name and a password with a colon between them'] : []),
    ...(telling.length < shortest ? [`shorter than ${shortest} characters: where a server echoes it, it could not be withheld`] : []),
    ...(kind !== 'basic' && parts[carrier.in].test(secret) ? [`it cannot be sent in a ${carrier.in}`] : []),
    ...(typeof subject === 'string' && !subjects.includes(subject) ? ['it belongs to a subject that is not among subjects'] : []),
  ]
}

function passwordOf(secret: string): string {
  return secret.slice(secret.indexOf(':') + 1)
}

/** Everything of one that must not be shown. */
export function tellingPartsOf({ kind, secret }: OtherCredential): readonly string[] {
  if (secret === undefined) return []
  return kind === 'basic' ? [secret, passwordOf(secret), Buffer.from(secret).toString('base64')] : [secret]
}

/** The call with it put in its place, beside whatever else is there. */
export function carrying(call: ApiCall, { kind, carrier }: Pick<OtherCredential, 'kind' | 'carrier'>, secret: string): ApiCall {
  const value = kind === 'basic' ? Buffer.from(secret).toString('base64') : secret
  if (carrier.in === 'query') {
    const url = new URL(call.url)
    url.searchParams.set(carrier.name, value)
    return { ...call, url: url.href }
  }
  if (carrier.in === 'cookie') return { ...call, headers: [...call.headers, ['Cookie', `${carrier.name}=${value}`]] }
  const scheme = 'scheme' in carrier ? carrier.scheme : undefined
  const written = scheme === undefined ? value : `${scheme} ${value}`
  return { ...call, headers: [...call.headers, [carrier.name, written]] }
}

/** Of the same shape, as far as one is known: guards may look at the beginning or the length before they look anything up. */
export function madeUp({ kind, secret }: OtherCredential, random: () => string): string {
  if (secret === undefined) return kind === 'basic' ? `observer:${random()}` : random()
  if (kind === 'basic') return `${secret.slice(0, secret.indexOf(':'))}:${random()}`
  // `glpat-`, `sk_test_`: what says of which kind it is.
  const begins = Math.max(secret.slice(0, 12).lastIndexOf('_'), secret.slice(0, 12).lastIndexOf('-')) + 1
  let source = ''
  while (source.length < secret.length) source += random()
  return [...secret].map((letter, i) => (i < begins ? letter : sameKind(letter, source.charCodeAt(i)))).join('')
}

const alphabets = ['0123456789', 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'] as const

function sameKind(letter: string, chance: number): string {
  const alphabet = alphabets.find((one) => one.includes(letter))
  return alphabet === undefined ? letter : alphabet[chance % alphabet.length]!
}
