// Metadata and recorded traffic as the beginning of an inventory.
import { Misuse } from '@kimei/protocol'
import type { HarFacts, HarPlace } from '../evidence/har.ts'
import { shownPlace } from '../evidence/place-of.ts'
import { credentialsIn } from './credentials.ts'
import {
  type DraftApi,
  type DraftIssuer,
  emptyDraft,
  guessKind,
  guessPrivilege,
  type InventoryDraft,
  isMcp,
  privilegeNote,
} from './draft.ts'

type Json = Readonly<Record<string, unknown>>

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])

/** RFC 8414, OpenID Connect Discovery, RFC 9728. @throws Misuse where it is none of them. */
export function draftOfMetadata(document: Json, source: string): InventoryDraft {
  const { issuer, resource } = document
  if (typeof issuer === 'string' && URL.canParse(issuer)) return { ...emptyDraft, issuers: [issuerOf(document, issuer, source)] }
  if (typeof resource !== 'string' || !URL.canParse(resource)) throw new Misuse(['it names neither issuer nor resource'])
  const issuers = texts(document['authorization_servers'])
    .filter((url) => URL.canParse(url))
    .map(
      (url): DraftIssuer => ({
        url,
        tokenEndpoint: undefined,
        grants: [],
        claims: claimsOf(document),
        note: `from authorization_servers of ${source}`,
      }),
    )
  const scopes = texts(document['scopes_supported'])
  const itself = apiAt(new URL(resource), scopes, 'guess: the address of the resource itself; better a request of it that reads something')
  const api = { ...itself, scope: scopes.length > 0 ? scopes.slice(0, 10).join(' ') : undefined, resource }
  return { ...emptyDraft, issuers, apis: [api] }
}

/** An address that asks for a ticket, of which nothing else is known. */
export function draftOfAddress(url: URL, status: number): InventoryDraft {
  return { ...emptyDraft, apis: [apiAt(url, [], `it answers ${status} without a ticket`)] }
}

function apiAt(url: URL, scopes: readonly string[], note: string): DraftApi {
  const guessed = guessPrivilege(url.pathname, [])
  const mcp = isMcp(url.pathname, scopes)
  return {
    method: mcp ? 'POST' : 'GET',
    url: url.href,
    kind: mcp ? 'mcp' : guessKind(url.pathname),
    privilege: guessed.privilege,
    scope: undefined,
    resource: undefined,
    notes: [mcp ? 'guess: a server of the Model Context Protocol' : note, privilegeNote(guessed)],
    needs: [],
  }
}

function issuerOf(document: Json, url: string, source: string): DraftIssuer {
  const token = document['token_endpoint']
  return {
    url,
    tokenEndpoint: typeof token === 'string' && URL.canParse(token) ? token : undefined,
    grants: 'grant_types_supported' in document ? texts(document['grant_types_supported']) : ['authorization_code'],
    // RFC 8414 §2: left out, it is the secret in a header.
    methods:
      'token_endpoint_auth_methods_supported' in document
        ? texts(document['token_endpoint_auth_methods_supported'])
        : ['client_secret_basic'],
    claims: claimsOf(document),
    note: `from its metadata (${source})`,
  }
}

function claimsOf(document: Json): DraftIssuer['claims'] {
  if (texts(document['dpop_signing_alg_values_supported']).length > 0) return 'dpop'
  return document['tls_client_certificate_bound_access_tokens'] === true ? 'mtls' : 'unknown'
}

const readable = new Set(['GET', 'HEAD'])

/** Requests that carried a ticket or a proof, or were refused for want of one. Their queries are not kept. */
export function draftOfHar(facts: HarFacts, source: string): InventoryDraft {
  const tokenPlaces = new Set([...facts.tokens.values()].map(({ url }) => shownPlace('POST', url)))
  const asked = [...facts.places.entries()].filter(([name, place]) => !tokenPlaces.has(name) && carriesTicket(place))
  const kept = asked.filter(([, { method, graphql, upgrades }]) => readable.has(method) || graphql || upgrades > 0)
  return {
    issuers: [...facts.tokens.values()].map(({ url, grant }) => ({
      url: url.origin,
      tokenEndpoint: `${url.origin}${url.pathname}`,
      grants: [grant],
      claims: 'unknown',
      note: `guess: the origin of the token endpoint in ${source}`,
    })),
    apis: kept.slice(0, 300).map(([, place]) => apiOf(place)),
    credentials: credentialsIn(
      kept.map(([, place]) => place),
      source,
    ),
    leftOut: [
      ...(asked.length > kept.length ? [`${source}: requests that write (${asked.length - kept.length})`] : []),
      ...(kept.length > 300 ? [`${source}: ${kept.length - 300} more requests`] : []),
      ...(facts.credentials ? [] : [`${source}: what went with a ticket alone; the export stripped it, so only proofs and refusals tell`]),
      ...(facts.whole ? [] : [`${source}: whatever comes after the place where it is cut off`]),
    ],
  }
}

function carriesTicket({ schemes, proofs, refused }: HarPlace): boolean {
  return proofs > 0 || refused > 0 || schemes.has('bearer') || schemes.has('dpop')
}

function apiOf(place: HarPlace): DraftApi {
  const { url, method, upgrades, graphql } = place
  const shown = shownPlace(undefined, url).replace(/^ws/, 'http')
  const guessed = guessPrivilege(url.pathname, [])
  const reads = readable.has(method)
  return {
    method: method as DraftApi['method'],
    url: shown,
    kind: upgrades > 0 ? 'websocket' : graphql ? 'graphql' : guessKind(url.pathname),
    privilege: guessed.privilege,
    scope: undefined,
    resource: undefined,
    notes: [privilegeNote(guessed)],
    needs: [
      ...(shown.includes('*') ? ['a value of your test account for each *'] : []),
      ...(reads ? [] : ['a request that reads: say body, and repeatable: true if it may be sent many times']),
    ],
  }
}
