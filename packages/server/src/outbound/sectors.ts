// The sector of a pairwise client, its document fetched and checked where it names one (OIDC Registration §5).
// A client that was not checked has no sector, and nobody gets a subject without one.
import { type Broken, type ClientOutside, checkedSector, checkSectorDocument, inFamily, isBroken, type Law } from '@kimei/protocol'
import type { Exchange } from '../context.ts'
import type { Outbound } from './contract.ts'

interface Sectored extends ClientOutside {
  readonly redirectUris: readonly string[]
}

export interface SectorParts {
  readonly outbound: Outbound
  readonly law: Law
  /** The client as it is: what was checked already is not fetched again. */
  readonly before?: Sectored | undefined
  readonly exchange?: Exchange | undefined
}

/** A list that is named must hold, whether it is needed or not; its sector is remembered where it is. */
export async function withNamedSector<C extends Sectored>(client: C, named: string | undefined, parts: SectorParts): Promise<C | Broken> {
  if (client.subjectType === 'pairwise' || named === undefined) return withSector(client, parts)
  const checked = await withSector({ ...client, subjectType: 'pairwise' as const, sectorIdentifierUri: named }, parts)
  return isBroken(checked) ? checked : client
}

/** With its sector in place. */
export async function withSector<C extends Sectored>(client: C, { outbound, law, before, exchange }: SectorParts): Promise<C | Broken> {
  const { sectorIdentifierUri } = client
  const sector = checkedSector(client)
  if (sector === undefined) return client
  if (sectorIdentifierUri === undefined) return { ...client, sector }
  if (wasChecked(client, before, sector)) return { ...client, sector }
  const fetched = await outbound.get(sectorIdentifierUri, {
    purpose: 'sector',
    accept: ['application/json'],
    mostBytes: 65_536,
    seconds: 5,
    ...(exchange && { exchange }),
  })
  if (isBroken(fetched)) return inFamily(fetched, 'client-metadata')
  return checkSectorDocument(fetched.text, client.redirectUris, law) ?? { ...client, sector }
}

function wasChecked(client: Sectored, before: Sectored | undefined, sector: string): boolean {
  if (before?.sector !== sector || before.sectorIdentifierUri !== client.sectorIdentifierUri) return false
  return client.redirectUris.every((uri) => before.redirectUris.includes(uri))
}
