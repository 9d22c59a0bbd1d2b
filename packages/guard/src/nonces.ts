// The nonces this API hands out (RFC 9449 §9): which keys, and for whom. How one is made and judged is the law's.
import { type Awaitable, fromB64u, judgeNonce, makeNonce, type NonceKeys, type NonceVerdict, type Seconds } from '@kimei/protocol'
import type { GuardConfig } from './config/schema.ts'

export interface Nonces {
  make(now: Seconds): Awaitable<string>
  judge(nonce: string | undefined, now: Seconds): Awaitable<NonceVerdict>
}

export function makeNonces(config: GuardConfig, random: (bytes: number) => Uint8Array): Nonces {
  const read = (secret: string | undefined) => (secret === undefined ? undefined : fromB64u(secret))
  const previous = read(config.nonce.previousSecret)
  const keys: NonceKeys = {
    current: read(config.nonce.secret) ?? random(32),
    ...(previous && { previous }),
    rotationSeconds: config.nonce.rotationSeconds,
  }
  // Of this API alone, whoever else has the key. Where an issuer is its own API (UserInfo), the two share an origin, for
  // which clients keep one nonce: there the issuer hands in its own key, and they are the same.
  const { resource } = config
  return { make: (now) => makeNonce(keys, resource, now), judge: (nonce, now) => judgeNonce(keys, resource, nonce, now) }
}
