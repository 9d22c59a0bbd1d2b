// Sealing for whoever keeps a secret that must be read again, under the configured server keys.
import type { Seals } from '../config/declare.ts'
import { isSealedUnder, openText, type ServerKey, sealText } from './sealing.ts'

export function makeSeals(keys: readonly ServerKey[], random: (bytes: number) => Uint8Array): Seals {
  return {
    seal: (text, about) => sealText(text, about, keys, random(12)),
    open: (stored, about) => openText(stored, about, keys),
    isCurrent: (stored) => isSealedUnder(stored, keys),
  }
}
