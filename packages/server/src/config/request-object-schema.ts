// How signed authorization requests (request objects, RFC 9101) are declared: for everybody, and for one client.
import { z } from 'zod'

const demand = z
  .enum(['rfc9101', 'fapi2-message-signing'])
  .describe('By which rules request objects are judged: RFC 9101, or the narrower ones of FAPI 2.0 Message Signing (typ, nbf and exp).')

/** Of the issuer. */
export const requestObjectsShape = {
  requestObjects: demand.default('rfc9101'),
  requestObjectEncryption: z
    .array(z.enum(['RSA-OAEP-256', 'ECDH-ES']))
    .default([])
    .describe('Publish a key for each, so that request objects may be encrypted to this issuer. Empty: encrypted ones are refused.'),
  requireSignedRequestObject: z
    .boolean()
    .default(false)
    .describe('Refuse every authorization request that is not a signed request object (RFC 9101).'),
}

/** Of one client. */
export const clientRequestObjectsShape = {
  requestObjects: demand.optional().describe('Narrower rules for request objects of this client than the issuer has for all.'),
  requestObjectSigningAlg: z
    .enum(['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'])
    .optional()
    .describe('How request objects of this client are signed; any served algorithm when absent.'),
  requestUris: z
    .array(z.string())
    .default([])
    .describe('Where request objects of this client may be fetched from (request_uri): https, compared character by character.'),
  requireSignedRequestObject: z
    .boolean()
    .default(false)
    .describe('Refuse authorization requests of this client that are not signed request objects (RFC 9101).'),
}
