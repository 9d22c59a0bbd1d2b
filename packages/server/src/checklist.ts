// Which rules run at which endpoint, in which order, when everything is in order: expectation, not machinery.
// A test drives each endpoint with a recording Law and must hear exactly this; docs/checklist.md is printed from it.
import {
  activeTokenRules,
  athRules,
  audienceRules,
  bindingDemandRules,
  bindingRules,
  clientCredentialsRules,
  codeKnownRules,
  codeRules,
  deviceKnownRules,
  deviceRequestRules,
  deviceRules,
  exchangeRules,
  exchangeScopeRules,
  exchangeTargetRules,
  jwkRules,
  jwtBearerAskRules,
  jwtBearerRules,
  pathRules,
  permissionRules,
  refreshKnownRules,
  refreshRules,
} from '@kimei/protocol'
import {
  accessToken,
  allowed,
  asked,
  type ChecklistRow,
  jws,
  keyClient,
  message,
  proof,
  publicClient,
  redirectTrust,
  request,
  steps,
  table,
  wayIn,
} from './checklist-steps.ts'
import { certificateRows } from './checklist-steps-certificates.ts'
import { detailedRow, logoutRow } from './checklist-steps-more.ts'
import { registrationRow } from './checklist-steps-registration.ts'

export type { ChecklistRow, ChecklistStep } from './checklist-steps.ts'

/** One sound request each: client with a key, public client, one resource named, nonces off. */
export const checklist: readonly ChecklistRow[] = [
  {
    endpoint: 'token: client_credentials',
    judged: [message, keyClient, allowed, proof, ...asked, table('the client itself', clientCredentialsRules)],
    once: ['assertion.jti-is-first-seen', 'dpop.jti-is-first-use'],
  },
  ...certificateRows,
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
    endpoint: 'device_authorization',
    judged: [
      message,
      publicClient,
      steps('grant type', 'token.client-may-use-grant'),
      proof,
      steps('what is asked', 'scope.is-asked-for'),
      ...asked,
      table('devices', deviceRequestRules),
    ],
    once: ['dpop.jti-is-first-use'],
  },
  {
    endpoint: 'token: device_code',
    judged: [message, publicClient, allowed, proof, table('device code', deviceKnownRules, deviceRules)],
    once: ['dpop.jti-is-first-use', 'device.code-is-uncollected'],
  },
  {
    endpoint: 'token: token-exchange',
    judged: [
      message,
      keyClient,
      allowed,
      proof,
      steps(
        'what is asked',
        'exchange.subject-token-is-present',
        'exchange.subject-type-is-known',
        'exchange.actor-type-goes-with-actor',
        'exchange.actor-type-is-known',
        'exchange.requested-type-is-served',
      ),
      accessToken,
      table('exchange', exchangeRules, exchangeTargetRules, exchangeScopeRules),
    ],
    once: ['assertion.jti-is-first-seen', 'dpop.jti-is-first-use'],
  },
  {
    endpoint: 'token: jwt-bearer',
    judged: [
      message,
      publicClient,
      allowed,
      proof,
      {
        step: 'assertion',
        rules: [...jws, ...table('', jwkRules).rules, 'jwt-bearer.signature-verifies', ...table('', jwtBearerRules).rules],
      },
      ...asked,
      table('what may be vouched for', jwtBearerAskRules),
    ],
    once: ['dpop.jti-is-first-use', 'jwt-bearer.jti-is-first-seen'],
  },
  {
    endpoint: 'par',
    judged: [
      message,
      publicClient,
      proof,
      steps(
        'push',
        'profile.push-is-proven',
        'par.no-request-uri',
        'request-object.is-signed',
        'par.proof-key-is-dpop-jkt',
        'par.proof-names-the-key',
      ),
      redirectTrust,
      ...request,
    ],
    once: ['dpop.jti-is-first-use'],
  },
  {
    endpoint: 'authorize',
    judged: [redirectTrust, wayIn, ...request],
    once: ['authorize.interaction-is-open'],
  },
  detailedRow,
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
  registrationRow,
  logoutRow,
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
