// The steps that checklist rows are made of: each names its rules in the order in which they are judged.
import {
  accessTokenRules,
  assertionRules,
  jwkRules,
  pkceRequestRules,
  profileRequestRules,
  proofClaimRules,
  proofHeaderRules,
  proofTargetRules,
  proofTimeRules,
  type RuleId,
  resourceRules,
  responseRules,
  scopeRules,
} from '@kimei/protocol'

export interface ChecklistStep {
  readonly step: string
  readonly rules: readonly RuleId[]
}

export interface ChecklistRow {
  readonly endpoint: string
  readonly judged: readonly ChecklistStep[]
  /** Decided by storage inside the one commit, in this order, after everything above. */
  readonly once: readonly RuleId[]
}

/** A table is judged whole, in the order of its keys. */
export function table(step: string, ...tables: readonly { readonly rules: object }[]): ChecklistStep {
  return { step, rules: tables.flatMap((one) => Object.keys(one.rules) as RuleId[]) }
}
export function steps(step: string, ...rules: readonly RuleId[]): ChecklistStep {
  return { step, rules }
}

export const jws: readonly RuleId[] = [
  'jose.message-is-bounded',
  // Header, then payload.
  ...(['jose.members-are-unique', 'jose.json-is-shallow', 'jose.members-are-unique', 'jose.json-is-shallow'] as const),
  'jose.crit-is-absent',
]
export const message = steps('message', 'request.is-not-early-data', 'request.body-is-a-form', 'form.names-do-not-repeat')
export const presented: readonly RuleId[] = ['client-auth.one-authorization-header', 'client-auth.one-method']
export const registered: readonly RuleId[] = [
  'client-auth.client-is-enabled',
  'client-auth.method-is-registered',
  'client-auth.method-is-of-the-profile',
]
export const publicClient = steps('client, public', ...presented, ...registered)
export const keyClient: ChecklistStep = {
  step: 'client, private_key_jwt',
  rules: [
    ...presented,
    'assertion.type-is-jwt-bearer',
    ...jws,
    'client-auth.client-id-agrees',
    ...registered,
    ...table('', jwkRules).rules,
    'assertion.signature-verifies',
    ...table('', assertionRules).rules,
  ],
}
export const allowed = steps('grant type', 'token.client-may-use-grant', 'token.details-go-with-grant')
export const proof: ChecklistStep = {
  step: 'DPoP proof',
  rules: [
    'dpop.proof-is-sent-once',
    'dpop.proof-is-bounded',
    ...jws,
    ...table('', proofHeaderRules).rules,
    ...table('', jwkRules).rules,
    ...table('', proofClaimRules).rules,
    'dpop.signature-verifies',
    ...table('', proofTargetRules).rules,
    ...table('', proofTimeRules).rules,
  ],
}
export const accessToken: ChecklistStep = {
  step: 'access token',
  rules: [
    ...jws,
    'token.alg-is-asymmetric',
    'token.alg-is-allowed',
    'token.key-is-not-in-header',
    'token.signature-verifies',
    ...table('', accessTokenRules).rules,
    'binding.cnf-is-known',
  ],
}
export const asked: readonly ChecklistStep[] = [table('resource', resourceRules), table('scope', scopeRules)]

export const requestMessage: readonly RuleId[] = [
  'authorize.response-mode-is-served',
  'form.names-do-not-repeat',
  'authorize.no-registration',
  'authorize.response-type-is-served',
  'authorize.client-may-use-code',
]
/** The request itself, pushed or not. */
export const request: readonly ChecklistStep[] = [
  table('profile', profileRequestRules),
  steps('message', ...requestMessage),
  table('response', responseRules),
  table('PKCE', pkceRequestRules),
  steps('what is asked', 'authorize.prompt-none-stands-alone', 'scope.is-asked-for'),
  ...asked,
  steps('challenge', 'pkce.challenge-is-fresh'),
]
export const redirectTrust = steps(
  'trust in the redirect',
  'authorize.target-does-not-repeat',
  'authorize.redirect-uri-is-registered',
  'authorize.openid-sends-redirect-uri',
)
export const wayIn = steps('way in', 'authorize.request-is-pushed', 'request-object.is-signed')
