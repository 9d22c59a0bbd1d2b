// A set of public keys, ready to be asked by a token's header. Where the set comes from stands beside.
import { algorithmRows, importVerifyKey, type KeyQuestion, type PublicJwk, type VerifyKey } from '@kimei/protocol'

export interface KeyRing {
  keyFor(question: KeyQuestion): Promise<VerifyKey | undefined>
  /** Equal for equal sets, whatever their order. */
  readonly print: string
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** Keys for encryption, symmetric keys and keys with private members are left out, not repaired. */
export function makeKeyRing(jwks: readonly unknown[]): KeyRing {
  const keys = jwks.filter(isUsable)
  const ready = new Map<PublicJwk, Map<string, VerifyKey | undefined>>()
  return {
    print: keys.map(printOf).sort().join('\n'),
    async keyFor(question) {
      const jwk = choose(keys, question)
      if (jwk === undefined) return undefined
      const known = ready.get(jwk)
      if (known?.has(question.alg)) return known.get(question.alg)
      const key = await importVerifyKey(jwk, question.alg)
      if (known) known.set(question.alg, key)
      else ready.set(jwk, new Map([[question.alg, key]]))
      return key
    },
  }
}

function isUsable(jwk: unknown): jwk is PublicJwk {
  if (typeof jwk !== 'object' || jwk === null) return false
  const key = jwk as PublicJwk
  if (key.use !== undefined && key.use !== 'sig') return false
  if (Array.isArray(key['key_ops']) && !key['key_ops'].includes('verify')) return false
  return ['EC', 'RSA', 'OKP'].includes(key.kty) && !privateMembers.some((member) => member in key)
}

function printOf(jwk: PublicJwk): string {
  return JSON.stringify(Object.entries(jwk).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** By `kid` where the token has one; else the only key that fits, never the first of several (RFC 7515 §4.1.4). */
function choose(keys: readonly PublicJwk[], { kid, alg }: KeyQuestion): PublicJwk | undefined {
  const row = algorithmRows[alg]
  const fits = keys.filter(
    (jwk) =>
      jwk.kty === row.kty &&
      (row.crv === undefined || jwk.crv === row.crv) &&
      (jwk.alg === undefined || jwk.alg === alg || isEd25519(jwk.alg, alg)) &&
      (kid === undefined || jwk.kid === kid),
  )
  return kid === undefined && fits.length !== 1 ? undefined : fits[0]
}

/** Two names of one algorithm (RFC 9864 §2.2). */
function isEd25519(one: string, other: string): boolean {
  const names = ['EdDSA', 'Ed25519']
  return names.includes(one) && names.includes(other)
}
