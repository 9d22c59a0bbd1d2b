// Checks that compare several keys of a configuration with each other. Each answers sentences; all are reported at once.
import { checkClientMetadata } from '@kimei/protocol'
import { checkLevels } from './authentication-schema.ts'
import { builtInScopes } from './built-in-scopes.ts'
import { checkCertificateMethods } from './certificate-methods.ts'
import { checkDetailTypes } from './detail-checks.ts'
import { checkGrants } from './grant-checks.ts'
import { checkMtls } from './mtls-schema.ts'
import { checkOutbound, isListed } from './outbound-schema.ts'
import { checkProfile } from './profile-checks.ts'
import { declareClient, formatOf } from './records.ts'
import { checkRegistration } from './registration-schema.ts'
import { checkEncryption } from './response-keys.ts'
import type { ClientConfig, IssuerConfig } from './schema.ts'
import { checkSharedSecrets } from './shared-secrets.ts'

/** Everything that is wrong; empty when nothing is. */
export function checkConfig(config: IssuerConfig): readonly string[] {
  return [
    ...checkIssuer(config),
    ...checkLifetimes(config),
    ...checkApis(config),
    ...checkClients(config),
    ...checkDocuments(config),
    ...checkUsers(config),
    ...checkOutbound(config.outbound, config.mtls !== undefined),
    ...checkRegistration(config),
    ...checkSharedSecrets(config),
    ...checkCertificateMethods(config),
    ...checkProfile(config),
    ...checkOpaqueApis(config),
    ...checkGrants(config),
    ...checkDetailTypes(config),
    ...checkLevels(config),
    ...checkMtls(config),
  ]
}

const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?(\/|$)/

/** RFC 8414 §2, RFC 9207 §2: compared byte by byte, so its spelling must be the one everybody writes. */
function checkIssuer({ issuer }: IssuerConfig): readonly string[] {
  if (!URL.canParse(issuer)) return [`issuer "${issuer}" is not an absolute URL`]
  const url = new URL(issuer)
  const said: string[] = []
  if (url.protocol !== 'https:' && !loopback.test(issuer)) said.push(`issuer "${issuer}" must be https (http only on a loopback host)`)
  if (issuer.includes('?') || issuer.includes('#')) said.push(`issuer "${issuer}" must have neither query nor fragment`)
  if (url.username || url.password || issuer.includes('@')) said.push(`issuer "${issuer}" must not contain user information`)
  if (issuer.endsWith('/')) said.push(`issuer "${issuer}" must not end in a slash: leave it out`)
  if (said.length === 0 && url.href !== issuer && url.href !== `${issuer}/`)
    said.push(`issuer "${issuer}" must be written "${url.href.replace(/\/$/, '')}"`)
  return said
}

function checkLifetimes(config: IssuerConfig): readonly string[] {
  const { lifetimes, dpop } = config
  const longest = Math.max(lifetimes.accessTokenSeconds, ...config.apis.map((api) => api.accessTokenLifetimeSeconds ?? 0))
  const orders: readonly (readonly [boolean, string])[] = [
    [
      longest <= 600 || config.dangerouslyAllowLongAccessTokens,
      `access tokens of ${longest} s outlive their revocation: at most 600, or dangerouslyAllowLongAccessTokens`,
    ],
    [
      lifetimes.refreshIdleSeconds <= lifetimes.refreshAbsoluteSeconds,
      'lifetimes.refreshIdleSeconds is longer than lifetimes.refreshAbsoluteSeconds',
    ],
    [longest <= lifetimes.refreshIdleSeconds, 'access tokens outlive lifetimes.refreshIdleSeconds: a refresh would come too late'],
    [
      lifetimes.sessionIdleSeconds <= lifetimes.sessionAbsoluteSeconds,
      'lifetimes.sessionIdleSeconds is longer than lifetimes.sessionAbsoluteSeconds',
    ],
    [lifetimes.codeSeconds <= lifetimes.interactionSeconds, 'lifetimes.codeSeconds is longer than lifetimes.interactionSeconds'],
    [
      config.refresh.unboundRepeatWindowSeconds <= config.refresh.repeatWindowSeconds,
      'refresh.unboundRepeatWindowSeconds is longer than refresh.repeatWindowSeconds',
    ],
    [
      config.refresh.repeatWindowSeconds < lifetimes.refreshIdleSeconds,
      'refresh.repeatWindowSeconds is not shorter than lifetimes.refreshIdleSeconds',
    ],
    [dpop.nonceLifetimeSeconds >= dpop.proofFutureSeconds, 'dpop.nonceLifetimeSeconds is shorter than dpop.proofFutureSeconds'],
    [
      config.keys.publishSeconds >= config.keys.jwksMaxAgeSeconds,
      'keys.publishSeconds is shorter than keys.jwksMaxAgeSeconds: verifiers would not know a new key when it signs',
    ],
  ]
  return orders.filter(([holds]) => !holds).map(([, says]) => says)
}

function checkApis(config: IssuerConfig): readonly string[] {
  const ids = config.apis.map((api) => api.identifier)
  const said = [
    ...repeated(ids).map((id) => `API "${id}" is declared twice`),
    ...repeated(config.scopes.map((s) => s.scope)).map((s) => `scope "${s}" is declared twice`),
  ]
  const known = new Set([...config.scopes, ...builtInScopes].map((scope) => scope.scope))
  for (const api of config.apis) {
    if (!/^[A-Za-z][A-Za-z0-9+.-]*:[\x21\x24-\x3B\x3D\x3F-\x5B\x5D\x5F\x61-\x7A\x7E]+$/.test(api.identifier)) {
      said.push(`API "${api.identifier}" must be an absolute URI without fragment`)
    }
    if (api.identifier === config.issuer) said.push(`API "${api.identifier}" is the issuer itself: its tokens are for UserInfo`)
    for (const scope of api.scopes) {
      if (!known.has(scope)) said.push(`API "${api.identifier}" offers scope "${scope}", which is not declared under scopes`)
      if (builtInScopes.some((own) => own.scope === scope))
        said.push(`API "${api.identifier}" offers "${scope}", which belongs to the issuer`)
    }
  }
  // One key signs for all of them: an audience that only looks different would let one API take another's tokens (ASVS 9.2.4).
  for (const [a, b] of pairsOf(ids)) {
    if (a !== b && plain(a) === plain(b)) said.push(`APIs "${a}" and "${b}" differ only in spelling: their tokens could be confused`)
  }
  return said
}

/** Nobody can read an opaque token: without somebody who may ask, each of them would be refused. */
function checkOpaqueApis(config: IssuerConfig): readonly string[] {
  const asked = new Set(config.clients.flatMap((client) => (client.disabled ? [] : client.introspects)))
  return config.apis
    .filter((api) => formatOf(config, api) === 'opaque' && !asked.has(api.identifier))
    .map((api) => `API "${api.identifier}" has opaque access tokens, but no client introspects it: nobody could learn what they say`)
}

function checkDocuments(config: IssuerConfig): readonly string[] {
  const { enabled, scopes, apis } = config.clientIdMetadataDocuments
  const where = 'clientIdMetadataDocuments'
  const known = new Set([...config.scopes, ...builtInScopes].map((scope) => scope.scope))
  return [
    ...scopes.filter((scope) => !known.has(scope)).map((scope) => `${where} has scope "${scope}", which is not declared`),
    ...apis
      .filter((api) => !config.apis.some(({ identifier }) => identifier === api))
      .map((api) => `${where} has API "${api}", which is not declared`),
    ...(enabled && apis.length === 0 && !scopes.includes('openid')
      ? [`${where} is enabled, but gives clients neither an API nor openid`]
      : []),
  ]
}

function checkClients(config: IssuerConfig): readonly string[] {
  const said = repeated(config.clients.map((client) => client.clientId)).map((id) => `client "${id}" is declared twice`)
  const scopes = new Set([...config.scopes, ...builtInScopes].map((scope) => scope.scope))
  const apis = new Set(config.apis.map((api) => api.identifier))
  const subjects = new Set(config.users.map((user) => user.subject))
  for (const client of config.clients) {
    const where = `client "${client.clientId}"`
    for (const scope of client.scopes) if (!scopes.has(scope)) said.push(`${where} has scope "${scope}", which is not declared`)
    for (const api of client.apis) if (!apis.has(api)) said.push(`${where} has API "${api}", which is not declared`)
    for (const api of client.introspects) if (!apis.has(api)) said.push(`${where} is the server of API "${api}", which is not declared`)
    if (subjects.has(client.clientId)) said.push(`${where} has the id of a user's subject`)
    if (client.jwksUri?.startsWith('http:') && !isListed(config.outbound, client.jwksUri))
      said.push(`${where}: jwksUri is plain http, and its origin is not listed in outbound.allow`)
    if (client.sectorIdentifierUri?.startsWith('http:') && !isListed(config.outbound, client.sectorIdentifierUri))
      said.push(`${where}: sectorIdentifierUri is plain http, and its origin is not listed in outbound.allow`)
    said.push(...[...checkClient(config, client), ...checkEncryption(client)].map((sentence) => `${where}: ${sentence}`))
  }
  return said
}

function checkClient(config: IssuerConfig, client: ClientConfig): readonly string[] {
  return checkClientMetadata(declareClient(config.issuer, client)).map((broken) => {
    const what = broken.uri === undefined ? '' : `redirect URI "${broken.uri}": `
    return `${what}${broken.says} (${broken.broken})`
  })
}

function checkUsers({ users }: IssuerConfig): readonly string[] {
  const subjects = users.flatMap((user) => (user.subject === undefined ? [] : [user.subject]))
  const reserved = users.flatMap((user) => Object.keys(user.claims).filter((claim) => ['sub', 'iss', 'aud'].includes(claim)))
  return [
    ...repeated(users.map((user) => user.username)).map((name) => `user "${name}" is declared twice`),
    ...repeated(subjects).map((subject) => `subject "${subject}" is declared twice`),
    ...reserved.map((claim) => `a user's claims contain "${claim}", which the issuer sets itself`),
  ]
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))]
}

function pairsOf(names: readonly string[]): readonly (readonly [string, string])[] {
  return names.flatMap((a, at) => names.slice(at + 1).map((b) => [a, b] as const))
}

function plain(identifier: string): string {
  return identifier.toLowerCase().replace(/\/+$/, '')
}
