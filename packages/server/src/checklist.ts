// Which rules run at which endpoint, in which order, when everything is in order: expectation, not machinery.
// A test drives each endpoint with a recording Law and must hear exactly this; docs/checklist.md is printed from it.
import {
  accessTokenRules,
  activeTokenRules,
  assertionRules,
  athRules,
  audienceRules,
  bindingDemandRules,
  bindingRules,
  clientCredentialsRules,
  codeKnownRules,
  codeRules,
  jwkRules,
  pathRules,
  permissionRules,
  pkceRequestRules,
  proofClaimRules,
  proofHeaderRules,
  proofTargetRules,
  proofTimeRules,
  pushRules,
  type RuleId,
  refreshKnownRules,
  refreshRules,
  resourceRules,
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
function table(step: string, ...tables: readonly { readonly rules: object }[]): ChecklistStep {
  return { step, rules: tables.flatMap((one) => Object.keys(one.rules) as RuleId[]) }
}
function steps(step: string, ...rules: readonly RuleId[]): ChecklistStep {
  return { step, rules }
}

const jws: readonly RuleId[] = [
  'jose.message-is-bounded',
  // Header, then payload.
  ...(['jose.members-are-unique', 'jose.json-is-shallow', 'jose.members-are-unique', 'jose.json-is-shallow'] as const),
  'jose.crit-is-absent',
]
const message = steps('message', 'request.body-is-a-form', 'form.names-do-not-repeat')
const presented: readonly RuleId[] = ['client-auth.one-authorization-header', 'client-auth.one-method']
const registered: readonly RuleId[] = ['client-auth.client-is-enabled', 'client-auth.method-is-registered']
const publicClient = steps('client, public', ...presented, ...registered)
const keyClient: ChecklistStep = {
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
const allowed = steps('grant type', 'token.client-may-use-grant')
const proof: ChecklistStep = {
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
const accessToken: ChecklistStep = {
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
const asked: readonly ChecklistStep[] = [table('resource', resourceRules), table('scope', scopeRules)]

const requestMessage: readonly RuleId[] = [
  'authorize.response-mode-is-query',
  'form.names-do-not-repeat',
  'authorize.no-request-object',
  'authorize.no-request-uri',
  'authorize.no-registration',
  'authorize.response-type-is-code',
  'authorize.client-may-use-code',
]
/** The request itself, pushed or not. */
const request: readonly ChecklistStep[] = [
  steps('message', ...requestMessage),
  table('PKCE', pkceRequestRules),
  steps('what is asked', 'authorize.prompt-none-stands-alone', 'scope.is-asked-for'),
  ...asked,
  steps('challenge', 'pkce.challenge-is-fresh'),
]
const redirectTrust = steps('trust in the redirect', 'authorize.target-does-not-repeat', 'authorize.redirect-uri-is-registered')
const wayIn = steps('way in', 'authorize.request-is-pushed')

/** One sound request each: client with a key, public client, one resource named, nonces off. */
export const checklist: readonly ChecklistRow[] = [
  {
    endpoint: 'token: client_credentials',
    judged: [message, keyClient, allowed, proof, ...asked, table('the client itself', clientCredentialsRules)],
    once: ['assertion.jti-is-first-seen', 'dpop.jti-is-first-use'],
  },
  {
    endpoint: 'token: authorization_code',
    judged: [message, publicClient, allowed, proof, table('code', codeKnownRules, codeRules)],
    once: ['dpop.jti-is-first-use', 'code.is-unredeemed'],
  },
  {
    endpoint: 'token: refresh_token',
    judged: [message, publicClient, allowed, proof, table('refresh token', refreshKnownRules, refreshRules)],
    once: ['dpop.jti-is-first-use', 'refresh.is-current'],
  },
  {
    endpoint: 'par',
    judged: [message, publicClient, proof, table('push', pushRules), redirectTrust, ...request],
    once: ['dpop.jti-is-first-use'],
  },
  {
    endpoint: 'authorize',
    judged: [redirectTrust, wayIn, ...request],
    once: ['authorize.interaction-is-open'],
  },
  {
    endpoint: 'authorize, pushed',
    judged: [
      steps('pushed request', 'authorize.target-does-not-repeat', 'par.request-is-of-this-client', 'par.request-is-not-expired'),
      redirectTrust,
      wayIn,
      ...request,
    ],
    once: ['authorize.interaction-is-open', 'par.request-is-unused'],
  },
  {
    endpoint: 'revoke',
    judged: [message, publicClient, steps('token', 'revocation.token-is-of-this-client')],
    once: [],
  },
  {
    endpoint: 'introspect',
    judged: [
      message,
      keyClient,
      steps('server of an API', 'introspection.client-serves-an-api'),
      accessToken,
      table('active', activeTokenRules),
    ],
    once: ['assertion.jti-is-first-seen'],
  },
  {
    endpoint: 'userinfo',
    judged: [
      table('path', pathRules),
      steps('credentials', 'credentials.are-sent-once', 'credentials.are-bounded'),
      proof,
      accessToken,
      table('audience', audienceRules),
      table('holder', athRules, bindingRules, bindingDemandRules, permissionRules),
      steps('single use', 'dpop.jti-is-first-use'),
      steps('grant', 'userinfo.token-is-not-revoked'),
    ],
    once: [],
  },
]

/** The table as Markdown. */
export function renderChecklist(): string {
  const rows = checklist.flatMap(({ endpoint, judged, once }) => [
    `## ${endpoint}`,
    '',
    ...judged.map(({ step, rules }, at) => `${at + 1}. ${step}: ${rules.map((id) => `\`${id}\``).join(', ')}`),
    ...(once.length > 0 ? [`${judged.length + 1}. once, inside the one commit: ${once.map((id) => `\`${id}\``).join(', ')}`] : []),
    '',
  ])
  return [
    '# What is checked where',
    '',
    'Rules in the order in which they are judged for a sound request. A test drives each endpoint and hears exactly this.',
    'Printed by `node tools/checklist-doc.ts`.',
    '',
    ...rows,
  ].join('\n')
}
