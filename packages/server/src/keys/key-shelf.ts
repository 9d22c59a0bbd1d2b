// Reads and writes key records: what is there, what is missing at a first start, and the next step of each key's life.
// published → signing → retired → gone from the JWK Set once nothing it signed can be valid.
import {
  type AuditEvent,
  type Awaitable,
  b64u,
  Fault,
  generateSigningKey,
  type Issuer,
  type KeyRecord,
  type PrivateJwk,
  type PublicJwk,
  type Seconds,
  type Write,
} from '@kimei/protocol'
import type { Storage } from '@kimei/storage'
import { type EncryptionKeyAlg, generateEncryptionKey, isEncryptionKeyAlg } from './decryption-keys.ts'
import { isSealedUnder, openPrivate, type ServerKey, sealPrivate } from './sealing.ts'

export interface ShelfParts {
  readonly issuer: Issuer
  readonly storage: Storage
  readonly clock: () => Seconds
  readonly random: (bytes: number) => Uint8Array
  readonly serverKeys: readonly ServerKey[]
  /** Keys that others may encrypt to. */
  readonly encryption: readonly EncryptionKeyAlg[]
  /** How long a new key is published before it may sign. */
  readonly publishSeconds: Seconds
  /** The longest life of anything signed, leeway included. */
  readonly outliveSeconds: Seconds
  /** Told what was remembered. */
  readonly onAudit: ((event: AuditEvent) => void) | undefined
}

export type KeyAlg = KeyRecord['alg']
export const keyAlgs: readonly KeyAlg[] = ['ES256', 'RS256', 'HS256']

function algsOf({ encryption }: ShelfParts): readonly KeyAlg[] {
  return [...keyAlgs, ...encryption]
}

type Wanted = 'signing' | 'published'
const both: readonly Wanted[] = ['signing', 'published']

/** Makes what is missing: for each algorithm a signing key, and a published one that waits to follow it. */
export async function ensureKeys(parts: ShelfParts, wanted: readonly Wanted[] = both): Promise<readonly KeyRecord[]> {
  // What others encrypt to is waited for by nobody: it is made with the keys that sign next.
  const algs = wanted === both ? algsOf(parts) : keyAlgs
  const known = await parts.storage.records.keys(parts.issuer)
  const missing = algs.flatMap((alg) =>
    wanted.filter((state) => !known.some((key) => key.alg === alg && key.state === state)).map((state) => ({ alg, state })),
  )
  const kept = known.some((key) => key.state === 'kept') ? 0 : await putKeptSecret(parts)
  const made = await Promise.all(missing.map(({ alg, state }) => makeKey(parts, alg, state)))
  const resealed = await Promise.all(
    known.filter((key) => !isSealedUnder(key.sealedPrivateJwk, parts.serverKeys)).map((key) => reseal(parts, key)),
  )
  await putKeys(parts, [...made, ...resealed], [])
  return made.length + resealed.length + kept === 0 ? known : parts.storage.records.keys(parts.issuer)
}

/** What a rotation did to one algorithm. */
export interface Rotation {
  readonly alg: KeyAlg
  /** `waits`: the published key is too young for verifiers that cache; asked again later, or with `force`. */
  readonly outcome: 'rotated' | 'waits'
  readonly signing: string
  readonly retired?: string
  readonly readyAt?: Seconds
}

export interface RotateOptions {
  readonly now: Seconds
  /** Sign with the published key at once, though verifiers may not have seen it yet. */
  readonly force?: boolean
  readonly requestId: string
}

/** Published becomes signing, signing becomes retired, a fresh one is published: in one plan. */
export async function rotateKeys(parts: ShelfParts, { now, force, requestId }: RotateOptions): Promise<readonly Rotation[]> {
  const known = await ensureKeys(parts)
  const steps = await Promise.all(algsOf(parts).map((alg) => rotateOne(parts, known, alg, now, force ?? false)))
  const audit = steps.flatMap(({ rotation }): AuditEvent[] =>
    rotation.outcome === 'waits'
      ? []
      : [{ at: now, event: 'key_rotated', issuer: parts.issuer, requestId, alg: rotation.alg, kid: rotation.signing }],
  )
  await putKeys(
    parts,
    steps.flatMap((step) => step.records),
    audit,
  )
  return steps.map((step) => step.rotation)
}

async function rotateOne(parts: ShelfParts, known: readonly KeyRecord[], alg: KeyAlg, now: Seconds, force: boolean) {
  const signing = newest(known, alg, 'signing')
  const next = newest(known, alg, 'published')
  const readyAt = next.createdAt + parts.publishSeconds
  if (now < readyAt && !force) return { records: [], rotation: { alg, outcome: 'waits', signing: signing.kid, readyAt } as const }
  const records = [
    { ...signing, state: 'retired', retiredAt: now, removeAt: now + parts.outliveSeconds, version: signing.version + 1 } as const,
    { ...next, state: 'signing', signingSince: now, version: next.version + 1 } as const,
    await makeKey(parts, alg, 'published'),
  ]
  return { records, rotation: { alg, outcome: 'rotated', signing: next.kid, retired: signing.kid } as const }
}

/** Of several in one state (two processes at a first start) the newest counts, the same one everywhere. */
export function newest(known: readonly KeyRecord[], alg: KeyAlg, state: KeyRecord['state']): KeyRecord {
  const candidates = known.filter((key) => key.alg === alg && key.state === state)
  const last = candidates
    .sort((a, b) => (a.signingSince ?? a.createdAt) - (b.signingSince ?? b.createdAt) || (a.kid < b.kid ? -1 : 1))
    .at(-1)
  if (!last) throw new Fault(`no ${state} ${alg} key`)
  return last
}

/** One for ever, by a name of its own: of two processes at a first start the quicker one makes it. Answers how many it made. */
async function putKeptSecret(parts: ShelfParts): Promise<number> {
  const record = await makeKey(parts, 'HS256', 'kept', 'pairwise')
  const plan = { issuer: parts.issuer, writes: [{ write: 'put-key', record } as const], audit: [], now: parts.clock() }
  await parts.storage.commit(plan)
  return 1
}

async function makeKey(
  parts: ShelfParts,
  alg: KeyAlg,
  state: 'published' | 'signing' | 'kept',
  kid = b64u(parts.random(12)),
): Promise<KeyRecord> {
  const pair = await makePair(parts, alg)
  const now = parts.clock()
  return {
    issuer: parts.issuer,
    kid,
    alg,
    state,
    publicJwk: alg === 'HS256' ? { kty: 'oct', kid } : { ...pair.publicJwk, kid, alg, use: isEncryptionKeyAlg(alg) ? 'enc' : 'sig' },
    sealedPrivateJwk: await sealPrivate(pair.privateJwk, kid, parts.serverKeys, parts.random(12)),
    createdAt: now,
    signingSince: state === 'signing' ? now : null,
    retiredAt: null,
    removeAt: null,
    version: 1,
  }
}

function makePair({ random }: ShelfParts, alg: KeyAlg): Awaitable<{ readonly publicJwk: PublicJwk; readonly privateJwk: PrivateJwk }> {
  if (alg === 'HS256') return makeSecret(random(32))
  return isEncryptionKeyAlg(alg) ? generateEncryptionKey(alg) : generateSigningKey(alg)
}

/** The shared secret is kept like a key: `d` holds its bytes, so that one sealing serves both. */
function makeSecret(bytes: Uint8Array): { readonly publicJwk: PublicJwk; readonly privateJwk: PrivateJwk } {
  return { publicJwk: { kty: 'oct' }, privateJwk: { kty: 'oct', d: b64u(bytes) } }
}

async function reseal(parts: ShelfParts, key: KeyRecord): Promise<KeyRecord> {
  const jwk = await openPrivate(key.sealedPrivateJwk, key.kid, parts.serverKeys)
  const sealedPrivateJwk = await sealPrivate(jwk, key.kid, parts.serverKeys, parts.random(12))
  return { ...key, sealedPrivateJwk, version: key.version + 1 }
}

async function putKeys(parts: ShelfParts, records: readonly KeyRecord[], audit: readonly AuditEvent[]): Promise<void> {
  if (records.length === 0) return
  const writes = records.map((record): Write => ({ write: 'put-key', record }))
  const answer = await parts.storage.commit({ issuer: parts.issuer, writes, audit, now: parts.clock() })
  if (answer.done !== 'committed') throw new Fault('another process changed the keys at the same moment: try again')
  for (const event of audit) parts.onAudit?.(event)
}
