// Judges a proof by every rule at once. A server stops at the first broken rule; whoever repairs a client wants to see them all.
import {
  type Broken,
  catalogue,
  checkAth,
  checkProof,
  isBroken,
  jwkThumbprint,
  type Law,
  normalizeHtu,
  type ParsedProof,
  type ProofExpectation,
  type ProofWindow,
  type PublicJwk,
  parseProof,
  proofAlgorithms,
  type RuleId,
  type Seconds,
  type Seen,
} from '@kimei/protocol'
import { type Members, peekJwt } from './read-jwt.ts'

export interface ProofQuestion {
  readonly proof: string
  readonly method: string | undefined
  readonly url: string | undefined
  readonly token: string | undefined
  readonly now: Seconds
  readonly window: ProofWindow
}

export interface JudgedRule {
  readonly id: RuleId
  readonly holds: boolean
  readonly says: string
  readonly cite: string
  /** What was expected and what came, where the rule tells. */
  readonly seen?: Seen
}

export interface Explanation {
  readonly ok: boolean
  /** Thumbprint of the key in the proof, where it has one. */
  readonly jkt: string | null
  readonly header: Members
  readonly claims: Members
  /** Both targets in their one spelling. */
  readonly htu: { readonly proof: string | null; readonly request: string | null }
  readonly rules: readonly JudgedRule[]
  /** What was not compared, and why. */
  readonly unjudged: readonly string[]
}

export async function explainProof(question: ProofQuestion): Promise<Explanation> {
  const { header = {}, claims = {} } = peekJwt(question.proof) ?? {}
  const judged = await judgeAll(question)
  const rules = await Promise.all(judged.map((one) => describe(question, one)))
  const claimed = claims['htu']
  return {
    ok: rules.every((rule) => rule.holds),
    jkt: await thumbprint(header['jwk']),
    header,
    claims,
    htu: {
      proof: (typeof claimed === 'string' && normalizeHtu(claimed)) || null,
      request: (question.url !== undefined && normalizeHtu(question.url)) || null,
    },
    rules,
    unjudged: unjudgedOf(question),
  }
}

async function thumbprint(jwk: unknown): Promise<string | null> {
  try {
    return await jwkThumbprint(jwk as PublicJwk)
  } catch {
    return null
  }
}

interface Judged {
  readonly id: RuleId
  readonly holds: boolean
}

/** A Law that waives everything sees every rule judged, and hears which would have failed. */
async function judgeAll(question: ProofQuestion): Promise<Judged[]> {
  const order: RuleId[] = []
  const failed = new Set<RuleId>()
  const law: Law = {
    judged: (id) => void (order.includes(id) || order.push(id)),
    waives: (id) => Boolean(failed.add(id)),
  }
  const end = await judge(question, law)
  // A rule of shape cannot be waived: what follows it could not be read.
  if (end) failed.add(end.broken)
  if (end && !order.includes(end.broken)) order.push(end.broken)
  return order.map((id) => ({ id, holds: !failed.has(id) }))
}

async function describe(question: ProofQuestion, { id, holds }: Judged): Promise<JudgedRule> {
  const { says, cite } = catalogue.get(id)!
  if (holds) return { id, holds, says, cite }
  // In force alone, the rule itself tells what it expected.
  const alone = await judge(question, { waives: (other) => other !== id })
  return { id, holds, says, cite, ...(alone?.seen && { seen: alone.seen }) }
}

async function judge({ proof, method, url, token, now, window }: ProofQuestion, law: Law): Promise<Broken | undefined> {
  const parsed = parseProof([proof], law)
  if (isBroken(parsed)) return parsed
  const verified = await checkProof(parsed, expectation({ parsed, method, url, now, window }), law)
  if (isBroken(verified)) return verified
  return token === undefined ? undefined : checkAth(verified, token, law)
}

type Expecting = Pick<ProofQuestion, 'method' | 'url' | 'now' | 'window'> & { readonly parsed: ParsedProof }

/** What is not asked about is expected as claimed. */
function expectation({ parsed, method, url, now, window }: Expecting): ProofExpectation {
  const target = normalizeHtu(url ?? parsed.htu ?? '')
  return {
    owner: 'explained',
    method: method ?? parsed.htm ?? '',
    targets: target === undefined ? [] : [target],
    now,
    window,
    algorithms: proofAlgorithms,
    nonce: { mode: 'off' },
  }
}

function unjudgedOf({ method, url, token }: ProofQuestion): string[] {
  return [
    ...(method === undefined ? ['the method (--method)'] : []),
    ...(url === undefined ? ['the URL (--url)'] : []),
    ...(token === undefined ? ['ath (--token)'] : []),
    'whether its jti is new and its nonce current, which only the server knows',
  ]
}
