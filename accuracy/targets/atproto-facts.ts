// What is true of @atproto/oauth-provider 0.22.9, read from its source: of its verifier, and of its two kinds of clients at the token endpoint
// and in the code flow.
import { type Truth, truth } from '../target.ts'
import { looseForms, nodeKeepsFirstAuthorization } from './known-facts.ts'

/**
 * `dpop-manager`: jose checks the proof, URLs are compared as WHATWG writes them (`%6E` stays), times count beside a nonce too. Unbound
 * tickets and those for others cannot be had here. Proofs pass for 10 seconds and three minutes (`maxTokenAge`, `clockTolerance`), and
 * three minutes ahead of their time.
 */
export const atprotoWithoutMemory: Truth = truth(looseForms, nodeKeepsFirstAuthorization, {
  broken: ['H5', 'T3'],
  unseen: ['TK3', 'TK4', 'TK5', 'U1'],
})

/** `oauth-verifier` calls `uniqueDpop(jti)` without a client: one memory of `jti` for everybody. */
export const atprotoVerifier: Truth = truth(atprotoWithoutMemory, { broken: ['R6'] })

/**
 * Forms and queries are read with `Object.fromEntries`: of two the last one counts, and what stands in the URL of a form is not looked at.
 * Nor are TLS early data, the length of a code challenge, `registration`, and a `request_uri` inside a pushed request.
 */
const overlooked: Partial<Truth> = {
  broken: [
    'AS5-jti-long',
    'AS5-member-twice',
    'AS5-key-use',
    'AS-in-query',
    'AS-early-data',
    'AS-repeated-parameter',
    'AZ-client-twice',
    'AZ-scope-twice',
    'AZ-registration',
    'AZ-short-challenge',
    'AS4-request-uri',
  ],
  // Where no redirect_uri is found, its process would end: neither a yes nor a no.
  unseen: ['AZ-redirect-unnamed'],
}

/**
 * An assertion may be of any `typ`, and live as long as it says; a secret beside it is not looked at. Of a request object neither `typ`
 * nor `sub` is read, nor another request inside it; what stands beside it is left aside.
 */
export const atprotoWebTruth: Truth = truth(overlooked, {
  broken: ['AS-two-methods', 'AS-assertion-typ', 'AS-assertion-far', 'AR-type', 'AR-subject', 'AR-nested', 'AR-both'],
})
/** Nothing but its id says who it is. */
export const atprotoPhoneTruth: Truth = truth(overlooked)
