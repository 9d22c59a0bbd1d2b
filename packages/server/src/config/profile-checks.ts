// What a profile demands of a configuration: every contradiction in one sentence each.
import { type ProfileName, profiles } from '@kimei/protocol'
import { isByCertificate } from './certificate-methods.ts'
import type { ClientConfig, IssuerConfig } from './schema.ts'

/** Everything that contradicts the profile; empty when nothing does. */
export function checkProfile(config: IssuerConfig): readonly string[] {
  const said = [...issuerChecks[config.profile](config), ...config.clients.flatMap((client) => sayClient(config, client))]
  return said.map((sentence) => `profile ${config.profile}: ${sentence}`)
}

function sayClient(config: IssuerConfig, client: ClientConfig): readonly string[] {
  return clientChecks[config.profile](client, config).map((sentence) => `client "${client.clientId}" ${sentence}`)
}

type Demands = readonly (readonly [holds: boolean, says: string])[]
const broken = (demands: Demands): readonly string[] => demands.filter(([holds]) => !holds).map(([, says]) => says)
const none = (): readonly string[] => []

const issuerChecks: Readonly<Record<ProfileName, (config: IssuerConfig) => readonly string[]>> = {
  oauth21: none,
  fapi2: checkFapi,
  'fapi2-message-signing': checkMessageSigning,
  mcp: checkMcp,
  atproto: checkAtproto,
}

const clientChecks: Readonly<Record<ProfileName, (client: ClientConfig, config: IssuerConfig) => readonly string[]>> = {
  oauth21: none,
  fapi2: checkFapiClient,
  'fapi2-message-signing': checkFapiClient,
  mcp: none,
  atproto: checkAtprotoClient,
}

/** Whoever vouches for people signs as strongly as clients do. */
function assertionDemands({ profile, assertionIssuers }: IssuerConfig): Demands {
  const allowed = profiles[profile].signatureAlgorithms ?? []
  return assertionIssuers.map(({ issuer, algorithms }) => [
    algorithms.every((alg) => allowed.some((one) => one === alg)),
    `assertion issuer "${issuer}" may have algorithms ${allowed.join(', ')} and nothing else`,
  ])
}

/** A certificate is as good as whoever vouches for it, and as what is asked about it. */
function isLoose(mtls: IssuerConfig['mtls']): boolean {
  const { dangerouslyAcceptSilent = false, dangerouslyNeverAsk = false } = mtls?.revocation ?? {}
  return dangerouslyAcceptSilent || dangerouslyNeverAsk || mtls?.dangerouslyTrustPublicAuthorities === true
}

/** FAPI 2.0 SP §5.3.2, §5.4.1. */
function checkFapi(config: IssuerConfig): readonly string[] {
  const allowed = profiles.fapi2.signatureAlgorithms ?? []
  return broken([
    ...assertionDemands(config),
    [config.requirePushedAuthorizationRequests, 'requirePushedAuthorizationRequests must be true'],
    [config.lifetimes.codeSeconds <= 60, `lifetimes.codeSeconds is ${config.lifetimes.codeSeconds}: at most 60`],
    [
      config.dpop.algorithms.every((alg) => allowed.some((one) => one === alg)),
      `dpop.algorithms may name ${allowed.join(', ')} and nothing else`,
    ],
    [!config.dangerouslyAllowLongAccessTokens, 'dangerouslyAllowLongAccessTokens is not allowed'],
    [!isLoose(config.mtls), 'mtls has a key that begins with dangerously, which is not allowed'],
    [!config.clientIdMetadataDocuments.enabled, 'clientIdMetadataDocuments must stay off: clients are known and confidential'],
  ])
}

/** FAPI 2.0 Message Signing §5.3.1. */
function checkMessageSigning(config: IssuerConfig): readonly string[] {
  return [
    ...checkFapi(config),
    ...broken([
      [config.requireSignedRequestObject, 'requireSignedRequestObject must be true'],
      [config.requestObjects === 'fapi2-message-signing', 'requestObjects must be fapi2-message-signing'],
    ]),
  ]
}

function checkFapiClient(client: ClientConfig): readonly string[] {
  return broken([
    [client.kind === 'server', `is of kind ${client.kind}: only confidential clients (server)`],
    [
      client.kind !== 'server' || usesKey(client) || isByCertificate(client.authentication),
      'must authenticate by private_key_jwt or by certificate',
    ],
    [isBound(client), 'must have its tokens bound: binding "required"'],
    [client.idTokenAlg === 'ES256', 'must have idTokenAlg ES256'],
    [client.introspectionAlg === 'ES256', 'must have introspectionAlg ES256'],
    [client.authorizationSignedResponseAlg === 'ES256', 'must have authorizationSignedResponseAlg ES256'],
    [client.userinfoSignedResponseAlg !== 'RS256', 'may not have userinfoSignedResponseAlg RS256'],
    [client.requestObjectSigningAlg !== 'RS256', 'may not have requestObjectSigningAlg RS256'],
    [client.responseTypes.every((type) => type === 'code'), 'may have the response type code alone'],
    ...withoutLoosening(client),
  ])
}

/** MCP authorization 2026-07-28: what may stay without a name is short and for one API. */
function checkMcp(config: IssuerConfig): readonly string[] {
  const longest = Math.max(config.lifetimes.accessTokenSeconds, ...config.apis.map((api) => api.accessTokenLifetimeSeconds ?? 0))
  return broken([[longest <= 900, `access tokens of ${longest} s: at most 900`]])
}

/** The atproto OAuth profile. */
function checkAtproto(config: IssuerConfig): readonly string[] {
  const longest = Math.max(config.lifetimes.accessTokenSeconds, ...config.apis.map((api) => api.accessTokenLifetimeSeconds ?? 0))
  const path = URL.canParse(config.issuer) ? new URL(config.issuer).pathname : '/'
  return broken([
    ...assertionDemands(config),
    [!config.dangerouslyAllowLongAccessTokens, 'dangerouslyAllowLongAccessTokens is not allowed'],
    [path === '/', 'issuer must be an origin without a path'],
    [config.requirePushedAuthorizationRequests, 'requirePushedAuthorizationRequests must be true'],
    [config.dpop.nonce.token === 'required' && config.dpop.nonce.userinfo === 'required', 'dpop.nonce must be required everywhere'],
    [config.dpop.nonceLifetimeSeconds <= 300, `dpop.nonceLifetimeSeconds is ${config.dpop.nonceLifetimeSeconds}: at most 300`],
    [config.dpop.algorithms.includes('ES256'), 'dpop.algorithms must name ES256'],
    [longest < 1800, `access tokens of ${longest} s: less than 1800`],
    [config.clientIdMetadataDocuments.enabled, 'clientIdMetadataDocuments must be enabled'],
    [config.clientIdMetadataDocuments.binding === 'required', 'clientIdMetadataDocuments.binding must be required'],
  ])
}

function checkAtprotoClient(client: ClientConfig, config: IssuerConfig): readonly string[] {
  const confidential = client.kind === 'server'
  const { refreshAbsoluteSeconds, refreshIdleSeconds } = config.lifetimes
  return broken([
    [!confidential || usesKey(client), 'must authenticate by private_key_jwt'],
    [isBound(client), 'must have its tokens bound: binding "required"'],
    [confidential || refreshAbsoluteSeconds <= 14 * 86_400, 'is public: lifetimes.refreshAbsoluteSeconds may be at most 14 days'],
    [confidential || refreshIdleSeconds <= 14 * 86_400, 'is public: lifetimes.refreshIdleSeconds may be at most 14 days'],
    ...withoutLoosening(client),
  ])
}

function usesKey(client: ClientConfig): boolean {
  return client.authentication === undefined ? client.secretHashes.length === 0 : client.authentication === 'private_key_jwt'
}

function isBound({ binding }: ClientConfig): boolean {
  return binding === 'required' || binding.kind === 'required'
}

/** Every key that begins with `dangerously`, whichever they are. */
function withoutLoosening(client: ClientConfig): Demands {
  return Object.entries(client)
    .filter(([key]) => key.startsWith('dangerously'))
    .map(([key, value]) => [value === false || value === undefined, `has ${key}, which is not allowed`] as const)
}
