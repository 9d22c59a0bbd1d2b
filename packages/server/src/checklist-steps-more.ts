// The checklist rows of requests that ask for more than most: permissions in detail, a level of sign-in, signing out.
import {
  detailRules,
  idTokenRules,
  logoutRules,
  pkceRequestRules,
  profileRequestRules,
  resourceRules,
  responseRules,
  scopeRules,
} from '@kimei/protocol'
import { type ChecklistRow, jws, redirectTrust, requestMessage, steps, table, wayIn } from './checklist-steps.ts'

/** Not pushed, of a type that may come so. */
export const detailedRow: ChecklistRow = {
  endpoint: 'authorize, with details and a level',
  judged: [
    redirectTrust,
    wayIn,
    table('profile', profileRequestRules),
    steps('message', ...requestMessage),
    table('response', responseRules),
    table('PKCE', pkceRequestRules),
    steps('what is asked', 'authorize.prompt-none-stands-alone', 'scope.is-asked-for'),
    table('resource', resourceRules),
    table('details', detailRules),
    table('scope', scopeRules),
    steps('claims', 'claims.are-bounded'),
    steps('level', 'authorize.demanded-acr-is-known'),
    steps('challenge', 'pkce.challenge-is-fresh'),
    steps('way of the details', 'details.come-untampered'),
  ],
  once: ['authorize.interaction-is-open'],
}

/** By a client that proves its part with a hint. */
export const logoutRow: ChecklistRow = {
  endpoint: 'logout',
  judged: [
    steps('message', 'form.names-do-not-repeat'),
    // Once to learn for whom it is, once as the ID token of that client.
    {
      step: 'hint',
      rules: [
        ...jws,
        ...jws,
        'token.alg-is-asymmetric',
        'token.alg-is-allowed',
        'token.key-is-not-in-header',
        'token.signature-verifies',
        ...table('', idTokenRules).rules,
      ],
    },
    table('signing out', logoutRules),
  ],
  once: [],
}
