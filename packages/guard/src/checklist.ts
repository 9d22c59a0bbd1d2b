// Which rules are judged at a protected resource, in which order. Expectation, not machinery: a test drives a guard with
// a recording Law and must observe exactly this; docs are printed from it.
import {
  accessTokenRules,
  athRules,
  audienceRules,
  bindingDemandRules,
  bindingRules,
  jwkRules,
  pathRules,
  permissionRules,
  proofClaimRules,
  proofHeaderRules,
  proofNonceRules,
  proofTargetRules,
  proofTimeRules,
  type RuleId,
} from '@kimei/protocol'

export interface ChecklistStep {
  readonly step: string
  readonly rules: readonly RuleId[]
  /** Why here and not later or earlier. */
  readonly because: string
}

const of = (table: { readonly rules: object }): RuleId[] => Object.keys(table.rules) as RuleId[]
const compactJws: readonly RuleId[] = [
  'jose.message-is-bounded',
  'jose.members-are-unique',
  'jose.json-is-shallow',
  'jose.members-are-unique',
  'jose.json-is-shallow',
  'jose.crit-is-absent',
]

/** A sound call with a bound token on a route that requires a nonce meets every one of them. */
export const guardChecklist: readonly ChecklistStep[] = [
  { step: 'path', rules: of(pathRules), because: 'what could mean two routes has no policy' },
  { step: 'credentials', rules: ['credentials.are-sent-once', 'credentials.are-bounded'], because: 'two tokens are no token' },
  {
    step: 'proof: header lines and shape',
    rules: ['dpop.proof-is-sent-once', 'dpop.proof-is-bounded', ...compactJws],
    because: 'bounds come before work',
  },
  {
    step: 'proof: static checks and signature',
    rules: [...of(proofHeaderRules), ...of(jwkRules), ...of(proofClaimRules), 'dpop.signature-verifies'],
    because: 'nothing it says is believed before',
  },
  { step: 'proof: method and target', rules: of(proofTargetRules), because: 'a proof for elsewhere learns no nonce' },
  { step: 'proof: nonce', rules: of(proofNonceRules), because: 'a current nonce is the clock' },
  { step: 'proof: time', rules: of(proofTimeRules), because: 'the holder’s clock is the last thing asked of a proof' },
  {
    step: 'token',
    rules: [
      ...compactJws,
      'token.alg-is-asymmetric',
      'token.alg-is-allowed',
      'token.key-is-not-in-header',
      'token.signature-verifies',
      ...of(accessTokenRules),
      'binding.cnf-is-known',
    ],
    because: 'without a sound token there is nobody to speak of',
  },
  { step: 'audience', rules: of(audienceRules), because: 'a token for another API is nothing here' },
  { step: 'proof: of this token', rules: of(athRules), because: 'a proof stolen beside another token is refused' },
  {
    step: 'binding',
    rules: [...of(bindingRules), 'binding.token-is-bound', ...of(bindingDemandRules)],
    because: 'who holds it comes before what it may',
  },
  { step: 'permission', rules: of(permissionRules), because: 'a lack of scope uses up no proof' },
  { step: 'single use', rules: ['dpop.jti-is-first-use'], because: 'everything is checked, then consumed once' },
]
