// A client certificate as evidence, out of the headers of a terminator that is trusted: bounds, count, format, agreement.
// Who may tell one is judged before, where the connection is known.
import { type Awaitable, equal } from '../../jose/index.ts'
import { type Broken, broke, isBroken, type Law, must } from '../../rule.ts'
import { type PresentedCertificate, presentCertificate, presentThumbprint } from '../certificate.ts'
import { type ForwardedFormat, type ForwardedFormatName, forwardedFormats, type ToldCertificate, type XfccChoice } from './formats.ts'
import { forwardingRules } from './forwarding-rules.ts'
import { isOneCertificate } from './one-certificate.ts'

export interface ForwardedReading {
  readonly format: ForwardedFormatName
  /** Other names than the usual ones. */
  readonly header?: string | undefined
  readonly chainHeader?: string | undefined
  readonly element?: XfccChoice | undefined
  /** The header in which the terminator says that it has verified the certificate, and what it then says. */
  readonly verified?: { readonly header: string; readonly value: string } | undefined
}

/** Values of the header lines of this name, in any case, in order. */
export type LinesOf = (name: string) => readonly string[]

export interface ForwardedReader {
  /** Lower-case names of every header that it reads. */
  readonly headers: readonly string[]
  /** `undefined`: the terminator saw no certificate. */
  read(lines: LinesOf, law: Law): Awaitable<PresentedCertificate | undefined | Broken>
}

const mostCharacters = 16_384
const mostCertificates = 10
const visible = /^[\x20-\x7e]*$/

export function makeForwardedReader(how: ForwardedReading): ForwardedReader {
  const format: ForwardedFormat = forwardedFormats[how.format]
  const header = (how.header ?? format.header).toLowerCase()
  const chainHeaders = namesOfChain(format, how.chainHeader ?? format.chainHeader)
  const { besideHeader } = format
  const verified = how.verified && { ...how.verified, header: how.verified.header.toLowerCase() }
  const headers = [header, ...chainHeaders, ...(besideHeader ? [besideHeader] : []), ...(verified ? [verified.header] : [])]
  const parts: Parts = { how, format, header, chainHeaders, besideHeader, verified }
  return {
    headers,
    read(lines, law) {
      const told = readTold(parts, lines, law)
      if (told === undefined || isBroken(told)) return told
      const broken = checkTold(told)
      if (broken) return broken
      if (told.der === undefined) return presentThumbprint(told.sha256!)
      const presented = presentCertificate(told.der, chainWithoutLeaf(told))
      return isPending(presented) ? presented.then((one) => checkDigest(one, told)) : checkDigest(presented, told)
    },
  }
}

interface Parts {
  readonly how: ForwardedReading
  readonly format: ForwardedFormat
  readonly header: string
  readonly chainHeaders: readonly string[]
  readonly besideHeader: string | undefined
  readonly verified: ForwardedReading['verified']
}

function namesOfChain({ chain }: ForwardedFormat, name: string | undefined): readonly string[] {
  if (chain === undefined || name === undefined) return []
  const lower = name.toLowerCase()
  return chain === 'numbered' ? Array.from({ length: mostCertificates }, (_, at) => `${lower}-${at}`) : [lower]
}

/** Everything that the lines say, or the rule that they break. */
function readTold(parts: Parts, lines: LinesOf, law: Law): ToldCertificate | undefined | Broken {
  const { how, format, header, chainHeaders, besideHeader, verified } = parts
  const said = (name: string): readonly string[] => lines(name).filter((value) => value !== '' && value !== format.nobody)
  const [own, beside] = [lines(header), besideHeader === undefined ? [] : lines(besideHeader)]
  const chain = chainHeaders.map(said).filter((values) => values.length > 0)
  const all = [...own, ...beside, ...chain.flat()]
  if (all.length === 0) return undefined
  if (all.reduce((sum, value) => sum + value.length, 0) > mostCharacters) return broke(forwardingRules, 'certificate-header.is-bounded')
  const flags = verified ? lines(verified.header) : []
  const once = own.length <= 1 && beside.length <= 1 && flags.length <= 1 && (format.chain === 'lines' || chain.every(isSingle))
  if (!once) return twice(header)
  const misread = (): Broken => wrongFormat(how, header)
  if (!all.every((value) => visible.test(value))) return misread()
  const [value = ''] = said(header)
  if (value === '') return chain.length > 0 || said(besideHeader ?? '').length > 0 ? unaccompanied() : undefined
  const told = format.read(value, how.element ?? 'only')
  if (told === 'twice') return twice(header)
  if (told === undefined) return misread()
  const more = chain.length > 0 ? format.readChain?.(chain.flat()) : {}
  const pem = beside[0] ? format.readBeside?.(beside[0]) : undefined
  if (!more || (beside[0] && !pem)) return misread()
  const unverified = verified && must(forwardingRules, 'certificate-header.was-verified', flags[0] === verified.value, law)
  return unverified ?? { ...told, ...more, ...(pem && { der: pem }) }
}

const isSingle = (values: readonly string[]): boolean => values.length === 1

const twice = (header: string): Broken =>
  broke(forwardingRules, 'certificate-header.is-sent-once', { expected: 'one value', received: 'several', header })

const unaccompanied = (): Broken => broke(forwardingRules, 'certificate-header.chain-comes-with-its-certificate')

const wrongFormat = ({ format }: ForwardedReading, header: string): Broken =>
  broke(forwardingRules, 'certificate-header.is-in-the-configured-format', { expected: format, received: 'something else', header })

function checkTold({ der, chain = [], chainHasLeaf }: ToldCertificate): Broken | undefined {
  if (chain.length > mostCertificates) return broke(forwardingRules, 'certificate-header.is-bounded')
  if ((der && !isOneCertificate(der)) || !chain.every(isOneCertificate)) {
    return broke(forwardingRules, 'certificate-header.holds-one-certificate')
  }
  const stands = der !== undefined && chain.some((one) => isSame(one, der))
  if (chainHasLeaf && !isSame(chain[0], der)) return broke(forwardingRules, 'certificate-header.agrees-with-itself')
  return !chainHasLeaf && stands ? unaccompanied() : undefined
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && one.length === other?.length && one.every((octet, at) => octet === other[at])
}

const chainWithoutLeaf = ({ chain = [], chainHasLeaf }: ToldCertificate): readonly Uint8Array[] => (chainHasLeaf ? chain.slice(1) : chain)

/** A digest that is told beside the certificate is that of the certificate. */
function checkDigest(presented: PresentedCertificate, { sha256 }: ToldCertificate): PresentedCertificate | Broken {
  if (sha256 === undefined || equal(sha256, presented.x5t)) return presented
  return broke(forwardingRules, 'certificate-header.agrees-with-itself')
}

const isPending = (value: Awaitable<PresentedCertificate>): value is Promise<PresentedCertificate> => value instanceof Promise
