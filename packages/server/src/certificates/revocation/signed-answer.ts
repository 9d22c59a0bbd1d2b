// Who signed an answer about revocation, and for how long it is in force: the same for lists and for OCSP.
import { constants, verify } from 'node:crypto'
import { type Broken, broke, isStrongKey, type Seconds, statusAnswerRules } from '@kimei/protocol'
import type { AlgorithmIdentifier } from 'pkijs'
import { keyStrength } from '../chain-facts.ts'
import { type ParsedCertificate, signatureOf } from '../parsed-certificate.ts'

/** For clocks that differ: how far ahead of ours an answer may be dated. */
const aheadSeconds = 60
/** An answer that does not say when the next one comes. */
const mostSecondsOld = 3600
/** How long such an answer is kept. */
const openEndedSeconds = 60

export interface Signed {
  readonly tbs: Uint8Array
  readonly algorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
}

/** Over MD5, SHA-1 or what is not known here nothing verifies, nor with a short key. */
export async function isSignedWith({ x509 }: ParsedCertificate, { tbs, algorithm, signature }: Signed): Promise<boolean> {
  try {
    const { digest, saltLength } = signatureOf(await import('pkijs'), algorithm)
    if (['unknown', 'md5', 'sha1'].includes(digest) || !isStrongKey(keyStrength(x509))) return false
    const pss = saltLength === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
    return verify(digest === 'none' ? null : digest, tbs, { key: x509.publicKey, ...pss }, signature)
  } catch {
    return false
  }
}

export interface Times {
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
}

/** Until when it serves. */
export function currentUntil({ thisUpdate, nextUpdate }: Times, now: Seconds): Seconds | Broken {
  const from = thisUpdate.getTime() / 1000
  const end = nextUpdate === undefined ? from + mostSecondsOld : nextUpdate.getTime() / 1000
  if (from <= now + aheadSeconds && now <= end && from <= end) return nextUpdate === undefined ? now + openEndedSeconds : Math.floor(end)
  return broke(statusAnswerRules, 'certificate-status.answer-is-current', { expected: `${from} to ${end}`, received: now })
}
