// One file of passive evidence, whatever it is: recognized by its beginning, read by the reader of its kind.
// Opening files is the caller's; what each kind says stands in its own file.
import { Misuse, type Seconds } from '@kimei/protocol'
import { readJsonObject } from '../read-json.ts'
import { type AuditFields, auditReading } from './audit.ts'
import { configReading } from './config/index.ts'
import { largestConfig } from './config/lined.ts'
import { metadataReading } from './declared.ts'
import { isStatement, type StatementKey, statementReading } from './guard-statement.ts'
import { harReading } from './har-statements.ts'
import { type KnownPlaces, noPlaces } from './place-of.ts'
import type { PassiveReading } from './reading.ts'
import { type Bytes, peekText, textPieces, wholeText } from './text-pieces.ts'
import { isTlsTranscript, tlsReading } from './tls.ts'

export interface EvidenceOptions {
  readonly places?: KnownPlaces | undefined
  /** Id of the API or issuer that it is about, where its own words do not tell. */
  readonly at?: string | undefined
  /** For logs of others. */
  readonly fields?: AuditFields | undefined
  /** Public JWK that a guard's statement must be signed by. */
  readonly key?: StatementKey | undefined
  readonly now?: Seconds | undefined
  /** Ids of APIs by the name that a log uses. */
  readonly idOf?: ((name: string) => string | undefined) | undefined
}

/** @throws Misuse where it is none of the kinds, or cannot be read; in words that quote nothing of it. */
export async function readEvidence(source: string, bytes: Bytes, options: EvidenceOptions = {}): Promise<PassiveReading> {
  const { head, pieces } = await peekText(textPieces(bytes))
  if (head.trim() === '') throw new Misuse(['it is empty'])
  const places = options.places ?? noPlaces
  if (/^[\s\uFEFF]*\{\s*"log"\s*:/.test(head)) return harReading(source, pieces, places)
  if (options.fields || isAuditLog(head)) return auditReading(source, pieces, options)
  const text = await wholeText(pieces, largestConfig)
  if (isStatement(text)) {
    const now = options.now ?? Math.floor(Date.now() / 1000)
    return statementReading(source, text, { key: options.key, now, places, at: options.at })
  }
  if (isTlsTranscript(text)) return tlsReading(source, text, options.at)
  const object = readJsonObject(text.replace(/^\uFEFF/, ''))
  if (object && ('issuer' in object || 'resource' in object) && !('clients' in object)) return metadataReading(source, object, places)
  const config = configReading(source, text, { places, at: options.at })
  if (config) return config
  throw new Misuse([`it is none of the kinds that are read: ${kindsInWords}`])
}

const kindsInWords =
  'HAR, audit lines (JSON, ours or with `fields`), a transcript of openssl s_client, metadata, or configuration of Kimei, nginx, Envoy, Kong, Spring or a Keycloak realm'

function isAuditLog(head: string): boolean {
  const first = head.split('\n').find((line) => line.trim() !== '') ?? ''
  return typeof readJsonObject(first)?.['event'] === 'string'
}
