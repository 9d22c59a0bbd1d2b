// Logs of issuers, guards and gateways as evidence: how many accesses were bound, for which API and client, what was refused and why.
// Ours are known by their events; others say with a map which member holds what. Read line by line, counted, nothing kept.
import { createHash } from 'node:crypto'
import { Misuse, type Text } from '@kimei/protocol'
import { readJsonObject } from '../read-json.ts'
import { type PassiveReading, type PassiveStatement, type PassiveWord, reading } from './reading.ts'
import { lines, type Pieces } from './text-pieces.ts'

/** Which member of a line holds what: names, or paths with dots. */
export interface AuditFields {
  /** API or route. */
  readonly api?: string | undefined
  readonly client?: string | undefined
  /** `DPoP`, `Bearer`, or a mode: dpop, mtls, bearer. */
  readonly scheme?: string | undefined
  /** A thumbprint, or `true`: the token was bound. */
  readonly bound?: string | undefined
  /** Why it was refused. */
  readonly reason?: string | undefined
  readonly status?: string | undefined
  readonly jti?: string | undefined
}

export const auditFieldNames = ['api', 'client', 'scheme', 'bound', 'reason', 'status', 'jti'] as const

interface Row {
  bound: number
  unbound: number
  unclear: number
  refused: Map<string, number>
  withoutReason: number
}

interface Line {
  readonly kind: 'issued' | 'access' | 'refused'
  readonly api: string
  readonly client: string
  readonly binding: 'bound' | 'unbound' | 'unclear'
  readonly reason: string | undefined
  readonly jti: string | undefined
}

const mostRows = 5000
const mostJtis = 500_000

export interface AuditOptions {
  readonly fields?: AuditFields | undefined
  /** Id of the API or issuer whose log it is. */
  readonly at?: string | undefined
  /** Ids of APIs by the name that the log uses. */
  readonly idOf?: (name: string) => string | undefined
}

/** @throws Misuse where no line is one of an audit log. */
export async function auditReading(source: string, pieces: Pieces, options: AuditOptions = {}): Promise<PassiveReading> {
  const rows = new Map<string, Row & { readonly api: string; readonly client: string; readonly kind: 'use' | 'issuance' }>()
  const seen = new Set<string>()
  const tally = { read: 0, other: 0, collisions: 0, rest: 0 }
  for await (const text of lines(pieces)) {
    if (text.trim() === '') continue
    const object = readJsonObject(text)
    const line = object && (options.fields ? mapped(object, options.fields) : own(object))
    if (!line) {
      tally.other += 1
      continue
    }
    tally.read += 1
    if (line.jti !== undefined && isRepeated(line.jti, seen)) tally.collisions += 1
    const kind = line.kind === 'issued' ? 'issuance' : 'use'
    const name = JSON.stringify([kind, line.api, line.client])
    const row = rows.get(name) ?? {
      api: line.api,
      client: line.client,
      kind,
      bound: 0,
      unbound: 0,
      unclear: 0,
      refused: new Map<string, number>(),
      withoutReason: 0,
    }
    if (rows.has(name) || rows.size < mostRows) rows.set(name, count(row, line))
    else tally.rest += 1
  }
  if (tally.read === 0) throw new Misuse(['no line of it is an audit event; for logs of others say with `fields` which member holds what'])
  const at = (api: string) => options.idOf?.(api) ?? options.at
  const statements = [...rows.values()].flatMap((row) => (row.kind === 'issuance' ? issued(row, at(row.api)) : used(row, at(row.api))))
  return reading({
    source,
    kind: 'audit',
    whole: pieces.whole(),
    read: tally.read,
    statements: [...statements, ...collisionsOf(tally.collisions, options.at)],
    notes: notesOf(tally),
  })
}

function count<R extends Row>(row: R, line: Line): R {
  if (line.kind !== 'refused') row[line.binding] += 1
  else if (line.reason === undefined) row.withoutReason += 1
  else if (row.refused.has(line.reason) || row.refused.size < 100) row.refused.set(line.reason, (row.refused.get(line.reason) ?? 0) + 1)
  return row
}

function isRepeated(jti: string, seen: Set<string>): boolean {
  const digest = createHash('sha256').update(jti).digest('base64url').slice(0, 16)
  if (seen.has(digest)) return true
  if (seen.size < mostJtis) seen.add(digest)
  return false
}

const refusals = new Set(['api_refused', 'dpop_invalid', 'mtls_missing', 'binding_mismatch', 'token_refused', 'would_refuse'])

/** An event of our issuer or guard. */
function own(event: Readonly<Record<string, unknown>>): Line | undefined {
  const name = event['event']
  const isAccess = name === 'api_access' || name === 'token_issued' || name === 'token_exchanged'
  if (typeof name !== 'string' || !(isAccess || refusals.has(name))) return undefined
  const mode = event['mode']
  const kind = isAccess ? (name === 'api_access' ? 'access' : 'issued') : 'refused'
  return {
    kind,
    api: word(event['route']) ?? word(event['resource']) ?? word(event['grantType']) ?? '',
    client: word(event['clientId']) ?? '',
    binding: mode === 'bearer' ? 'unbound' : typeof mode === 'string' ? 'bound' : 'unclear',
    reason: word(event['rule']),
    jti: undefined,
  }
}

function mapped(object: Readonly<Record<string, unknown>>, fields: AuditFields): Line | undefined {
  const at = (path: string | undefined) => (path === undefined ? undefined : member(object, path))
  const scheme = word(at(fields.scheme))?.toLowerCase()
  const bound = at(fields.bound)
  const status = Number(at(fields.status))
  const reason = word(at(fields.reason))
  if (scheme === undefined && bound === undefined && reason === undefined && Number.isNaN(status)) return undefined
  const refused = status === 401 || status === 403 || (Number.isNaN(status) && reason !== undefined)
  return {
    kind: refused ? 'refused' : 'access',
    api: word(at(fields.api)) ?? '',
    client: word(at(fields.client)) ?? '',
    binding: bindingOf(scheme, bound, fields.bound !== undefined),
    reason: refused ? reason : undefined,
    jti: word(at(fields.jti)),
  }
}

/** A scheme of Bearer says that the token may be anything: only where the log tells of binding, unbound is unbound. */
function bindingOf(scheme: string | undefined, bound: unknown, told: boolean): Line['binding'] {
  if (bound === true || (typeof bound === 'string' && !['', '-', 'false', 'null', 'none', '0'].includes(bound.toLowerCase())))
    return 'bound'
  if (scheme === 'dpop' || scheme === 'mtls' || scheme === 'pop') return 'bound'
  return told ? 'unbound' : 'unclear'
}

function member(object: unknown, path: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined
  if (Object.hasOwn(object, path)) return (object as Record<string, unknown>)[path]
  const dot = path.indexOf('.')
  if (dot < 0) return undefined
  return member((object as Record<string, unknown>)[path.slice(0, dot)], path.slice(dot + 1))
}

/** Names of rules, clients and routes: short and plain. What looks like a token is none. */
function word(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string' || value === '') return undefined
  const short = value.replace(/\?.*$/s, '').replace(/[\p{Cc}]/gu, ' ')
  return /[\w-]{8,}\.[\w-]{8,}\.[\w-]*/.test(short) || /[\w+/=-]{60,}/.test(short) ? '(withheld)' : short.slice(0, 120)
}

type Counted = Row & { readonly api: string; readonly client: string }

const placeOf = ({ api, client }: Counted) => `${api || 'every API'}${client === '' ? '' : ` (${client})`}`

function used(row: Counted, at: string | undefined): PassiveStatement[] {
  const place = placeOf(row)
  const total = row.bound + row.unbound + row.unclear
  const share = total === 0 ? 0 : Math.round((100 * row.bound) / total)
  const says: Extract<PassiveWord, 'optional' | 'absent' | 'seen' | 'cannot-tell'> =
    row.unbound > 0 ? (row.bound > 0 ? 'optional' : 'absent') : row.bound > 0 && row.unclear === 0 ? 'seen' : 'cannot-tell'
  const counts = `${row.bound} / ${total}, ${share}%`
  const words: Readonly<Record<typeof says, Text>> = {
    optional: {
      ja: `縛られた切符も、縛られない切符も通っています（${counts}）。`,
      en: `Bound and unbound tickets passed (bound ${counts}).`,
    },
    absent: { ja: `縛られない切符だけが通っています（${counts}）。`, en: `Only unbound tickets passed (bound ${counts}).` },
    seen: { ja: `通った切符はすべて縛られています（${counts}）。`, en: `Every ticket that passed was bound (${counts}).` },
    'cannot-tell': {
      ja: `縛られているかどうかは、この記録からは言えません（${counts}）。`,
      en: `The log does not tell whether all were bound (${counts}).`,
    },
  }
  return [
    ...(total === 0 ? [] : [{ at, place, about: 'binding' as const, says, count: total, text: words[says] }]),
    ...refusalStatements(row, at, place),
  ]
}

/** SEED-TB-71: a refusal without a reason is a hint, not more. */
function refusalStatements(row: Counted, at: string | undefined, place: string): PassiveStatement[] {
  const reasons = [...row.refused.entries()].sort(([, a], [, b]) => b - a)
  const many = reasons.reduce((sum, [, n]) => sum + n, 0)
  const list = reasons
    .slice(0, 6)
    .map(([reason, n]) => `${reason} ${n}`)
    .join(', ')
  return [
    ...(many === 0
      ? []
      : [
          {
            at,
            place,
            about: 'refusals' as const,
            says: 'seen' as const,
            count: many,
            text: { ja: `断った理由: ${list}。`, en: `Refused: ${list}.` },
          },
        ]),
    ...(row.withoutReason === 0
      ? []
      : [
          {
            at,
            place,
            about: 'refusals' as const,
            says: 'cannot-tell' as const,
            count: row.withoutReason,
            text: {
              ja: `理由のない拒否が ${row.withoutReason} 件あります。何を断ったのかは推測になります。`,
              en: `${row.withoutReason} refusals give no reason: what was refused is inferred at best.`,
            },
          },
        ]),
  ]
}

function issued(row: Counted, at: string | undefined): PassiveStatement[] {
  const total = row.bound + row.unbound + row.unclear
  if (total === 0) return []
  const says = row.unbound > 0 ? (row.bound > 0 ? 'optional' : 'absent') : row.bound > 0 ? 'seen' : 'cannot-tell'
  const counts = `${row.bound} / ${total}`
  return [
    {
      at,
      place: placeOf(row),
      about: 'issuance',
      says,
      count: total,
      text: { ja: `縛って出した切符: ${counts}。`, en: `Tickets issued bound: ${counts}.` },
    },
  ]
}

function collisionsOf(collisions: number, at: string | undefined): PassiveStatement[] {
  if (collisions === 0) return []
  return [
    {
      at,
      place: 'jti',
      about: 'replay',
      says: 'weak',
      count: collisions,
      text: {
        ja: `同じ jti が ${collisions} 回くり返し現れます。`,
        en: `The same jti appears again ${collisions} times.`,
      },
    },
  ]
}

function notesOf({ other, rest }: { readonly other: number; readonly rest: number }): Text[] {
  return [
    ...(other > 0
      ? [{ ja: `読めない行や関係のない行が ${other} 行あります。`, en: `${other} lines are no such event, or cannot be read.` }]
      : []),
    ...(rest > 0
      ? [
          {
            ja: `組が多いので ${rest} 行は数えていません。`,
            en: `There are so many pairs of API and client that ${rest} lines are not counted.`,
          },
        ]
      : []),
    {
      ja: '記録は起きたことを述べるもので、断ることの証明にはなりません。',
      en: 'A log tells what happened; it does not prove what would be refused.',
    },
  ]
}
