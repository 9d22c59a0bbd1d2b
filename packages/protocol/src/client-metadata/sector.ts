// Sectors of pairwise clients (OIDC Core §8.1, OIDC Registration §5): which host stands for a client, and whether it may.
import { type Broken, broke, type Law, must } from '../rule.ts'
import { readLoopback } from './redirect-uri.ts'
import { registrationRules } from './registration-rules.ts'

export interface SectorFacts {
  readonly subjectType?: 'pairwise'
  readonly sectorIdentifierUri?: string
  readonly redirectUris: readonly string[]
}

/** The one host of its redirect URIs; `undefined` where there are several, or one that any app of a device shares. */
export function redirectSector(redirectUris: readonly string[]): string | undefined {
  const hosts = new Set(redirectUris.map((uri) => (uri.startsWith('https://') && !readLoopback(uri) ? new URL(uri).hostname : '')))
  const [host] = hosts
  return hosts.size === 1 && host ? host : undefined
}

/** Without a document to check: its sector, where its redirect URIs alone say it. */
export function ownSector({ subjectType, sectorIdentifierUri, redirectUris }: SectorFacts): string | undefined {
  return subjectType === 'pairwise' && sectorIdentifierUri === undefined ? redirectSector(redirectUris) : undefined
}

/** After every check: the host that its people's names are made from. */
export function checkedSector(client: SectorFacts): string | undefined {
  if (client.subjectType !== 'pairwise') return undefined
  return client.sectorIdentifierUri === undefined ? ownSector(client) : new URL(client.sectorIdentifierUri).hostname
}

const mostUris = 1000

/** The document at sector_identifier_uri: a JSON array that holds every redirect URI. */
export function checkSectorDocument(text: string, redirectUris: readonly string[], law: Law): Broken | undefined {
  const listed = readList(text)
  if (!listed) return broke(registrationRules, 'registration.sector-is-readable')
  const missing = redirectUris.filter((uri) => !listed.includes(uri))
  const seen = () => ({ expected: 'every redirect URI', received: missing.slice(0, 3).map((uri) => uri.slice(0, 200)) })
  return must(registrationRules, 'registration.sector-lists-redirects', missing.length === 0, law, seen)
}

function readList(text: string): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.length <= mostUris && list.every((entry) => typeof entry === 'string') ? list : undefined
  } catch {
    return undefined
  }
}
