// The other side of the reverse proxy: an API in JavaScript checks what the guard in front says of a request.
// Making the assertion stands in `proxy/hop-assertion.ts`.
import {
  type Broken,
  broke,
  hopRules,
  hopShapeRules,
  isBroken,
  isSignatureAlg,
  judge,
  type Law,
  must,
  type ParsedJws,
  parseCompactJws,
  type Seconds,
  verify,
  wholeLaw,
} from '@kimei/protocol'
import type { ReplayGuard } from '@kimei/storage'
import type { KeySource } from '../keys/key-source.ts'

export interface HopExpectation {
  /** Identifier of the API whose guard stands in front: `guard.resource`. */
  readonly guard: string
  /** `proxy.hop.audience`, or the upstream origin. */
  readonly audience: string
  readonly method: string
  /** Path and query as they arrived here. */
  readonly target: string
  readonly now: Seconds
  /** Clocks of two machines. Default 2. */
  readonly leewaySeconds?: number
  /** The key that the guard publishes: `fetchedKeys`, or `staticKeys`. */
  readonly keys: KeySource
  /** Where one is given, an assertion is good once. */
  readonly replay?: ReplayGuard
  readonly law?: Law
}

/** Who called, as the guard in front saw it. */
export interface VerifiedHop {
  readonly mode: string
  /** Absent on a public route. */
  readonly subject: string | undefined
  readonly clientId: string | undefined
  readonly issuer: string | undefined
  readonly jkt: string | undefined
  readonly x5t: string | undefined
  readonly scopes: readonly string[]
  /** Public URL of the request. */
  readonly url: string | undefined
}

/** `lines`: every `Kimei-Hop` header line. An API that demands this takes nothing past its guard. */
export async function checkHop(lines: readonly string[], expect: HopExpectation): Promise<VerifiedHop | Broken> {
  const { law = wholeLaw, leewaySeconds = 2, now, replay } = expect
  if (lines.length !== 1) return broke(hopShapeRules, 'hop.is-sent-once')
  const parsed = parseCompactJws(lines[0]!, 'access-token', law)
  if (isBroken(parsed)) return parsed
  const unsigned = must(hopShapeRules, 'hop.signature-verifies', await isSigned(parsed, expect.keys), law)
  if (unsigned) return unsigned
  const { guard, audience, method, target } = expect
  const { claims } = parsed
  const broken = judge(hopRules, { typ: parsed.header['typ'], claims, guard, audience, method, target, now, leewaySeconds }, law)
  if (broken) return broken
  if (replay) {
    const answer = await replay.claim('proof', `hop ${guard} ${String(claims['jti'])}`, Number(claims['exp']) + leewaySeconds, now)
    const seen = must(hopShapeRules, 'hop.jti-is-first-use', answer === 'first', law)
    if (seen) return seen
  }
  return describe(claims)
}

async function isSigned({ header, signingInput, signature }: ParsedJws, keys: KeySource): Promise<boolean> {
  const { alg, kid } = header
  if (!isSignatureAlg(alg) || typeof kid !== 'string') return false
  const key = await keys.keyFor({ kid, alg })
  return key !== undefined && verify(alg, key, signingInput, signature)
}

function describe(claims: ParsedJws['claims']): VerifiedHop {
  const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : undefined)
  return {
    mode: text('mode') ?? 'none',
    subject: text('sub'),
    clientId: text('client_id'),
    issuer: text('token_iss'),
    jkt: text('jkt'),
    x5t: text('x5t'),
    scopes: (text('scope') ?? '').split(' ').filter((scope) => scope !== ''),
    url: text('htu'),
  }
}
