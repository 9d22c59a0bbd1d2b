// The issuer's signing keys as they are in force: who signs now, the JWK Set, keys to verify our own tokens with.
// Loaded once and refreshed behind the requests, so that a rotation by another process is seen.
import {
  type Awaitable,
  Fault,
  importVerifyKey,
  isSignatureAlg,
  type KeyQuestion,
  type KeyRecord,
  type PrivateJwk,
  type PublicJwk,
  type Seconds,
  type Signer,
  signerFrom,
  type VerifyKey,
} from '@kimei/protocol'
import { type DecryptionKey, isEncryptionKeyAlg, loadDecryptionKeys } from './decryption-keys.ts'
import { ensureKeys, newest, type ShelfParts } from './key-shelf.ts'
import { openPrivate } from './sealing.ts'
import { makeSecrets, type Secrets } from './secrets.ts'

export interface KeyRing {
  /** The key that signs now. */
  signer(alg: 'ES256' | 'RS256'): Signer
  /** The JWK Set as served: published, signing, and retired ones that may still be needed. */
  jwksText(now: Seconds): string
  keyFor(question: KeyQuestion): Awaitable<VerifyKey | undefined>
  /** Changes whenever the set changes. */
  readonly version: number
  readonly secrets: Secrets
  /** Private keys that others may have encrypted to. */
  decryptionKeys(now: Seconds): readonly PrivateJwk[]
  /** Loads the records again now. */
  reload(): Promise<void>
  /** Reloads behind the request when what is known is old. */
  tend(now: Seconds): void
  /** Resolves when the keys that will sign next are there, too: at a first start they are made behind the first requests. */
  readonly complete: Promise<void>
}

interface Loaded {
  readonly records: readonly KeyRecord[]
  readonly signers: { readonly ES256: Signer; readonly RS256: Signer }
  readonly secrets: Secrets
  readonly decryption: readonly DecryptionKey[]
}

const refreshSeconds = 15

export async function openKeyRing(parts: ShelfParts): Promise<KeyRing> {
  let loaded = await load(parts, await ensureKeys(parts, ['signing']))
  let loadedAt = parts.clock()
  let version = 1
  let verifyKeys = new Map<string, VerifyKey>()
  let text: { readonly removeAt: Seconds; readonly jwks: string } | undefined
  let underWay: Promise<void> | undefined

  const reload = async () => {
    const records = await parts.storage.records.keys(parts.issuer)
    loadedAt = parts.clock()
    if (nameOf(records.filter(isOffered(parts))) === nameOf(loaded.records)) return
    loaded = await load(parts, records)
    version += 1
    verifyKeys = new Map()
    text = undefined
  }
  // Whatever fails here is made at the next start, or by the first rotation.
  const complete = ensureKeys(parts)
    .then(reload)
    .catch(() => undefined)
  return {
    complete,
    signer: (alg) => loaded.signers[alg],
    get version() {
      return version
    },
    get secrets() {
      return loaded.secrets
    },
    decryptionKeys: (now) => loaded.decryption.filter(({ removeAt }) => removeAt === null || now <= removeAt).map(({ jwk }) => jwk),
    jwksText(now) {
      if (!text || now > text.removeAt) text = writeJwks(loaded.records, now)
      return text.jwks
    },
    keyFor: ({ kid, alg }) => (kid === undefined ? undefined : (verifyKeys.get(`${alg} ${kid}`) ?? importKey(kid, alg))),
    reload,
    tend(now) {
      if (now < loadedAt + refreshSeconds || underWay) return
      // What is loaded goes on serving if this fails; the next request tries again.
      underWay = reload()
        .catch(() => undefined)
        .finally(() => {
          underWay = undefined
        })
    },
  }

  async function importKey(kid: string, alg: string): Promise<VerifyKey | undefined> {
    const record = loaded.records.find((key) => key.kid === kid && key.alg === alg && key.alg !== 'HS256')
    if (!record || !isSignatureAlg(alg) || isGone(record, parts.clock())) return undefined
    const key = await importVerifyKey(record.publicJwk, alg)
    if (key) verifyKeys.set(`${alg} ${kid}`, key)
    return key
  }
}

async function load(parts: ShelfParts, records: readonly KeyRecord[]): Promise<Loaded> {
  const signerOf = async (alg: 'ES256' | 'RS256') => {
    const record = newest(records, alg, 'signing')
    return signerFrom(await openPrivate(record.sealedPrivateJwk, record.kid, parts.serverKeys), alg, record.kid)
  }
  const secretOf = async (record: KeyRecord) => (await openPrivate(record.sealedPrivateJwk, record.kid, parts.serverKeys)).d
  const retired = records.filter((key) => key.alg === 'HS256' && key.state === 'retired')
  const previous = retired.sort((a, b) => (a.retiredAt ?? 0) - (b.retiredAt ?? 0)).at(-1)
  const [ES256, RS256, current, before, kept] = await Promise.all([
    signerOf('ES256'),
    signerOf('RS256'),
    secretOf(newest(records, 'HS256', 'signing')),
    previous ? secretOf(previous) : undefined,
    secretOf(newest(records, 'HS256', 'kept')),
  ])
  const decryption = await loadDecryptionKeys(records, parts.encryption, parts.serverKeys)
  return {
    records: records.filter(isOffered(parts)),
    signers: { ES256, RS256 },
    secrets: await makeSecrets(current, before, kept),
    decryption,
  }
}

/** Keys to encrypt to that are no longer offered are not published either. */
function isOffered({ encryption }: ShelfParts): (key: KeyRecord) => boolean {
  return ({ alg }) => !isEncryptionKeyAlg(alg) || encryption.includes(alg)
}

function nameOf(records: readonly KeyRecord[]): string {
  return records
    .map((key) => `${key.kid}:${key.version}`)
    .sort()
    .join(' ')
}

function isGone(key: KeyRecord, now: Seconds): boolean {
  return key.removeAt !== null && now > key.removeAt
}

function writeJwks(records: readonly KeyRecord[], now: Seconds): { readonly removeAt: Seconds; readonly jwks: string } {
  const alive = records.filter((key) => key.alg !== 'HS256' && !isGone(key, now))
  const keys: readonly PublicJwk[] = alive.map((key) => key.publicJwk)
  if (keys.length === 0) throw new Fault('the JWK Set is empty')
  const ends = alive.flatMap((key) => (key.removeAt === null ? [] : [key.removeAt]))
  return { removeAt: Math.min(...ends, Number.MAX_SAFE_INTEGER), jwks: JSON.stringify({ keys }) }
}
