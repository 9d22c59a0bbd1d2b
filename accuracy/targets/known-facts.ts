// Facts about stacks that are not ours, read from their source and manuals, that several targets share.
import type { KnownPosture, Truth } from '../target.ts'

/** Only the owner of an issuer's keys can make tickets that no issuer gives out; the inventory names no other API, no form and no version. */
export const cannotForge: Partial<Truth> = { unseen: ['TK3', 'TK4', 'TK5', 'L7', 'B4b', 'B4w', 'P5', 'ND', 'TK6', 'X5d'] }

/**
 * The key where every API holds tickets to their key and none remembers a used proof. The issuer's part is that of `oidcProviderTruth`:
 * it binds where a proof comes, and demands none.
 */
export const heldToKeys: KnownPosture = {
  mode: 'dpop',
  as_enforced: 'no',
  rs_enforced: 'yes',
  coverage: 'all_api',
  replay_protection: 'jti_no',
  client_fit: 'server',
  confidence: 'confirmed',
}
/** Some demand a name and others do not, or one API demands it of some tickets: bearer stands beside. */
export const heldInPart: KnownPosture = { ...heldToKeys, mode: 'mixed', rs_enforced: 'partial', coverage: 'partial_api' }
/** Bound at issue, read nowhere: how far that reaches beyond what was seen is inferred, and what a proof is good for cannot be told. */
export const readNowhere: KnownPosture = {
  ...heldToKeys,
  mode: 'mixed',
  rs_enforced: 'no',
  coverage: 'unknown',
  replay_protection: 'unknown',
  confidence: 'inferred',
}
/** Any proof is enough: whether a used one would be remembered does not matter any more. */
export const anyProof: KnownPosture = { ...readNowhere, mode: 'dpop' }

/** Nobody here asks for a nonce: there is none to forge or to leave out. */
export const asksNoNonce: Partial<Truth> = { unseen: ['N1', 'N2', 'N3-issuer', 'N3-old'] }

/** Node keeps the first of two Authorization lines and drops the others (node:http, message.headers). */
export const nodeKeepsFirstAuthorization: Partial<Truth> = { broken: ['X4c'] }

/**
 * JSON.parse takes the last of two members; neither jose nor WebCrypto reads `use` of an embedded key;
 * no length of `jti` is looked at. RFC 9449 demands none of the three.
 */
export const looseForms: Partial<Truth> = { broken: ['X5b', 'X6', 'X8'] }

/**
 * oidc-provider 9.13 with one confidential client (private_key_jwt, client_credentials), read from its source:
 * it binds when a proof comes and demands none unless the client's metadata says so; parameters in the URL, TLS early data and
 * scopes of people are overlooked; an assertion may be of any `typ`, for the token endpoint, and live as long as it says.
 */
export const oidcProviderTruth: Truth = {
  broken: [
    'AS2',
    'AS5-jti-long',
    'AS5-member-twice',
    'AS-in-query',
    'AS-assertion-typ',
    'AS-assertion-aud',
    'AS-assertion-far',
    'AS-early-data',
    'AS-scope-personal',
    'AS-resource-unknown',
  ],
  unseen: [
    // Without a grant for codes there is no oracle.
    'AS3',
    // A stale proof is answered by a nonce, and then its time no longer counts.
    'AS5-old',
    'AS5-future',
    // It sends nobody's person in and asks nothing about tickets.
    'AS9',
    'AS10',
    // It has no secret that could stand in a header.
    'AS-two-headers',
    'AS-other-method',
    'AS-wrong-secret',
    // Nothing that it must not be given is named.
    'AS-scope-not-assigned',
    'AS-scope-astray',
    'AS-resource-not-assigned',
    'AS-grant-not-registered',
  ],
}

/** The same issuer, asked by a client that authenticates by its certificate and proves no key. */
export const oidcProviderByCertificate: Truth = {
  broken: ['AS-in-query', 'AS-early-data', 'AS-scope-personal', 'AS-resource-unknown'],
  unseen: [],
}
