// Keys that stand in the configuration: for tests, for offline APIs, and for an issuer that guards itself.
import { makeKeyRing } from './key-ring.ts'
import type { KeySource } from './key-source.ts'

export function staticKeys(jwks: { readonly keys: readonly unknown[] }): KeySource {
  const ring = makeKeyRing(jwks.keys)
  return { keyFor: (question) => ring.keyFor(question) }
}
