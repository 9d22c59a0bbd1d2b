// Keys in IndexedDB: the browser keeps the private half and signs with it, script never sees it (RFC 9449 §11.4).
import { isSignatureAlg, type PublicJwk } from '@kimei/protocol'
import type { HolderAlgorithm, KeyStore } from '../contract.ts'
import type { Database } from '../device/indexed-db.ts'
import { HolderError } from '../holder-error.ts'
import { ownerName } from './memory.ts'
import { generateHolderKey, holderKey } from './web-key.ts'

interface StoredKey {
  readonly alg: HolderAlgorithm
  readonly privateKey: CryptoKey
  readonly publicJwk: PublicJwk
}

/** Two tabs that make a key at once end up with the same one. */
export function createBrowserKeyStore(database: Database, alg: HolderAlgorithm = 'ES256'): KeyStore {
  return {
    durability: 'lasting',
    async keyFor(owner) {
      const name = ownerName(owner)
      const stored = (await database.read('keys', name)) ?? (await database.writeFirst('keys', name, await make(alg)))
      if (!isStoredKey(stored)) throw new HolderError('holder.key-is-readable', 'the key store holds something else in place of the key')
      return holderKey(stored.alg, stored.privateKey, stored.publicJwk, 'browser')
    },
    forget: (owner) => database.remove('keys', ownerName(owner)),
  }
}

async function make(alg: HolderAlgorithm): Promise<StoredKey> {
  const { privateKey, publicJwk } = await generateHolderKey(alg, 'browser')
  return { alg, privateKey, publicJwk }
}

/** A key that script could read is refused even where script has put it there. */
function isStoredKey(value: unknown): value is StoredKey {
  if (typeof value !== 'object' || value === null || !('alg' in value) || !('privateKey' in value) || !('publicJwk' in value)) return false
  return isSignatureAlg(value.alg) && value.privateKey instanceof CryptoKey && !value.privateKey.extractable
}
