// The platform's cryptography as plain functions, chosen by the `#crypto` import condition.
// Synchronous values on Node; callers await them all the same.
import { cryptoPort } from '#crypto'

export const {
  sha256,
  sha256Bytes,
  digest,
  hmacSha256,
  hmac,
  importVerifyKey,
  verify,
  importSignKey,
  sign,
  seal,
  open,
  equal,
  generateSigningKey,
} = cryptoPort
