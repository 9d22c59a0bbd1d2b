// Keys that live as long as this process or page.
import type { HolderAlgorithm, HolderKey, KeyOwner, KeyStore } from '../contract.ts'
import { generateHolderKey } from './web-key.ts'

export function createMemoryKeyStore(alg: HolderAlgorithm = 'ES256'): KeyStore {
  const keys = new Map<string, Promise<HolderKey>>()
  return {
    durability: 'this-process',
    keyFor(owner) {
      const name = ownerName(owner)
      let key = keys.get(name)
      if (key === undefined) {
        key = generateHolderKey(alg, 'memory')
        keys.set(name, key)
      }
      return key
    },
    async forget(owner) {
      keys.delete(ownerName(owner))
    },
  }
}

/** One name for an owner; the two parts cannot run into each other. */
export function ownerName({ issuer, clientId }: KeyOwner): string {
  return JSON.stringify([issuer, clientId])
}
