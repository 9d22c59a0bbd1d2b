// The beginning of an inventory, gathered from what people have. What nobody can know from outside stays empty, and guesses say so.
// Reading each kind of source and writing the file stand beside this one.
import type { ApiEntry } from '../inventory/inventory.ts'
import type { Carrier, CredentialKind } from '../inventory/other-credentials.ts'

export interface DraftIssuer {
  readonly url: string
  readonly tokenEndpoint: string | undefined
  readonly grants: readonly string[]
  /** Ways of client authentication, where its metadata was read. */
  readonly methods?: readonly string[]
  readonly claims: 'dpop' | 'mtls' | 'unknown'
  /** Where it comes from, and what of it is a guess. */
  readonly note: string
}

export interface DraftApi {
  readonly method: ApiEntry['method']
  /** With `{name}` or `*` where a value has to be filled in. */
  readonly url: string
  readonly kind: ApiEntry['kind']
  readonly privilege: ApiEntry['privilege']
  readonly scope: string | undefined
  readonly resource: string | undefined
  readonly notes: readonly string[]
  /** What a person has to decide before it can be asked: it is written as a comment. */
  readonly needs: readonly string[]
}

/** Something beside tickets that seems to be taken: a name and a place, never a value. */
export interface DraftCredential {
  readonly kind: CredentialKind
  readonly carrier: Carrier
  readonly note: string
}

export interface InventoryDraft {
  readonly issuers: readonly DraftIssuer[]
  readonly apis: readonly DraftApi[]
  readonly credentials: readonly DraftCredential[]
  readonly leftOut: readonly string[]
}

export const emptyDraft: InventoryDraft = { issuers: [], apis: [], credentials: [], leftOut: [] }

/** The first word on an issuer or an API stands; a later source fills what was not known. */
export function mergeDrafts(drafts: readonly InventoryDraft[]): InventoryDraft {
  const issuers = new Map<string, DraftIssuer>()
  const apis = new Map<string, DraftApi>()
  for (const draft of drafts) {
    for (const issuer of draft.issuers) {
      const known = issuers.get(issuer.url)
      issuers.set(issuer.url, known === undefined ? issuer : knowingMore(known, issuer))
    }
    for (const api of draft.apis) {
      const name = `${api.method} ${api.url}`
      if (!apis.has(name)) apis.set(name, api)
    }
  }
  const ends = [...issuers.values()]
  // An address guessed from a token endpoint gives way to an issuer whose token endpoint that is.
  const certain = ends.filter(({ note }) => !note.startsWith('guess'))
  const kept = ends.filter((one) => certain.includes(one) || !certain.some(({ tokenEndpoint }) => tokenEndpoint === one.tokenEndpoint))
  const credentials = new Map(drafts.flatMap((draft) => draft.credentials.map((one) => [JSON.stringify(one.carrier).toLowerCase(), one])))
  return {
    issuers: kept,
    apis: [...apis.values()],
    credentials: [...credentials.values()],
    leftOut: drafts.flatMap(({ leftOut }) => leftOut),
  }
}

function knowingMore(known: DraftIssuer, later: DraftIssuer): DraftIssuer {
  const methods = known.methods ?? later.methods
  return {
    ...known,
    tokenEndpoint: known.tokenEndpoint ?? later.tokenEndpoint,
    grants: known.grants.length > 0 ? known.grants : later.grants,
    claims: known.claims === 'unknown' ? later.claims : known.claims,
    ...(methods && { methods }),
  }
}

const words: readonly (readonly [pattern: RegExp, privilege: ApiEntry['privilege']])[] = [
  [
    /admin|manage|internal|delete|billing|payment|transfer|payout|secret|credential|api-?keys?|audit|export|impersonat|roles?\b|permission/i,
    'high',
  ],
  [/health|status|ping|version|public|metrics/i, 'low'],
]

/** From path and scopes alone: a guess, and marked as one. */
export function guessPrivilege(
  path: string,
  scopes: readonly string[],
): { readonly privilege: ApiEntry['privilege']; readonly because: string | undefined } {
  for (const text of [path, ...scopes]) {
    for (const [pattern, privilege] of words) {
      const found = pattern.exec(text)?.[0]
      if (found !== undefined) return { privilege, because: `"${found}"` }
    }
  }
  return scopes.some((scope) => /write|all|full/i.test(scope))
    ? { privilege: 'high', because: 'its scope' }
    : { privilege: 'mid', because: undefined }
}

/** Servers of the Model Context Protocol take one request alone, by POST. */
export function isMcp(path: string, scopes: readonly string[]): boolean {
  return /\/mcp\/?$/i.test(path) || scopes.some((scope) => /^mcp\b/i.test(scope))
}

export function guessKind(path: string): ApiEntry['kind'] {
  if (/\/graphql\b/i.test(path)) return 'graphql'
  if (/\$batch|\/batch\b/i.test(path)) return 'batch'
  if (/\/(?:admin|manage(?:ment)?)\b/i.test(path)) return 'admin'
  return /\/internal\b/i.test(path) ? 'internal' : 'rest'
}

export function privilegeNote({ privilege, because }: ReturnType<typeof guessPrivilege>): string {
  return `guess: privilege ${privilege}${because === undefined ? '' : `, because of ${because}`}`
}
