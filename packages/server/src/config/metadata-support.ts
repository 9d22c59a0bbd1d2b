// What this issuer can do for clients that describe themselves, by registration or by document: derived from what is enabled.
import {
  clientAuthMethods,
  contentEncryptions,
  keyManagementAlgorithms,
  type MetadataSupport,
  requestObjectAlgorithmsFor,
} from '@kimei/protocol'
import { servedGrants } from './grant-checks.ts'
import type { IssuerConfig } from './schema.ts'

export function metadataSupport(config: IssuerConfig): MetadataSupport {
  const methods = Object.values(clientAuthMethods)
  const signing = methods.flatMap(({ name, signingAlgorithms }) => (signingAlgorithms ? [[name, signingAlgorithms] as const] : []))
  return {
    authentication: methods.map(({ name }) => name),
    authenticationAlgs: Object.fromEntries(signing),
    grants: servedGrants(config),
    responseTypes: ['code'],
    subjectTypes: ['public', 'pairwise'],
    idTokenAlgs: ['RS256', 'ES256'],
    userinfoAlgs: ['RS256', 'ES256'],
    authorizationAlgs: ['RS256', 'ES256'],
    introspectionAlgs: [],
    requestObjectAlgs: requestObjectAlgorithmsFor(config.requestObjects),
    encryptionAlgs: keyManagementAlgorithms,
    encryptionEncs: contentEncryptions,
    requestEncryptionAlgs: config.requestObjectEncryption,
    requestEncryptionEncs: config.requestObjectEncryption.length > 0 ? contentEncryptions : [],
    // No registered client is the server of an API; there is no front-channel logout.
    ignores: [
      'default_acr_values',
      'authorization_details_types',
      'introspection_signed_response_alg',
      'introspection_encrypted_response_alg',
      'introspection_encrypted_response_enc',
      'frontchannel_logout_uri',
      'frontchannel_logout_session_required',
    ],
    listedOrigins: config.outbound.allow.map(({ origin }) => origin),
  }
}
