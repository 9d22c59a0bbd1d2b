// Asks whether certificates of clients were revoked, keeps the answers as long as they serve, and says what silence means here.
// What an answer says is read in certificates/revocation/.
import { createHash } from 'node:crypto'
import {
  type Broken,
  boundedMemory,
  broke,
  certificateStatusRules,
  isBroken,
  type Law,
  must,
  type Seconds,
  statusAnswerRules,
  type Thumbprint,
} from '@kimei/protocol'
import type { ChainPath } from '../certificates/judge-chain.ts'
import type { ParsedCertificate } from '../certificates/parsed-certificate.ts'
import type { Answered, RevocationSource, StatusQuestion, Told } from '../certificates/revocation/contract.ts'
import { type RevocationList, readList, statusIn } from '../certificates/revocation/crl.ts'
import { namesOf } from '../certificates/revocation/names.ts'
import { buildOcspRequest, readOcspAnswer } from '../certificates/revocation/ocsp.ts'
import type { RevocationConfig } from '../config/revocation-schema.ts'
import type { Exchange } from '../context.ts'
import type { Outbound } from './contract.ts'

/** Who was asked, and why that answer does not count. */
interface Silence {
  readonly source: RevocationSource
  readonly target: string
  readonly rule: string
}

/** On whose behalf. */
export interface Asked {
  readonly exchange: Exchange
  readonly clientId: string
  readonly x5t: Thumbprint
}

export interface Revocation {
  /** `undefined`: nothing speaks against the certificate of this client. Its authorities are asked about, too. */
  judge(path: ChainPath, about: Asked): Promise<Broken | undefined>
}

export interface RevocationParts {
  readonly outbound: Outbound
  readonly config: RevocationConfig
  readonly clock: () => Seconds
  readonly random: (bytes: number) => Uint8Array
  readonly law: Law
  /** Tells that a certificate passes although nobody answered. */
  readonly unchecked: (asked: Asked, silence: readonly Silence[]) => Promise<void>
}

const mostKeptSeconds = 86_400
/** Nobody is asked again so soon, whoever wants to know. */
export const silentSeconds = 10
const mostAnswers = 10_000
const mostLists = 50
const mostAnswerBytes = 65_536
const mostListBytes = 2_097_152
const listTypes = ['application/pkix-crl', 'application/x-pkcs7-crl', 'application/octet-stream']

type Ask = (question: StatusQuestion, url: string, exchange: Exchange) => Promise<Answered>

export function makeRevocation(parts: RevocationParts): Revocation {
  const { config, law, unchecked } = parts
  const ask: Readonly<Record<RevocationSource, Ask>> = { ocsp: makeOcsp(parts), crl: makeLists(parts) }
  const judgeOne = async (question: StatusQuestion, asked: Asked): Promise<Broken | undefined> => {
    const names = namesOf(question.certificate)
    const targets = config.sources.flatMap((source) => names[source].map((url) => ({ source, url })))
    if (targets.length === 0) return must(certificateStatusRules, 'client-certificate.names-who-tells', config.unnamed === 'accept', law)
    const silence: Silence[] = []
    for (const { source, url } of targets) {
      const answered = isHttp(url)
        ? await ask[source](question, url, asked.exchange)
        : broke(statusAnswerRules, 'certificate-status.url-is-http')
      if (!isBroken(answered)) return judgeTold(answered, source, law)
      silence.push({ source, target: originOf(url), rule: answered.broken })
    }
    if (config.dangerouslyAcceptSilent) {
      await unchecked(asked, silence)
      return undefined
    }
    return must(certificateStatusRules, 'client-certificate.status-is-told', false, law, () => ({
      expected: 'an answer',
      received: silence,
    }))
  }
  return {
    async judge(path, asked) {
      if (config.dangerouslyNeverAsk) return undefined
      for (const [at, certificate] of path.slice(0, -1).entries()) {
        const broken = await judgeOne({ certificate, issuer: path[at + 1] as ParsedCertificate, now: asked.exchange.now }, asked)
        if (broken) return broken
      }
      return undefined
    },
  }
}

function judgeTold({ status, since }: Told, source: RevocationSource, law: Law): Broken | undefined {
  const seen = () => ({ expected: 'good', received: status, source, ...(since !== undefined && { since }) })
  return must(certificateStatusRules, 'client-certificate.is-not-revoked', status === 'good', law, seen)
}

const isHttp = (url: string): boolean => /^https?:\/\//i.test(url)
/** The rest of a URL may say more than a log should. */
const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : '').slice(0, 300)

/** Every answer is for one certificate. */
function makeOcsp({ outbound, config, clock, random }: RevocationParts): Ask {
  const keep = makeShelf<Told>(mostAnswers, clock)
  return (question, url, exchange) =>
    keep(`${url} ${nameOf(question.issuer)} ${question.certificate.x509.serialNumber}`, async () => {
      const nonce = random(32)
      const answer = await outbound.fetchSigned(url, {
        purpose: 'revocation, ocsp',
        accept: ['application/ocsp-response'],
        body: { bytes: await buildOcspRequest(question, nonce), contentType: 'application/ocsp-request' },
        mostBytes: mostAnswerBytes,
        seconds: config.answerSeconds,
        exchange,
      })
      return isBroken(answer) ? answer : readOcspAnswer(answer.bytes, { ...question, now: clock() }, nonce)
    })
}

/** A list is read once for all certificates of its authority. */
function makeLists({ outbound, config, clock }: RevocationParts): Ask {
  const keep = makeShelf<RevocationList>(mostLists, clock)
  return async (question, url, exchange) => {
    const { issuer } = question
    const list = await keep(`${url} ${nameOf(issuer)}`, async () => {
      const how = { purpose: 'revocation, crl', accept: listTypes, mostBytes: mostListBytes, seconds: config.answerSeconds, exchange }
      const answer = await outbound.fetchSigned(url, how)
      return isBroken(answer) ? answer : readList(answer.bytes, { issuer, url, now: clock() })
    })
    return isBroken(list) ? list : statusIn(list, question)
  }
}

const nameOf = ({ x509 }: ParsedCertificate): string => createHash('sha256').update(x509.raw).digest('base64url')

interface Kept<T> {
  readonly value: Promise<T | Broken>
  /** Absent: under way. */
  readonly since?: Seconds
  readonly until?: Seconds
}

/** An answer serves as long as it says; that nobody answered is remembered, too, but briefly. Who asks meanwhile waits for the same. */
function makeShelf<T extends { readonly until: Seconds }>(most: number, clock: () => Seconds) {
  const shelf = boundedMemory<Kept<T>>(most)
  return (name: string, fetch: () => Promise<T | Broken>): Promise<T | Broken> => {
    const known = shelf.get(name)
    const now = clock()
    if (known && (known.until === undefined || (now <= known.until && now >= (known.since ?? now)))) return known.value
    const value = fetch().then(
      (told) => {
        const since = clock()
        const until = isBroken(told) ? since + silentSeconds : Math.min(told.until, since + mostKeptSeconds)
        shelf.set(name, { value, since, until })
        return told
      },
      (fault: unknown) => {
        shelf.delete(name)
        throw fault
      },
    )
    shelf.set(name, { value })
    return value
  }
}
