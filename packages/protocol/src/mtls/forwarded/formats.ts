// In which formats terminators tell a client certificate: the usual header of each, and what its value says.
// Whether a header is heard at all, and whether its parts agree, stands in `read-forwarded.ts`.
import type { Thumbprint } from '../../ids.ts'
import { fromBase64, readEscapedPem, readHexDigest, readPemText, unescapePercent } from './encodings.ts'
import { splitCertificates } from './one-certificate.ts'
import { parseXfcc } from './xfcc.ts'

/** What one request's headers say, before anything is believed. */
export interface ToldCertificate {
  readonly der?: Uint8Array
  readonly sha256?: Thumbprint
  /** A chain, told in the same value or beside it. */
  readonly chain?: readonly Uint8Array[]
  /** The chain begins with the certificate itself. */
  readonly chainHasLeaf?: true
}

/** Of Envoy: whether the header must have one element, or the last, which the nearest hop added, counts. */
export type XfccChoice = 'only' | 'last'

/** `twice`: more than one value. `undefined`: not in this format. */
export type Told = ToldCertificate | 'twice' | undefined

export interface ForwardedFormat {
  /** The header's usual name. */
  readonly header: string
  /** Where its chain usually stands, when it has a place of its own and one name for it. */
  readonly chainHeader?: string
  /** What else stands beside: PEM beside a digest. */
  readonly besideHeader?: string
  /** What a chain of its own may look like. `numbered`: one header for each certificate, `-0`, `-1` and so on. */
  readonly chain?: 'lines' | 'one' | 'numbered'
  /** Stands where there is no certificate. */
  readonly nobody?: string
  read(value: string, choice: XfccChoice): Told
  readChain?(values: readonly string[]): Pick<ToldCertificate, 'chain' | 'chainHasLeaf'> | undefined
  readBeside?(value: string): Uint8Array | undefined
}

const item = /^:([A-Za-z0-9+/]*={0,2}):$/

/** RFC 8941 §3.3.5, in the strict reading: padded, nothing after it. */
function readItem(text: string): Uint8Array | undefined {
  const found = item.exec(text)
  return found ? fromBase64(found[1]!) : undefined
}

const certificate = (der: Uint8Array | undefined): Told => der && { der }

/** Leaf first, then the rest. */
function leafAndRest(all: readonly Uint8Array[] | undefined): Told {
  const [der, ...chain] = all ?? []
  return der && { der, chain }
}

function only(all: readonly Uint8Array[] | undefined): Told {
  return all && all.length > 1 ? 'twice' : certificate(all?.[0])
}

function every(values: readonly string[], read: (value: string) => Uint8Array | undefined): Pick<ToldCertificate, 'chain'> | undefined {
  const chain = values.map(read)
  return chain.every((one) => one !== undefined) ? { chain } : undefined
}

const rfc9440: ForwardedFormat = {
  header: 'client-cert',
  chainHeader: 'client-cert-chain',
  chain: 'lines',
  read: (value) => (/^:[^:]*: *,/.test(value) ? 'twice' : certificate(readItem(value))),
  readChain: (values) =>
    every(
      values.flatMap((line) => line.split(',').map((one) => one.trim())),
      readItem,
    ),
}

const envoy: ForwardedFormat = {
  header: 'x-forwarded-client-cert',
  read(value, choice) {
    const elements = parseXfcc(value)
    if (!elements) return undefined
    if (choice === 'only' && elements.length > 1) return 'twice'
    const element = elements.at(-1)!
    const [[hash], [cert], [chain]] = ['hash', 'cert', 'chain'].map((key) => element.get(key) ?? []) as [string[], string[], string[]]
    const sha256 = hash === undefined ? undefined : readHexDigest(hash)
    const own = cert === undefined ? undefined : readEscapedPem(cert)
    const all = chain === undefined ? undefined : readEscapedPem(chain)
    const unread = (hash !== undefined && !sha256) || (cert !== undefined && own?.length !== 1) || (chain !== undefined && !all)
    const der = own?.[0] ?? all?.[0]
    if (unread || (sha256 === undefined && der === undefined)) return undefined
    return { ...(sha256 && { sha256 }), ...(der && { der }), ...(all && { chain: all, chainHasLeaf: true }) }
  },
}

const haproxy: ForwardedFormat = {
  header: 'x-ssl-client-cert',
  chain: 'one',
  read: (value) => certificate(fromBase64(value)),
  // `ssl_c_chain_der`: one after the other, without the certificate itself.
  readChain: ([value = '']) => {
    const chain = splitCertificates(fromBase64(value) ?? new Uint8Array())
    return chain && { chain }
  },
}

const apache: ForwardedFormat = {
  header: 'x-ssl-client-cert',
  chain: 'numbered',
  nobody: '(null)',
  read: (value) => only(readPemText(value, ' ')),
  readChain: (values) =>
    every(values, (value) => {
      const all = readPemText(value, ' ')
      return all?.length === 1 ? all[0] : undefined
    }),
}

export const forwardedFormats = {
  rfc9440,
  nginx: { header: 'ssl-client-cert', read: (value) => only(readEscapedPem(value)) },
  envoy,
  haproxy,
  apache,
  traefik: {
    header: 'x-forwarded-tls-client-cert',
    // Older ones percent-encode the whole; base64 and commas have no percent sign.
    read: (value) => {
      const all = unescapePercent(value)?.split(',').map(fromBase64)
      return all?.every((one) => one !== undefined) ? leafAndRest(all) : undefined
    },
  },
  'alb-passthrough': { header: 'x-amzn-mtls-clientcert', read: (value) => leafAndRest(readEscapedPem(value)) },
  'alb-verify': { header: 'x-amzn-mtls-clientcert-leaf', read: (value) => only(readEscapedPem(value)) },
  cloudfront: {
    header: 'cloudfront-viewer-cert-sha256',
    besideHeader: 'cloudfront-viewer-cert-pem',
    read: (value) => {
      const sha256 = readHexDigest(value)
      return sha256 === undefined ? undefined : { sha256 }
    },
    readBeside: (value) => {
      const all = readEscapedPem(value)
      return all?.length === 1 ? all[0] : undefined
    },
  },
} as const satisfies Readonly<Record<string, ForwardedFormat>>

export type ForwardedFormatName = keyof typeof forwardedFormats

export const forwardedFormatNames = Object.keys(forwardedFormats) as readonly ForwardedFormatName[]
