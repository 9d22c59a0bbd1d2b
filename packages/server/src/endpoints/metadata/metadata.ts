// Discovery: one document at all three well-known forms (RFC 8414 §3, OpenID Connect Discovery §4).
import { requestObjectAlgorithmsFor, serverMetadata } from '@kimei/protocol'
import { certificateMethods } from '../../config/certificate-methods.ts'
import { servedGrants } from '../../config/grant-checks.ts'
import { takesSharedSecrets } from '../../config/shared-secrets.ts'
import type { Exchange, ServerContext } from '../../context.ts'
import { answerDocument } from '../../http/answers.ts'

export async function answerMetadata(context: ServerContext, _exchange: Exchange): Promise<Response> {
  const { scopes, details, levels } = await context.directory.offer()
  const { authorization, token, userinfo, jwks, revocation, introspection, pushed, deviceAuthorization } = context.urls
  const signing = ['RS256', 'ES256'].filter((alg) => context.profile.signatureAlgorithms?.some((one) => one === alg) ?? true)
  const document = serverMetadata({
    issuer: context.issuer,
    profile: context.profile,
    endpoints: {
      authorization,
      token,
      userinfo,
      jwks,
      revocation,
      introspection,
      pushed,
      endSession: context.urls.endSession,
      ...(context.config.deviceAuthorization && { deviceAuthorization }),
    },
    ...(context.urls.mtls && { mtlsUrl: context.urls.mtls.url }),
    grants: servedGrants(context.config),
    ...(context.config.registration.mode !== 'closed' && { registrationEndpoint: context.urls.registration }),
    requirePushed: context.config.requirePushedAuthorizationRequests,
    requestObjectAlgorithms: requestObjectAlgorithmsFor(context.config.requestObjects, context.profile),
    requestObjectEncryption: context.config.requestObjectEncryption,
    requireSigned: context.config.requireSignedRequestObject,
    scopes: [...scopes.keys()],
    claims: [...new Set(['sub', ...[...scopes.values()].flatMap((scope) => scope.claims)])],
    certificateMethods: certificateMethods(context.config),
    sharedSecretAssertions: takesSharedSecrets(context.config),
    proofAlgorithms: context.config.dpop.algorithms,
    idTokenAlgorithms: signing,
    introspectionAlgorithms: signing,
    answerAlgorithms: signing,
    responseTypes: await context.directory.responseTypes(),
    uiLocales: context.texts.languages,
    clientDocuments: context.config.clientIdMetadataDocuments.enabled,
    acrValues: levels.map(({ acr }) => acr),
    authorizationDetailsTypes: [...details.keys()],
  })
  return answerDocument(context, JSON.stringify(document), context.config.keys.jwksMaxAgeSeconds)
}
