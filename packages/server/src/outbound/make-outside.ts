// What is fetched and what is kept of it, composed once for an issuer.
import type { AuditEvent, Broken, ClientRecord } from '@kimei/protocol'
import { metadataSupport } from '../config/metadata-support.ts'
import type { IssuerConfig } from '../config/schema.ts'
import type { Exchange } from '../context.ts'
import { type ClientDocuments, makeClientDocuments } from './client-documents.ts'
import type { Outbound } from './contract.ts'
import { type KeySets, makeKeySets } from './key-sets.ts'
import { type Logos, makeLogos } from './logos.ts'
import { makeOutbound, type OutboundParts, refusalEvent } from './make-outbound.ts'
import { makeRevocation, type Revocation, type RevocationParts } from './revocation.ts'

export interface Outside {
  readonly outbound: Outbound
  readonly keySets: KeySets
  readonly clientDocuments: ClientDocuments
  readonly logos: Logos
  /** Whether certificates of clients were revoked. `undefined`: nobody shows any. */
  readonly revocation: Revocation | undefined
}

export interface OutsideParts extends Omit<OutboundParts, 'config' | 'issuer'> {
  readonly config: IssuerConfig
  /** Stores a client that came by a document, and the event that tells of its change. */
  readonly keepClient: (record: ClientRecord, events: readonly AuditEvent[]) => Promise<void>
  readonly random: (bytes: number) => Uint8Array
  readonly unchecked: RevocationParts['unchecked']
}

export function makeOutside({ config, keepClient, random, unchecked, ...rest }: OutsideParts): Outside {
  const parts: OutboundParts = { ...rest, config: config.outbound, issuer: config.issuer }
  const { clock, law, audit } = parts
  const outbound = makeOutbound(parts)
  const refusedFor = (purpose: string) => (broken: Broken, uri: string, exchange: Exchange | undefined) =>
    audit(refusalEvent(parts, new URL(uri), { purpose, exchange }, broken))
  return {
    outbound,
    logos: makeLogos({ outbound, refused: refusedFor('logo') }),
    revocation: config.mtls && makeRevocation({ outbound, config: config.mtls.revocation, clock, law, random, unchecked }),
    keySets: makeKeySets({ outbound, clock, law, refused: refusedFor('client keys') }),
    clientDocuments: makeClientDocuments({
      config,
      support: metadataSupport(config),
      outbound,
      clock,
      law,
      refused: refusedFor('client document'),
      keep: (record, exchange) => keepClient(record, changeEvents(config, record, exchange)),
    }),
  }
}

/** What a person agreed to is not what it was: the operator hears of it. */
function changeEvents(
  { issuer }: IssuerConfig,
  { clientId, document }: ClientRecord,
  exchange: Exchange | undefined,
): readonly AuditEvent[] {
  if (!document || document.changedAt !== document.fetchedAt) return []
  const keys = document.keysSince === document.fetchedAt
  const at = document.fetchedAt
  return [{ at, event: 'client_document_changed', issuer, requestId: exchange?.requestId ?? 'outbound', clientId, keys }]
}
