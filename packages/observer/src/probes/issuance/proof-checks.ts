// AS5, AS6: the token request with a proof that is wrong in one way, or right in one that some refuse; and with a wrong nonce.
import type { Text } from '@kimei/protocol'
import { fingerprint } from '../../baseline.ts'
import type { JwsPlan } from '../../edits/keys.ts'
import { type FormCall, withClaims } from '../../edits/plans.ts'
import * as edits from '../../edits/proof-edits.ts'
import { type EditKit, type EditProbe, type NotApplicable, probeAt } from '../../probe.ts'

interface ProofCheck {
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly proves: Text
  readonly edit: EditProbe<'token-request'>['edit']
  readonly more?: Partial<EditProbe<'token-request'>>
}

const freshness: ProofCheck['more'] = { excused: (kit) => (kit.nonceDemanded ? 'freshness rests on the nonce here' : undefined) }

const checks: readonly ProofCheck[] = [
  {
    part: 'htm',
    attacks: ['dpop.htm-is-request-method'],
    cite: 'RFC9449§4.3-8',
    ja: '別のメソッドの証明では切符は出ない',
    en: 'a proof for another method gets no ticket',
    proves: { ja: 'htm を比べている', en: 'htm is compared' },
    edit: edits.otherMethod,
  },
  {
    part: 'htu',
    attacks: ['dpop.htu-is-request-target'],
    cite: 'RFC9449§4.3-9',
    ja: '別の URL の証明では切符は出ない',
    en: 'a proof for another URL gets no ticket',
    proves: { ja: 'htu を比べている', en: 'htu is compared' },
    edit: edits.otherPath,
  },
  {
    part: 'none',
    attacks: ['dpop.alg-is-asymmetric'],
    cite: 'RFC9449§4.3-5',
    ja: '署名なしの証明では切符は出ない',
    en: 'a proof with alg none gets no ticket',
    proves: { ja: '署名なし（alg none）を断っている', en: 'alg none is refused' },
    edit: edits.algNone,
  },
  {
    part: 'hmac',
    attacks: ['dpop.alg-is-asymmetric'],
    cite: 'RFC9449§4.3-5',
    ja: '公開鍵を共通鍵にした証明では切符は出ない',
    en: 'a proof with HMAC over the public key gets no ticket',
    proves: { ja: '共通鍵の署名方式を断っている', en: 'symmetric algorithms are refused' },
    edit: edits.algHmac,
  },
  {
    part: 'signature',
    attacks: ['dpop.signature-verifies'],
    cite: 'RFC9449§4.3-7',
    ja: '署名の壊れた証明では切符は出ない',
    en: 'a proof with a broken signature gets no ticket',
    proves: { ja: '署名を確かめている', en: 'signatures are verified' },
    edit: edits.signatureFlipped,
  },
  {
    part: 'old',
    attacks: ['dpop.iat-is-recent'],
    cite: 'RFC9449§4.3-11',
    ja: '古い証明では切符は出ない',
    en: 'a proof of an hour ago gets no ticket',
    proves: { ja: '古い証明は断っている', en: 'old proofs are refused' },
    edit: edits.moved(-3600),
    more: freshness,
  },
  {
    part: 'future',
    attacks: ['dpop.iat-is-not-ahead'],
    cite: 'RFC9449§4.3-11',
    ja: '未来の証明では切符は出ない',
    en: 'a proof dated two minutes ahead gets no ticket',
    proves: { ja: '証明を前もって作り置きできない', en: 'proofs cannot be made in advance' },
    edit: edits.moved(120),
    more: freshness,
  },
  {
    part: 'ahead',
    // What must pass attacks no rule: refusing it is stricter than any.
    attacks: [],
    cite: 'FAPI2-SP§5.3.2.1-13',
    ja: '時計が数秒進んだアプリの証明でも切符は出る',
    en: 'a proof dated eight seconds ahead gets its ticket',
    proves: { ja: '時計が少し進んだアプリを締め出さない', en: 'clients whose clock is a little fast are not shut out' },
    edit: edits.moved(8),
    more: { passes: true, level: 'SHOULD', depth: 'full', priority: 'P2' },
  },
  {
    part: 'typ',
    attacks: ['dpop.typ-is-dpop-jwt'],
    cite: 'RFC9449§4.3-4',
    ja: '種類を名乗らない証明では切符は出ない',
    en: 'a proof without typ gets no ticket',
    proves: { ja: 'typ を比べている', en: 'typ is compared' },
    edit: edits.headerSet('typ', undefined),
  },
  {
    part: 'replay',
    attacks: ['dpop.jti-is-first-use'],
    cite: 'RFC9449§11.1',
    ja: '同じ証明で二枚目の切符は出ない',
    en: 'one proof does not get two tickets',
    proves: { ja: '使われた証明を覚えている', en: 'used proofs are remembered' },
    edit: edits.written,
    // The rest of the second request is new: a used client assertion must not be what is refused.
    more: { sends: 'twice', carry: (first, fresh) => ({ ...fresh, proofs: first.proofs }), level: 'SHOULD' },
  },
]

/** AS6: nonces, where the issuer demands them. A challenge is the answer here, not a step. The rules are those that N1 and N2 attack at APIs. */
const nonceChecks: readonly ProofCheck[] = [
  {
    part: 'nonce-absent',
    attacks: [],
    cite: 'RFC9449§8',
    ja: 'nonce を求める発行者では、nonce のない証明で切符は出ない',
    en: 'where the issuer demands a nonce, a proof without one gets no ticket',
    proves: { ja: 'nonce のない新しい証明には、nonce を求めて返す', en: 'a fresh proof without a nonce is challenged' },
    edit: edits.withoutNonce,
    // A challenge to an old proof alone demands nothing of a fresh one; what the owner says is demanded, is.
    more: { excused: ({ facts }) => (facts['issuerNonce'] === 'required' ? undefined : 'no nonce is demanded here') },
  },
  {
    part: 'nonce-random',
    attacks: [],
    cite: 'RFC9449§8',
    ja: '発行者の出していない nonce では切符は出ない',
    en: 'a nonce that the issuer never gave gets no ticket',
    proves: { ja: 'nonce が本物かを確かめている', en: 'nonces are verified' },
    edit: async (call, kit) => ((await isDemanded(call, kit)) ? edits.randomNonce(call, kit) : noneDemanded),
  },
  {
    part: 'nonce-stale',
    attacks: [],
    cite: 'RFC9449§8',
    ja: '古い nonce では切符は出ない',
    en: 'a nonce of an hour ago gets no ticket',
    proves: { ja: 'nonce に期限がある', en: 'nonces end' },
    edit: staleNonce,
  },
]

const noneDemanded: NotApplicable = { notApplicable: 'no nonce is demanded here' }

/** A ticket that was asked for before has brought the nonce along: then only a request without one tells whether it had to be there. */
async function isDemanded(call: FormCall, kit: EditKit): Promise<boolean> {
  if (kit.nonceDemanded) return true
  if (call.proofs.every(({ claims }) => claims['nonce'] === undefined)) return false
  const answer = await kit.send('is a nonce demanded', edits.withoutNonce(call, kit))
  return fingerprint(answer).error === 'use_dpop_nonce'
}

const staleSeconds = 3600

/** The nonce of now, an hour later, in a proof and an assertion of then. */
async function staleNonce(call: FormCall, kit: EditKit): Promise<FormCall | NotApplicable> {
  if (!(await isDemanded(call, kit))) return noneDemanded
  if (kit.wait === undefined) return { notApplicable: 'nobody waits for a nonce to end' }
  await kit.wait(staleSeconds)
  const later = (jws: JwsPlan, more: Readonly<Record<string, unknown>>) => withClaims(jws, { iat: kit.now(), jti: kit.random(), ...more })
  return {
    ...call,
    proofs: call.proofs.map((proof) => later(proof, {})),
    ...(call.assertion && { assertion: later(call.assertion, { exp: kit.now() + 60 }) }),
  }
}

export const issuerNonceChecks: readonly EditProbe<'token-request'>[] = nonceChecks.map((check) =>
  probeAt('token-request', {
    ...head(check),
    id: `AS6-${check.part}`,
    depth: 'full',
    edit: check.edit,
    judgesNonceChallenge: true,
    ...check.more,
  }),
)

export const issuerProofChecks: readonly EditProbe<'token-request'>[] = checks.map((check) =>
  probeAt('token-request', { ...head(check), edit: check.edit, ...check.more }),
)

function head({ part, attacks, cite, ja, en, proves }: ProofCheck) {
  return {
    id: `AS5-${part}`,
    topic: 'issuance',
    attacks,
    level: 'MUST',
    cite,
    says: { ja, en },
    proves: { ja: `トークンエンドポイントで、${proves.ja}`, en: `${proves.en} at the token endpoint` },
    doesNotProve: { ja: 'API も同じことを確かめているか', en: 'that the API checks the same' },
    depth: 'core',
    priority: 'P1',
    owner: 'AS',
    sources: ['token-endpoint-response', 'dpop-header'],
  } as const
}
