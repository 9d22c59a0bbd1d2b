// One nonce per origin, the newest, learned from every response (RFC 9449 §8.2, §9).
import type { NonceJar } from './contract.ts'

/** RFC 9449 §8.1: 1*NQCHAR. Two headers joined by ", " hold a space and are thereby no nonce. */
const nonceShape = /^[\x21\x23-\x5B\x5D-\x7E]{1,1024}$/

/** Keeps the nonces of the last `limit` origins used. */
export function createNonceJar(limit = 100): NonceJar {
  const nonces = new Map<string, string>()
  return {
    get(origin) {
      return nonces.get(origin)
    },
    learn(origin, response) {
      const nonce = response.headers.get('dpop-nonce')
      if (nonce === null || !nonceShape.test(nonce)) return false
      const before = nonces.get(origin)
      nonces.delete(origin)
      nonces.set(origin, nonce)
      if (nonces.size > limit) nonces.delete(nonces.keys().next().value as string)
      return nonce !== before
    },
  }
}
