// The `claims` parameter (OpenID Connect Core §5.5): claims asked for by name, and which of them this client may ever see.
// Missing claims are never an error; only what cannot be read is.
import { isJsonObject, type JsonObject, strictJson } from '../jose/index.ts'
import type { ClaimAsk, ClaimAsks, ClaimsRequest, ClientRecord } from '../records.ts'
import { type Broken, broke, isBroken, type Law, must, namedRules } from '../rule.ts'
import type { Offer } from './ask-rules.ts'
import { mayBeTold } from './private-claims.ts'

export const claimsRules = namedRules('request', {
  'claims.are-bounded': {
    cite: 'OIDC-Core§5.5',
    level: 'PRODUCT',
    says: 'claims is at most 4096 characters long',
    unseen: 'a request that is too long is refused by most servers before it is read',
  },
  'claims.are-a-json-object': {
    cite: 'OIDC-Core§5.5',
    level: 'MUST',
    says: 'claims is a JSON object with unique members, not deeply nested; userinfo and id_token, where present, are objects',
    rows: ['OIDC-5.5-01'],
    fixed: 'what cannot be read asks for nothing',
  },
  'claims.asks-are-well-formed': {
    cite: 'OIDC-Core§5.5.1',
    level: 'MUST',
    says: 'each claim is asked for by null, or by an object in which essential is a boolean and values a list',
    rows: ['OIDC-5.5-01'],
    fixed: 'what cannot be read asks for nothing',
  },
  'claims.sub-names-one-person': {
    cite: 'OIDC-Core§5.5.1',
    level: 'MUST',
    says: 'where claims and id_token_hint name the person who is to sign in, they name one and the same',
    rows: ['OIDC-5.5-01'],
    family: 'login-required',
    unseen: 'a probe would need two test persons',
  },
  'claims.are-within-the-clients-scopes': {
    cite: 'OIDC-Core§5.5',
    level: 'PRODUCT',
    says: 'a claim asked for by name is told only to a client with a scope that tells it; any other is left out, which is no error',
    rows: ['OIDC-5.5-01'],
    unseen: 'what the issuer knows of the test person, and does not tell, is known to its operator alone',
  },
})

const mostCharacters = 4096
const claimsLimits = { depth: 6, members: 256 }

export const noClaims: ClaimsRequest = Object.freeze({ userinfo: Object.freeze({}), id_token: Object.freeze({}) })

/** What the issuer says by itself, whatever anybody's record holds: never taken from there. */
const ownClaims: ReadonlySet<string> = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'auth_time', 'nonce', 'acr', 'amr', 'azp', 'sid', 'cnf', 'act', 'events'],
  ...['at_hash', 'c_hash', 's_hash', 'client_id', 'scope', '_claim_names', '_claim_sources', '__proto__'],
])

/** Whether a claim comes from the person's record. */
export function isPersonal(claim: string): boolean {
  return !ownClaims.has(claim)
}

export interface ClaimsAsk {
  /** The parameter as sent. */
  readonly text: string | undefined
  readonly client: ClientRecord
  readonly offer: Offer
}

/** What is asked, without what this client can never be told; `sub` and `acr` stay, for those who decide by them. */
export function readClaimsRequest({ text, client, offer }: ClaimsAsk, law: Law): ClaimsRequest | Broken {
  if (text === undefined) return noClaims
  const long = must(claimsRules, 'claims.are-bounded', text.length <= mostCharacters, law)
  if (long) return long
  const json = strictJson(text, claimsLimits)
  if (typeof json === 'string') return broke(claimsRules, 'claims.are-a-json-object')
  const userinfo = readPlace(json, 'userinfo')
  if (isBroken(userinfo)) return userinfo
  const idToken = readPlace(json, 'id_token')
  if (isBroken(idToken)) return idToken
  const allowed = allowedClaims(client, offer, law)
  return { userinfo: keepAllowed(userinfo, allowed, law), id_token: keepAllowed(idToken, allowed, law) }
}

/** Members other than these two are ignored. */
function readPlace(json: JsonObject, place: keyof ClaimsRequest): ClaimAsks | Broken {
  const asked = Object.hasOwn(json, place) ? json[place] : {}
  if (!isJsonObject(asked)) return broke(claimsRules, 'claims.are-a-json-object')
  const asks = Object.entries(asked).map(([claim, how]) => [claim, readAsk(how)] as const)
  if (asks.some(([, ask]) => ask === undefined)) return broke(claimsRules, 'claims.asks-are-well-formed')
  return Object.fromEntries(asks.filter((pair): pair is [string, ClaimAsk] => pair[1] !== undefined))
}

/** `undefined`: not a way to ask. Unknown members are ignored. */
function readAsk(how: unknown): ClaimAsk | undefined {
  if (how === null) return {}
  if (!isJsonObject(how)) return undefined
  const { essential, value, values } = how
  if (essential !== undefined && typeof essential !== 'boolean') return undefined
  if (values !== undefined && !Array.isArray(values)) return undefined
  return { ...(essential !== undefined && { essential }), ...(value !== undefined && { value }), ...(values !== undefined && { values }) }
}

/** Every claim that some scope assigned to the client tells; in private mode only those listed for it. */
function allowedClaims(client: ClientRecord, offer: Offer, law: Law): ReadonlySet<string> {
  const told = client.scopes.flatMap((scope) => offer.scopes.get(scope)?.claims ?? [])
  return new Set(told.filter((claim) => mayBeTold(client, claim, law)))
}

function keepAllowed(asks: ClaimAsks, allowed: ReadonlySet<string>, law: Law): ClaimAsks {
  return Object.fromEntries(
    Object.entries(asks).filter(
      ([claim]) => !isPersonal(claim) || !must(claimsRules, 'claims.are-within-the-clients-scopes', allowed.has(claim), law),
    ),
  )
}

/**
 * The one person that `sub` and id_token_hint allow; `null`: anybody.
 * OIDC Core §5.5.1: a sub asked for with a value is a demand, not a wish.
 */
export function demandedSubject(claims: ClaimsRequest, hinted: string | null, law: Law): string | null | Broken {
  const places = [claims.id_token, claims.userinfo].flatMap((place) => (Object.hasOwn(place, 'sub') ? [place['sub']] : []))
  const named = places.flatMap((ask): unknown[] => [...(ask?.value === undefined ? [] : [ask.value]), ...(ask?.values ?? [])])
  if (named.length === 0) return hinted
  const all = new Set([...named, ...(hinted === null ? [] : [hinted])])
  const [first] = all
  const one = all.size === 1 && typeof first === 'string'
  return must(claimsRules, 'claims.sub-names-one-person', one, law) ?? (typeof first === 'string' ? first : null)
}

/** What the issuer says by itself is no matter of consent: names of what comes from the person's record, each once. */
export function personalClaims({ userinfo, id_token }: ClaimsRequest): readonly string[] {
  return [...new Set([...Object.keys(userinfo), ...Object.keys(id_token)])].filter(isPersonal)
}

/**
 * What a person's record has of what was granted by name. Missing claims are no error (OIDC Core §5.5.1);
 * one that was asked for with a value is told only where it has that value.
 */
export function tellClaims(asks: ClaimAsks, record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(asks)
      .filter(([claim, ask]) => isPersonal(claim) && Object.hasOwn(record, claim) && hasAskedValue(ask, record[claim]))
      .map(([claim]) => [claim, record[claim]]),
  )
}

function hasAskedValue(ask: ClaimAsk, value: unknown): boolean {
  const wanted = [...(ask.value === undefined ? [] : [ask.value]), ...(ask.values ?? [])]
  return wanted.length === 0 || wanted.some((one) => JSON.stringify(one) === JSON.stringify(value))
}
