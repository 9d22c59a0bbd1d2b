// The signed statement of a guard: what it says that it demands on each route. Its key is pinned in the inventory; who signs is not who is right.
// A statement is a declaration: it is compared with what probes see, and confirms nothing.
import { createPublicKey, verify } from 'node:crypto'
import { Misuse, type Seconds, type Text } from '@kimei/protocol'
import { readJsonObject } from '../read-json.ts'
import type { KnownPlaces } from './place-of.ts'
import { type PassiveReading, type PassiveStatement, reading } from './reading.ts'

export type StatementKey = Readonly<Record<string, unknown>>

const type = 'kimei-guard-statement+jwt'
const format = 'kimei-guard-statement/1'

export interface StatementContext {
  readonly key: StatementKey | undefined
  readonly now: Seconds
  readonly places: KnownPlaces
  /** API of the inventory that all of it is about. */
  readonly at: string | undefined
  /** Where it was fetched: its paths may be meant from there. */
  readonly base?: string | undefined
}

export function isStatement(text: string): boolean {
  const parts = text.trim().split('.')
  return parts.length === 3 && header(parts[0]!)?.['typ'] === type
}

function header(part: string): Readonly<Record<string, unknown>> | undefined {
  return readJsonObject(Buffer.from(part, 'base64url').toString('utf8'))
}

/** @throws Misuse where it is not signed by the pinned key, or is no statement. */
export function statementReading(source: string, text: string, context: StatementContext): PassiveReading {
  const claims = statementClaims(text, context.key)
  const { exp, resource, routes, replicas, usedProofs, counts } = claims
  const old = typeof exp !== 'number' || exp <= context.now
  const base = typeof resource === 'string' && URL.canParse(resource) ? resource : undefined
  const stated = Array.isArray(routes) ? routes.flatMap((route) => routeStatements(route, base, context)) : []
  const alone = usedProofs === 'process' && typeof replicas === 'number' && replicas > 1
  const note: Text = {
    ja: '番人が自分について言っていることです。正しいかどうかは、試したことだけが示します。',
    en: 'What the guard says of itself: only what was tried shows whether it is so.',
  }
  return reading({
    source,
    kind: 'guard-statement',
    whole: true,
    read: stated.length,
    statements: [
      ...stated.map((one) => (old ? { ...one, says: 'cannot-tell' as const } : one)),
      ...(alone ? [memoryStatement(context.at)] : []),
      // Of several processes each counts for itself, and only one was asked.
      ...(old || replicas !== 1 ? [] : refusalStatements(counts)),
    ],
    notes: [...(old ? [{ ja: '期限が過ぎた申告です。', en: 'The statement has expired.' }] : []), note],
  })
}

/** What it says, signed by the pinned key. @throws Misuse as above. */
export function statementClaims(text: string, key: StatementKey | undefined): Readonly<Record<string, unknown>> {
  const claims = verified(text.trim(), key)
  if (claims['format'] !== format) throw new Misuse(['it is a statement of another version'])
  return claims
}

function verified(text: string, key: StatementKey | undefined): Readonly<Record<string, unknown>> {
  const [head = '', body = '', signature = ''] = text.split('.')
  if (key === undefined) throw new Misuse(['it is a statement of a guard: pin its public key with `key`'])
  const alg = header(head)?.['alg']
  const digest = { ES256: 'sha256', ES384: 'sha384', EdDSA: null, Ed25519: null }[String(alg)]
  if (digest === undefined) throw new Misuse(['it is signed with an algorithm that is not taken'])
  try {
    const publicKey = createPublicKey({ key: { ...key }, format: 'jwk' })
    const fits = digest === null ? publicKey.asymmetricKeyType === 'ed25519' : publicKey.asymmetricKeyType === 'ec'
    const options = { key: publicKey, dsaEncoding: 'ieee-p1363' as const }
    const good = fits && verify(digest, Buffer.from(`${head}.${body}`), options, Buffer.from(signature, 'base64url'))
    const claims = good ? header(body) : undefined
    if (claims) return claims
  } catch {
    // A key that is none fits no signature.
  }
  throw new Misuse(['its signature is not of the pinned key'])
}

function routeStatements(route: unknown, base: string | undefined, { places, at, base: fetched }: StatementContext): PassiveStatement[] {
  if (typeof route !== 'object' || route === null) return []
  const { methods, path, unbound, constraint, nonce } = route as Readonly<Record<string, unknown>>
  if (typeof path !== 'string' || !Array.isArray(methods)) return []
  const names = methods.filter((one): one is string => typeof one === 'string').slice(0, 20)
  const urls = [base, fetched].flatMap((one) => (one !== undefined && URL.canParse(path, one) ? [new URL(path, one)] : []))
  const ids = [...new Set(urls.flatMap((url) => names.map((method) => places.idOf(method, url))))].filter((id) => id !== undefined)
  const place = `${names.join(',')} ${path}`.replace(/[\p{Cc}]/gu, ' ').slice(0, 120)
  const says =
    unbound === 'refused'
      ? 'demanded'
      : unbound === 'reported' || (route as { policy?: unknown }).policy !== 'public'
        ? 'optional'
        : 'absent'
  const words: Readonly<Record<typeof says, Text>> = {
    demanded: {
      ja: `縛られていない切符を断ると述べています（${String(constraint).slice(0, 10)}）。`,
      en: `It says that unbound tickets are refused (${String(constraint).slice(0, 10)}).`,
    },
    optional: { ja: '縛られていない切符も通すと述べています。', en: 'It says that unbound tickets pass too.' },
    absent: { ja: '切符を見ないと述べています。', en: 'It says that no ticket is looked at.' },
  }
  return (ids.length === 0 ? [at] : ids).flatMap((id): PassiveStatement[] => [
    { at: id, place, about: 'binding', says, text: words[says] },
    ...(nonce === 'required'
      ? [
          {
            at: id,
            place,
            about: 'nonce' as const,
            says: 'demanded' as const,
            text: { ja: 'nonce を求めると述べています。', en: 'It says that a nonce is demanded.' },
          },
        ]
      : []),
  ])
}

const mostRules = 60

/** How often it said no, by rule, since it was started. */
function refusalStatements(counts: unknown): PassiveStatement[] {
  const refused = (counts as { readonly refused?: unknown } | undefined)?.refused
  if (typeof refused !== 'object' || refused === null) return []
  const known = Object.entries(refused).filter(([rule, count]) => /^[a-z][a-z.-]{2,79}$/.test(rule) && Number.isSafeInteger(count))
  return known.slice(0, mostRules).map(([rule, count]: [string, number]) => ({
    place: rule,
    about: 'refusals',
    says: 'seen',
    count,
    text: { ja: `この規則で ${count} 回断ったと述べています。`, en: `It says that it refused ${count} times by this rule.` },
  }))
}

function memoryStatement(at: string | undefined): PassiveStatement {
  return {
    at,
    place: 'replicas',
    about: 'replay',
    says: 'weak',
    text: {
      ja: '番人が何台もあるのに、使われた証明をそれぞれが別に覚えています。',
      en: 'There are several guards, and each remembers used proofs alone.',
    },
  }
}
