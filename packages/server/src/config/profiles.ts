// What a profile fills in where a configuration is silent. What it then demands is checked in profile-checks.ts.
import type { ProfileName } from '@kimei/protocol'
import { z } from 'zod'
import { profileName } from './shapes.ts'

type Json = Readonly<Record<string, unknown>>

interface Defaults {
  readonly issuer: Json
  readonly client: Json
}

const fapi: Defaults = {
  issuer: { requirePushedAuthorizationRequests: true, dpop: { algorithms: ['ES256', 'PS256', 'EdDSA', 'Ed25519'] } },
  client: { idTokenAlg: 'ES256', introspectionAlg: 'ES256' },
}

const defaults: Readonly<Record<ProfileName, Defaults>> = {
  oauth21: { issuer: {}, client: {} },
  fapi2: fapi,
  'fapi2-message-signing': fapi,
  mcp: { issuer: { lifetimes: { accessTokenSeconds: 300 } }, client: {} },
  atproto: {
    issuer: {
      requirePushedAuthorizationRequests: true,
      dpop: { algorithms: ['ES256'], nonce: { token: 'required', userinfo: 'required' }, nonceLifetimeSeconds: 300 },
      lifetimes: { refreshIdleSeconds: 86_400, refreshAbsoluteSeconds: 7 * 86_400 },
    },
    client: { idTokenAlg: 'ES256', introspectionAlg: 'ES256' },
  },
}

/** The configuration as written, with the profile's words where it says nothing. Anything odd is left for the schema to refuse. */
export function withProfile(input: unknown): unknown {
  if (!isObject(input)) return input
  const profile = profileName.safeParse(input['profile'])
  if (!profile.success) return input
  const { issuer, client } = defaults[profile.data]
  const filled = fill(input, issuer)
  const { clients } = filled
  return Array.isArray(clients) ? { ...filled, clients: clients.map((one) => (isObject(one) ? fill(one, client) : one)) } : filled
}

function fill(input: Json, words: Json): Json {
  const filled = Object.entries(words).map(([key, word]): [string, unknown] => {
    const own = input[key]
    if (own === undefined) return [key, word]
    return [key, isObject(own) && isObject(word) ? fill(own, word) : own]
  })
  return { ...input, ...Object.fromEntries(filled) }
}

const isObject = (value: unknown): value is Json => z.record(z.string(), z.unknown()).safeParse(value).success
