// What a revocation list says (RFC 5280 §5, §6.3): read and judged once, then asked for many certificates of its authority.
// Entries are walked; only what is small is given to the ASN.1 library.
import { type Broken, broke, isBroken, type Seconds, statusAnswerRules } from '@kimei/protocol'
import type { AlgorithmIdentifier, Extension, IssuingDistributionPoint } from 'pkijs'
import { usagesOf } from '../chain-facts.ts'
import type { ParsedCertificate } from '../parsed-certificate.ts'
import type { Answered, StatusQuestion } from './contract.ts'
import { type Block, blockAt, blocksIn, tags, timeOf } from './der-cursor.ts'
import { currentUntil, isSignedWith, type Signed } from './signed-answer.ts'

const oids = { number: '2.5.29.20', authorityKey: '2.5.29.35', scope: '2.5.29.28', reason: '2.5.29.21' }
const listExtensions: readonly string[] = [oids.number, oids.authorityKey, oids.scope]

export interface RevocationList {
  /** Serial numbers in hex, as in the certificates, and since when. */
  readonly revoked: ReadonlyMap<string, Seconds>
  readonly scope: 'all' | 'clients' | 'authorities'
  readonly until: Seconds
}

export interface ListQuestion {
  readonly issuer: ParsedCertificate
  /** Where it was fetched from. */
  readonly url: string
  readonly now: Seconds
}

const partial = () =>
  broke(statusAnswerRules, 'certificate-status.answer-is-about-this-certificate', { expected: 'a whole list', received: 'a part of one' })

export async function readList(bytes: Uint8Array, question: ListQuestion): Promise<RevocationList | Broken> {
  const list = await parseList(bytes)
  if (isBroken(list)) return list
  const foreign = await judgeAuthority(list, question.issuer)
  if (foreign) return foreign
  const until = currentUntil(list, question.now)
  if (isBroken(until)) return until
  const scope = scopeOf(list.extensions, question.url)
  if (scope === undefined) return partial()
  const revoked = await readEntries(bytes, list.entries)
  return isBroken(revoked) ? revoked : { revoked, scope, until }
}

/** What the list says of one certificate. */
export function statusIn({ revoked, scope, until }: RevocationList, { certificate }: StatusQuestion): Answered {
  const own = certificate.x509.ca ? 'authorities' : 'clients'
  if (scope !== 'all' && scope !== own) return broke(statusAnswerRules, 'certificate-status.answer-is-about-this-certificate')
  const since = revoked.get(Buffer.from(certificate.pki.serialNumber.valueBlock.valueHexView).toString('hex'))
  return since === undefined ? { status: 'good', until } : { status: 'revoked', since, until }
}

interface ReadList extends Signed {
  /** DER of its name. */
  readonly issuer: Buffer
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
  readonly entries: Block | undefined
  readonly extensions: readonly Extension[]
}

async function parseList(bytes: Uint8Array): Promise<ReadList | Broken> {
  try {
    return await takeApart(bytes)
  } catch {
    return broke(statusAnswerRules, 'certificate-status.answer-is-readable')
  }
}

/** RFC 5280 §5.1. @throws where it is none. */
async function takeApart(bytes: Uint8Array): Promise<ReadList> {
  const whole = blockAt(bytes, 0, bytes.length)
  const [body, outer, signature] = blocksIn(bytes, whole)
  if (!body || !outer || signature?.tag !== tags.bits || whole.end !== bytes.length) throw new RangeError('no list')
  const parts = [...blocksIn(bytes, body)]
  if (parts[0]?.tag === tags.integer) parts.shift()
  const [inner, issuer, thisUpdate, ...rest] = parts
  if (!inner || !issuer || !thisUpdate) throw new RangeError('no list')
  const isTime = ({ tag }: Block) => tag === tags.utcTime || tag === tags.generalTime
  const next = rest[0] && isTime(rest[0]) ? rest.shift() : undefined
  const entries = rest[0]?.tag === tags.sequence ? rest.shift() : undefined
  const tagged = rest.shift()
  const of = (block: Block) => Uint8Array.from(bytes.subarray(block.start, block.end))
  const pkijs = await import('pkijs')
  // RFC 5280 §5.1.1.2: the same inside and outside of what is signed.
  if (rest.length > 0 || !Buffer.from(of(inner)).equals(of(outer))) throw new RangeError('no list')
  return {
    tbs: bytes.subarray(body.start, body.end),
    algorithm: pkijs.AlgorithmIdentifier.fromBER(of(outer)) as AlgorithmIdentifier,
    signature: bytes.subarray(signature.content + 1, signature.end),
    issuer: Buffer.from(of(issuer)),
    thisUpdate: timeOf(bytes, thisUpdate),
    nextUpdate: next && timeOf(bytes, next),
    entries,
    extensions: tagged ? pkijs.Extensions.fromBER(Uint8Array.from(bytes.subarray(tagged.content, tagged.end))).extensions : [],
  }
}

async function judgeAuthority(list: ReadList, issuer: ParsedCertificate): Promise<Broken | undefined> {
  const mayTell = usagesOf(issuer)?.includes('cRLSign') ?? true
  const isItsOwn = list.issuer.equals(Buffer.from(issuer.pki.subject.toSchema().toBER()))
  if (!mayTell || !isItsOwn) return broke(statusAnswerRules, 'certificate-status.answer-is-of-the-authority')
  return (await isSignedWith(issuer, list)) ? undefined : broke(statusAnswerRules, 'certificate-status.answer-is-signed')
}

/** `undefined`: a part of a list, a list of somebody else, for another place, or one with something critical that is not read here. */
function scopeOf(all: readonly Extension[], url: string): RevocationList['scope'] | undefined {
  if (all.some(({ critical, extnID }) => critical && !listExtensions.includes(extnID))) return undefined
  const stated = all.filter(({ extnID }) => extnID === oids.scope)
  if (stated.length === 0) return 'all'
  const point = stated[0]?.parsedValue as IssuingDistributionPoint | undefined
  if (stated.length > 1 || point === undefined || 'parsingError' in point) return undefined
  if (point.indirectCRL || point.onlyContainsAttributeCerts || point.onlySomeReasons !== undefined) return undefined
  const { distributionPoint: place } = point
  if (place !== undefined && !(Array.isArray(place) && place.some(({ value }) => value === url))) return undefined
  if (point.onlyContainsUserCerts === point.onlyContainsCACerts) return point.onlyContainsUserCerts ? undefined : 'all'
  return point.onlyContainsUserCerts ? 'clients' : 'authorities'
}

/** Most entries say no more than a reason: only extensions of another size are looked into. */
async function readEntries(bytes: Uint8Array, entries: Block | undefined): Promise<ReadonlyMap<string, Seconds> | Broken> {
  const revoked = new Map<string, Seconds>()
  if (!entries) return revoked
  const { Extensions } = await import('pkijs')
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    for (const entry of blocksIn(bytes, entries)) {
      const serial = blockAt(bytes, entry.content, entry.end)
      const at = blockAt(bytes, serial.end, entry.end)
      if (at.end < entry.end && !isReason(view, at.end, entry.end)) {
        const { extensions } = Extensions.fromBER(Uint8Array.from(bytes.subarray(at.end, entry.end)))
        if (extensions.some(({ critical, extnID }) => critical && extnID !== oids.reason)) return partial()
      }
      revoked.set(view.toString('hex', serial.content, serial.end), Math.floor(timeOf(bytes, at).getTime() / 1000))
    }
    return revoked
  } catch {
    return broke(statusAnswerRules, 'certificate-status.answer-is-readable')
  }
}

/** One extension, the reason, not critical: these octets and the reason itself. */
const onlyReason = Buffer.from('300c300a0603551d1504030a01', 'hex')
function isReason(view: Buffer, start: number, end: number): boolean {
  return end - start === onlyReason.length + 1 && view.compare(onlyReason, 0, onlyReason.length, start, end - 1) === 0
}
