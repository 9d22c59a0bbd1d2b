// What this issuer can do for clients that describe themselves, by registration or by document: derived from what is enabled.
import {
  clientAuthMethods,
  contentEncryptions,
  keyManagementAlgorithms,
  type MetadataSupport,
  profiles,
  requestObjectAlgorithmsFor,
} from '@kimei/protocol'
import { certificateMethods } from './certificate-methods.ts'
import { servedGrants } from './grant-checks.ts'
import { isForDocuments } from './outbound-schema.ts'
import type { IssuerConfig } from './schema.ts'

export function metadataSupport(config: IssuerConfig): MetadataSupport {
  const profile = profiles[config.profile]
  const isAllowed = (alg: string) => profile.signatureAlgorithms?.some((one) => one === alg) ?? true
  const shown = certificateMethods(config)
  const methods = Object.values(clientAuthMethods).filter(
    ({ name, certificate }) => (profile.clientAuthentication?.includes(name) ?? true) && (!certificate || shown.includes(name)),
  )
  const signing = methods.flatMap(({ name, signingAlgorithms }) =>
    signingAlgorithms ? [[name, signingAlgorithms.filter(isAllowed)] as const] : [],
  )
  const answerAlgs = ['RS256', 'ES256'].filter(isAllowed)
  return {
    authentication: methods.map(({ name }) => name),
    authenticationAlgs: Object.fromEntries(signing),
    grants: servedGrants(config),
    responseTypes: ['code'],
    subjectTypes: ['public', 'pairwise'],
    idTokenAlgs: answerAlgs,
    userinfoAlgs: answerAlgs,
    authorizationAlgs: answerAlgs,
    introspectionAlgs: [],
    requestObjectAlgs: requestObjectAlgorithmsFor(config.requestObjects, profile),
    encryptionAlgs: keyManagementAlgorithms,
    encryptionEncs: contentEncryptions,
    requestEncryptionAlgs: config.requestObjectEncryption,
    requestEncryptionEncs: config.requestObjectEncryption.length > 0 ? contentEncryptions : [],
    certificateBinding: config.mtls !== undefined,
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
    listedOrigins: config.outbound.allow.map(({ origin }) => origin).filter(isForDocuments),
  }
}
