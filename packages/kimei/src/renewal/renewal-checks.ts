// What can be said of two certificates of one client by looking at them: dates, overlap, key, usage, names. Nothing is sent.
import { type KnownCertificate, readFiles, readMaterial } from '@kimei/client/node'
import { type CertificatePlace, filesOf } from '../tickets/certificate-place.ts'

export interface RenewalStep {
  readonly id: string
  /** `unclear`: it holds nobody up, but somebody should read it. */
  readonly state: 'ok' | 'failed' | 'unclear'
  readonly says: string
}

export interface CertificateFace {
  readonly x5t: string
  readonly subject: string
  readonly notBefore: number
  readonly notAfter: number
}

/** @throws HolderError where one cannot be read. */
export function readPlace(place: CertificatePlace): KnownCertificate {
  return readMaterial(readFiles(filesOf(place)))
}

export function faceOf({ x5t, subject, notBefore, notAfter }: KnownCertificate): CertificateFace {
  return { x5t, subject, notBefore, notAfter }
}

const daySeconds = 86_400
const clientUsage = '1.3.6.1.5.5.7.3.2'

/** Its first and last second count. */
export function checkPair(before: KnownCertificate, after: KnownCertificate, now: number): readonly RenewalStep[] {
  return [
    checkDates(before, after, now),
    checkOverlap(before, after, now),
    checkKey(before, after),
    checkUsage(after),
    checkNames(before, after),
  ]
}

function checkDates(before: KnownCertificate, after: KnownCertificate, now: number): RenewalStep {
  const id = 'dates'
  if (after.x5t === before.x5t) return { id, state: 'failed', says: 'both are one and the same certificate' }
  if (now < after.notBefore) return { id, state: 'failed', says: `the new one is not in force before ${dayOf(after.notBefore)}` }
  if (now > after.notAfter) return { id, state: 'failed', says: `the new one has expired on ${dayOf(after.notAfter)}` }
  if (after.notAfter <= before.notAfter) return { id, state: 'unclear', says: 'the new one does not last longer than the old one' }
  return { id, state: 'ok', says: `the new one is in force, until ${dayOf(after.notAfter)}` }
}

function checkOverlap(before: KnownCertificate, after: KnownCertificate, now: number): RenewalStep {
  const id = 'overlap'
  const left = Math.min(before.notAfter, after.notAfter) - Math.max(now, after.notBefore)
  if (now > before.notAfter) return { id, state: 'unclear', says: `the old one expired on ${dayOf(before.notAfter)}: its tickets are over` }
  if (left <= 0) return { id, state: 'unclear', says: 'there is no time in which both are in force' }
  return { id, state: 'ok', says: `both are in force for ${spanOf(left)}: time enough to change over one by one` }
}

/** RFC 8705 §3.1: the name is that of the whole certificate. */
function checkKey(before: KnownCertificate, after: KnownCertificate): RenewalStep {
  const same = spkiOf(before).equals(spkiOf(after))
  if (before.x5t === after.x5t) return { id: 'key', state: 'unclear', says: 'the key is the same, as is everything' }
  if (!same) return { id: 'key', state: 'ok', says: 'the new one has a key of its own, and that key lies beside it' }
  return { id: 'key', state: 'ok', says: 'the key is the old one; its name (thumbprint) is new all the same, and so are its tickets' }
}

function checkUsage({ x509 }: KnownCertificate): RenewalStep {
  const usages: readonly string[] = x509.keyUsage ?? []
  const fits = usages.length === 0 || usages.includes(clientUsage)
  return {
    id: 'usage',
    state: fits ? 'ok' : 'failed',
    says: fits ? 'it may be used by clients' : 'it is not meant for clients (extended key usage)',
  }
}

function checkNames(before: KnownCertificate, after: KnownCertificate): RenewalStep {
  const id = 'names'
  if (isSelfSigned(after)) return { id, state: 'ok', says: 'it vouches for itself: the issuer must know it, byte by byte' }
  if (after.subject !== before.subject)
    return { id, state: 'unclear', says: `its subject is ${after.subject}, the old one's ${before.subject}` }
  if (after.x509.issuer !== before.x509.issuer)
    return { id, state: 'unclear', says: 'its subject is the same, but another authority issued it' }
  return { id, state: 'ok', says: 'subject and authority are the same' }
}

export function isSelfSigned({ x509 }: KnownCertificate): boolean {
  return x509.checkIssued(x509) && x509.verify(x509.publicKey)
}

function spkiOf({ x509 }: KnownCertificate): Buffer {
  return x509.publicKey.export({ type: 'spki', format: 'der' })
}

export function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}

function spanOf(seconds: number): string {
  const days = Math.floor(seconds / daySeconds)
  return days >= 2 ? `${days} days` : `${Math.floor(seconds / 3600)} hours`
}
