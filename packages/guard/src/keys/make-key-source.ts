// From `keys` in the configuration to a source of keys.
import type { Seconds } from '@kimei/protocol'
import type { GuardConfig } from '../config/schema.ts'
import { discoverJwksUri, fetchJwks } from './fetch-jwks.ts'
import { fetchedKeys } from './fetched-keys.ts'
import type { KeySource } from './key-source.ts'
import { staticKeys } from './static-keys.ts'

/** How long a discovered `jwks_uri` is used without asking again; a failure asks at once. */
const discoverySeconds = 3600

export function makeKeySource(config: GuardConfig, deps: { readonly clock: () => Seconds; readonly fetch?: typeof fetch }): KeySource {
  const { keys, issuer } = config
  if (keys.from === 'static') return staticKeys(keys.jwks)
  const { timeoutSeconds, cooldownSeconds, refreshSeconds, staleSeconds } = keys
  const fetching = { fetch: deps.fetch ?? fetch, timeoutSeconds }
  const timing = { clock: deps.clock, cooldownSeconds, refreshSeconds, staleSeconds }
  if (keys.from === 'jwks-uri') return fetchedKeys({ ...timing, load: () => fetchJwks(keys.jwksUri, fetching) })

  let known: { readonly uri: string; readonly at: Seconds } | undefined
  const load = async () => {
    const now = deps.clock()
    if (known === undefined || now - known.at > discoverySeconds) known = { uri: await discoverJwksUri(issuer, fetching), at: now }
    try {
      return await fetchJwks(known.uri, fetching)
    } catch (error) {
      known = undefined
      throw error
    }
  }
  return fetchedKeys({ ...timing, load })
}
