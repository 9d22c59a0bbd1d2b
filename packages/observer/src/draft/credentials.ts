// Credentials beside tickets that a recording or a document names: where they are carried. Values are never read.
import type { HarPlace } from '../evidence/har.ts'
import { personal, plainName } from '../inventory/credential-names.ts'
import type { Carrier, CredentialKind } from '../inventory/other-credentials.ts'
import type { DraftCredential } from './draft.ts'

const mostOfThem = 10

/** What went with requests to the APIs that were recorded. */
export function credentialsIn(places: readonly HarPlace[], source: string): DraftCredential[] {
  const of = (names: (place: HarPlace) => ReadonlySet<string>) => [...new Set(places.flatMap((place) => [...names(place)]))]
  const headers = of(({ keyHeaders: found }) => found).map((name) => ['header', name] as const)
  const cookies = of(({ cookies: found }) => found).map((name) => ['cookie', name] as const)
  const note = `its name went with recorded requests to these APIs (${source})`
  return [...headers, ...cookies]
    .slice(0, mostOfThem)
    .map(([where, name]) => ({ kind: kindOf(where, name), carrier: { in: where, name }, note }))
}

function kindOf(where: Carrier['in'], name: string): CredentialKind {
  if (where === 'cookie') return 'session-cookie'
  return personal.test(name) ? 'personal-access-token' : 'api-key'
}

type Json = Readonly<Record<string, unknown>>

/** OpenAPI 3: `apiKey` in header, cookie or query, and `http` with a scheme other than that of tickets. */
export function credentialOfScheme(name: string, scheme: Json, source: string): DraftCredential[] {
  const note = `security scheme ${name} of ${source}`
  const own = typeof scheme['name'] === 'string' && plainName.test(scheme['name']) ? scheme['name'] : undefined
  const where = scheme['in']
  if (scheme['type'] === 'apiKey' && own !== undefined && (where === 'header' || where === 'cookie' || where === 'query')) {
    // Some documents write the ticket itself so.
    if (where === 'header' && /^authorization$/i.test(own)) return []
    return [{ kind: kindOf(where, own), carrier: { in: where, name: own }, note }]
  }
  if (scheme['type'] !== 'http' || typeof scheme['scheme'] !== 'string') return []
  const authorization = { in: 'header', name: 'Authorization' } as const
  if (/^basic$/i.test(scheme['scheme'])) return [{ kind: 'basic', carrier: { ...authorization, scheme: 'Basic' }, note }]
  if (!/^bearer$/i.test(scheme['scheme'])) return []
  return [{ kind: 'bearer', carrier: { ...authorization, scheme: 'Bearer' }, note: `${note}; if it is not the ticket itself` }]
}
