// Whether the chain of a client's certificate ends at an authority that the operator named for clients: never the machine's own store.
// Revocation is asked elsewhere; the facts of one certificate stand in read-certificate.ts.
import type { X509Certificate } from 'node:crypto'
import {
  type Broken,
  type ChainCertificate,
  chainRules,
  isBroken,
  judge,
  type Law,
  type PresentedCertificate,
  type Seconds,
} from '@kimei/protocol'
import { readPemCertificates } from '../config/pem-certificates.ts'
import { chainFacts } from './chain-facts.ts'
import { type ParsedCertificate, parseCertificate } from './parsed-certificate.ts'

/** Of them, each once: so long a path may be, and so many ways there are at most. */
const mostSent = 5
const mostPaths = 12

export interface ChainQuestion {
  /** PEM. */
  readonly trustAnchors: readonly string[]
  readonly now: Seconds
  readonly law: Law
}

/** The client's certificate first, the trusted authority last: each is signed by the next. */
export type ChainPath = readonly ParsedCertificate[]

/** `undefined`: nothing leads to a trusted authority. Broken: the best way that leads there may not be gone. */
export async function judgeChain(presented: PresentedCertificate, question: ChainQuestion): Promise<ChainPath | Broken | undefined> {
  const ways = await waysOf(presented, question.trustAnchors)
  let first: Broken | undefined
  for (const { path, facts } of ways) {
    const broken = judge(chainRules, { path: facts, now: question.now }, question.law)
    if (!broken) return path
    first ??= broken
  }
  return first
}

interface Way {
  readonly path: ChainPath
  readonly facts: readonly ChainCertificate[]
}

const found = new WeakMap<PresentedCertificate, { readonly trustAnchors: readonly string[]; readonly ways: Promise<readonly Way[]> }>()

/** One connection shows the same certificates on many requests: signatures are verified once, what passes with time is judged each time. */
function waysOf(presented: PresentedCertificate, trustAnchors: readonly string[]): Promise<readonly Way[]> {
  const before = found.get(presented)
  if (before?.trustAnchors === trustAnchors) return before.ways
  const ways = findWays(presented, trustAnchors)
  found.set(presented, { trustAnchors, ways })
  return ways
}

async function findWays({ der, chain }: PresentedCertificate, trustAnchors: readonly string[]): Promise<readonly Way[]> {
  if (der === undefined || chain.length > mostSent) return []
  const leaf = await parseCertificate(der)
  if (!leaf) return []
  const sent = await parseAll(chain)
  const anchors = await parseAll(trustAnchors.flatMap(anchorsOf))
  const paths = waysUp([leaf], { sent, anchors, isSignedBy: makeSignatures() }).slice(0, mostPaths)
  return Promise.all(paths.map(async (path) => ({ path, facts: await chainFacts(path) })))
}

/** Shortest first: an authority that is trusted itself needs nobody above. */
function waysUp(path: ChainPath, climb: Climb): readonly ChainPath[] {
  const { sent, anchors, isSignedBy } = climb
  const from = path.at(-1) as ParsedCertificate
  const ended = anchors.filter((one) => isSignedBy(from, one)).map((one) => [...path, one])
  const above = sent.filter((one) => isSignedBy(from, one))
  const on = above.flatMap((one) => waysUp([...path, one], { ...climb, sent: sent.filter((other) => other !== one) }))
  return [...ended, ...on]
}

interface Climb {
  /** Not used yet. */
  readonly sent: readonly ParsedCertificate[]
  readonly anchors: readonly ParsedCertificate[]
  readonly isSignedBy: ReturnType<typeof makeSignatures>
}

/** Each pair is tried once, however many ways lead past it: certificates that all sign each other cost no more than others. */
function makeSignatures() {
  const tried = new Map<ParsedCertificate, Map<ParsedCertificate, boolean>>()
  return (one: ParsedCertificate, issuer: ParsedCertificate): boolean => {
    const before = tried.get(one) ?? new Map<ParsedCertificate, boolean>()
    tried.set(one, before)
    const known = before.get(issuer) ?? verifies(one, issuer)
    before.set(issuer, known)
    return known
  }
}

function verifies({ x509 }: ParsedCertificate, { x509: issuer }: ParsedCertificate): boolean {
  try {
    return x509.checkIssued(issuer) && x509.verify(issuer.publicKey)
  } catch {
    return false
  }
}

const known = new Map<string, readonly Uint8Array[]>()

/** Configuration names few, and the same for its life. */
function anchorsOf(pem: string): readonly Uint8Array[] {
  const before = known.get(pem)
  if (before) return before
  const read = (readPemCertificates(pem) ?? []).map(({ raw }: X509Certificate) => raw)
  known.set(pem, read)
  return read
}

async function parseAll(all: readonly Uint8Array[]): Promise<readonly ParsedCertificate[]> {
  const parsed = await Promise.all(all.map(parseCertificate))
  return parsed.filter((one) => one !== undefined)
}

export const isPath = (judged: ChainPath | Broken | undefined): judged is ChainPath => judged !== undefined && !isBroken(judged)
