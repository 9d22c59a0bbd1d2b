// What a missing rule makes of the key of the whole, stated here by hand from the seed's definitions, not taken from the observer.
import type { Posture, Priority } from '@kimei/observer'
import type { CatalogueEntry, RuleId } from '@kimei/protocol'

/** Everything bound, everything enforced: what the untouched lab is. */
export const wholePosture: Posture = {
  mode: 'dpop',
  as_enforced: 'yes',
  rs_enforced: 'yes',
  coverage: 'all_api',
  replay_protection: 'jti_yes',
  client_fit: 'mixed',
  confidence: 'confirmed',
}

interface Effect {
  readonly posture?: Partial<Posture>
  readonly priority: Priority
  /** What it makes of every API. */
  readonly enforced?: 'partial' | 'no'
  readonly mode?: 'bearer' | 'mixed'
  /** APIs where it makes no difference. */
  readonly spared?: readonly string[]
  readonly permits?: 'yes'
  /** What it makes of the APIs behind certificates: then there are two. */
  readonly sealed?: SealedTruth
  /** Of the one that hears of certificates from a terminator, where that is something else. */
  readonly told?: SealedTruth
}
interface SealedTruth {
  readonly enforced: 'yes' | 'partial' | 'no'
  readonly mode: 'bearer' | 'mtls' | 'mixed'
}

/** Whoever has the ticket gets in: nothing else about proofs can be told any more. */
const open: Effect = {
  posture: { mode: 'mixed', rs_enforced: 'no', coverage: 'unknown', replay_protection: 'unknown', confidence: 'inferred' },
  priority: 'P0',
  enforced: 'no',
  mode: 'bearer',
}
/** A proof is demanded, and any will do. */
const nominal: Effect = {
  posture: { rs_enforced: 'no', coverage: 'unknown', confidence: 'inferred' },
  priority: 'P0',
  enforced: 'no',
}

/** A name is demanded everywhere, and a proof for another request passes for this one. */
const overlooked: Effect = { posture: { rs_enforced: 'partial', coverage: 'partial_api' }, priority: 'P1', enforced: 'partial' }

/** Two clients and one route may do with unbound tickets, and that shows beside the hole. */
const permitting: Effect = {
  posture: { mode: 'mixed', as_enforced: 'no', rs_enforced: 'partial', coverage: 'partial_api' },
  priority: 'P1',
  permits: 'yes',
}

/** Keys at most APIs, certificates at one: two names, both enforced. */
const dpopApis = ['userinfo', 'admin', 'notes', 'fresh', 'optional']
const sealedHole = { posture: { mode: 'mixed', rs_enforced: 'partial', coverage: 'partial_api' }, spared: dpopApis } as const
/** The issuer alone forgets something; its tickets still name what the API asks for. */
const sealedIssuer: Effect = {
  posture: { mode: 'mixed' },
  priority: 'P1',
  spared: dpopApis,
  sealed: { enforced: 'yes', mode: 'mtls' },
}

const effects: Readonly<Record<RuleId, Effect>> = {
  'binding.certificate-comes-along': { ...sealedHole, priority: 'P1', sealed: { enforced: 'no', mode: 'bearer' } },
  'binding.certificate-is-named-certificate': { ...sealedHole, priority: 'P0', sealed: { enforced: 'no', mode: 'mtls' } },
  'certificate-header.comes-from-the-terminator': {
    ...sealedHole,
    priority: 'P0',
    sealed: { enforced: 'yes', mode: 'mtls' },
    told: { enforced: 'no', mode: 'mtls' },
  },
  // The client that is named twice gets a ticket that names its key alone.
  'binding.certificate-is-shown': { ...sealedIssuer, posture: { mode: 'mixed', as_enforced: 'no' } },
  'binding.key-is-proven-beside': sealedIssuer,
  'client-certificate.chain-is-trusted': sealedIssuer,
  'client-certificate.subject-is-the-registered-one': sealedIssuer,
  'client-certificate.is-registered': sealedIssuer,
  'binding.named-token-is-not-bearer': open,
  // Whoever makes proofs with any key decides everything in them: what else is checked is not asked any more.
  'binding.proof-key-is-named-key': { ...nominal, posture: { ...nominal.posture, replay_protection: 'unknown' } },
  'dpop.signature-verifies': nominal,
  'dpop.alg-is-asymmetric': nominal,
  // UserInfo takes only tickets of its own issuer's shelf, and none of those is unbound.
  'binding.token-is-bound': {
    posture: { mode: 'mixed', rs_enforced: 'partial', coverage: 'partial_api' },
    priority: 'P0',
    enforced: 'partial',
    mode: 'mixed',
    spared: ['userinfo'],
  },
  // Seen only where unbound tickets are taken at all: at a route that may.
  'binding.dpop-scheme-carries-named-token': permitting,
  // Whoever proves nothing where nothing else is permitted gets nothing anyway.
  'device.announced-key-is-proven': permitting,
  // What was bound comes out unbound.
  'dpop.announced-key-is-proven': { ...permitting, priority: 'P0' },
  'refresh.bound-key-is-proven': { ...permitting, priority: 'P0' },
  'exchange.bound-token-gives-no-bearer': { ...permitting, priority: 'P0' },
  // Whoever knows the name of a client is given its tickets.
  'client-auth.method-is-registered': { priority: 'P0' },
  'client-auth.secret-matches': { priority: 'P0' },
  'assertion.signature-verifies': { priority: 'P0' },
  // UserInfo is no privileged API.
  'userinfo.token-is-not-revoked': { priority: 'P1' },
  // A ticket for another API lacks the scope of the privileged one.
  'access-token.aud-is-ours': { priority: 'P1' },
  'binding.bearer-is-permitted': { posture: { as_enforced: 'no' }, priority: 'P2' },
  'dpop.ath-is-token-hash': overlooked,
  'dpop.htm-is-request-method': overlooked,
  'dpop.htu-is-request-target': overlooked,
  'dpop.iat-is-recent': overlooked,
  'dpop.iat-is-not-ahead': overlooked,
  'dpop.nonce-is-current': overlooked,
  'dpop.jti-is-first-use': { posture: { replay_protection: 'jti_no' }, priority: 'P1' },
}

/** Refused elsewhere or harmless in themselves: requests that are right but for something superfluous or ambiguous. */
const formOnly: readonly RuleId[] = [
  'jose.members-are-unique',
  // Rules of every JWT that RFC 9449 §4.3 does not list, and that let nobody else in.
  'jose.crit-is-absent',
  'jwk.rsa-is-long-enough',
  'dpop.nbf-has-come',
  'dpop.exp-has-not-passed',
  'jwk.is-meant-for-this',
  'dpop.proof-is-sent-once',
  'dpop.jti-is-bounded',
  'credentials.are-sent-once',
  'client-auth.not-in-query',
  'client-auth.one-authorization-header',
  'client-credentials.scopes-are-of-apis',
  'resource.is-known',
  'resource.is-an-absolute-uri',
  'authorize.no-registration',
  'authorize.openid-sends-redirect-uri',
]

/** Whoever has a ticket that is none for this API gets in: as good as no ticket at all. */
const tokenRules = /^(?:token\.(?:signature|alg)|access-token\.|access\.scope|userinfo\.token)/

export function effectOf({ id, level }: CatalogueEntry): Effect {
  const named = effects[id]
  if (named) return named
  if (formOnly.includes(id)) return { priority: 'P2' }
  if (tokenRules.test(id)) return { priority: 'P0' }
  return { priority: level === 'MUST' || /^(?:dpop|binding)\./.test(id) ? 'P1' : 'P2' }
}
