// What a profile fills in where a configuration is silent. What it then demands is checked in profile-checks.ts.
import type { ProfileName } from '@kimei/protocol'
import { z } from 'zod'
import { profileName } from './shapes.ts'

type Json = Readonly<Record<string, unknown>>

interface Defaults {
  readonly issuer: (input: Json) => Json
  readonly client: Json
  /** Of those who vouch for people (assertionIssuers). */
  readonly assertionIssuer?: Json
  /** What is there in any case. */
  readonly always?: (input: Json) => Json
}

const signed = { idTokenAlg: 'ES256', introspectionAlg: 'ES256', authorizationSignedResponseAlg: 'ES256' }
const fapi = { requirePushedAuthorizationRequests: true, dpop: { algorithms: ['ES256', 'PS256', 'EdDSA', 'Ed25519'] } }

const defaults: Readonly<Record<ProfileName, Defaults>> = {
  oauth21: { issuer: () => ({}), client: {} },
  fapi2: { issuer: () => fapi, client: signed, assertionIssuer: { algorithms: ['ES256', 'PS256'] } },
  'fapi2-message-signing': {
    issuer: () => ({ ...fapi, requestObjects: 'fapi2-message-signing', requireSignedRequestObject: true }),
    client: signed,
    assertionIssuer: { algorithms: ['ES256', 'PS256'] },
  },
  mcp: { issuer: (input) => ({ clientIdMetadataDocuments: forAgents(input) }), client: {} },
  atproto: {
    issuer: (input) => ({
      ...forAtproto(input),
      requirePushedAuthorizationRequests: true,
      dpop: { algorithms: ['ES256'], nonce: { token: 'required', userinfo: 'required' }, nonceLifetimeSeconds: 300 },
      lifetimes: { refreshIdleSeconds: 86_400, refreshAbsoluteSeconds: 7 * 86_400 },
    }),
    client: signed,
    assertionIssuer: { algorithms: ['ES256'] },
    always: withAtprotoScope,
  },
}

/** MCP 2026-07-28: agents come by a document, for every API, and today without proofs. From the first proof on they are bound. */
function forAgents({ apis }: Json): Json {
  const declared = declaredOf(apis)
  const scopes = declared.flatMap((api) => (Array.isArray(api['scopes']) ? api['scopes'] : []))
  return {
    enabled: true,
    apis: declared.map((api) => api['identifier']),
    scopes: [...new Set(['openid', 'offline_access', ...scopes])],
    binding: { kind: 'optional', reason: 'MCP clients of today send no proofs' },
  }
}

/** Clients come by their documents, for every API. */
function forAtproto({ scopes, apis }: Json): Json {
  return {
    clientIdMetadataDocuments: {
      enabled: true,
      apis: declaredOf(apis).map((api) => api['identifier']),
      scopes: [...new Set(['atproto', ...declaredOf(scopes).map((scope) => scope['scope'])])],
      binding: 'required',
    },
  }
}

/** The scope `atproto` need not be declared; where it is, its words stand. */
function withAtprotoScope({ scopes = [] }: Json): Json {
  if (!Array.isArray(scopes) || declaredOf(scopes).some(({ scope }) => scope === 'atproto')) return {}
  const description = { ja: 'アカウントの識別子（DID）を確かめる', en: 'Confirm your account identifier (DID)' }
  return { scopes: [...scopes, { scope: 'atproto', description }] }
}

const declaredOf = (list: unknown): readonly Json[] => (Array.isArray(list) ? list.filter(isObject) : [])

/** The configuration as written, with the profile's words where it says nothing. Anything odd is left for the schema to refuse. */
export function withProfile(input: unknown): unknown {
  if (!isObject(input)) return input
  const profile = profileName.safeParse(input['profile'])
  if (!profile.success) return input
  const { issuer, client, assertionIssuer = {}, always } = defaults[profile.data]
  const filled = { ...fill(input, issuer(input)), ...always?.(input) }
  return fillEach(fillEach(filled, 'clients', client), 'assertionIssuers', assertionIssuer)
}

function fillEach(input: Json, name: string, words: Json): Json {
  const list = input[name]
  return Array.isArray(list) ? { ...input, [name]: list.map((one) => (isObject(one) ? fill(one, words) : one)) } : input
}

function fill(input: Json, words: Json): Json {
  const filled = Object.entries(words).map(([key, word]): [string, unknown] => {
    const own = input[key]
    if (own === undefined) return [key, word]
    return [key, isObject(own) && isObject(word) && !('kind' in own) ? fill(own, word) : own]
  })
  return { ...input, ...Object.fromEntries(filled) }
}

const isObject = (value: unknown): value is Json => z.record(z.string(), z.unknown()).safeParse(value).success
