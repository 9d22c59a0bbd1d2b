// The sector of a client that registers (OpenID Connect Registration §5): checked wherever it names one, remembered where it is pairwise.
import { type Broken, type ClientMetadata, type ClientRecord, isBroken } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../../context.ts'
import { withSector } from '../../outbound/sectors.ts'

type Draft = Omit<ClientRecord, 'version'>

/** `before`: what was checked for the client as it is need not be fetched again. */
export async function settleSector(
  context: ServerContext,
  exchange: Exchange,
  metadata: ClientMetadata,
  { client, before }: { readonly client: Draft; readonly before: ClientRecord | undefined },
): Promise<Draft | Broken> {
  const how = { outbound: context.outbound, law: context.law, before, exchange }
  const { sector_identifier_uri: sectorIdentifierUri } = metadata
  if (client.subjectType === 'pairwise' || sectorIdentifierUri === undefined) return withSector(client, how)
  // A list that is named must hold, whether it is needed or not.
  const checked = await withSector({ ...client, subjectType: 'pairwise' as const, sectorIdentifierUri }, how)
  return isBroken(checked) ? checked : client
}
