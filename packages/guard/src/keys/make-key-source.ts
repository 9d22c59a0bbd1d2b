// From `keys` in the configuration to a source of keys.
import { checkSignedMetadata, isBroken, type KeyQuestion, type Law, type Seconds, tokenAlgorithms, wholeLaw } from '@kimei/protocol'
import type { GuardConfig } from '../config/schema.ts'
import { discoverJwksUri, type Fetching, fetchJwks } from './fetch-jwks.ts'
import { fetchedKeys } from './fetched-keys.ts'
import { type KeySource, KeysUnavailable } from './key-source.ts'
import { staticKeys } from './static-keys.ts'

/** How long a discovered `jwks_uri` is used without asking again; a failure asks at once. */
const discoverySeconds = 3600

interface KeySourceDeps {
  readonly clock: () => Seconds
  readonly fetch?: typeof fetch
  readonly law?: Law
}

/** Metadata is used only as its pinned signer signed it, where one is pinned. */
export function attesting({ keys }: GuardConfig, law: Law = wholeLaw): Pick<Fetching, 'attest'> {
  if (keys.from !== 'issuer' || !keys.metadataSignedBy) return {}
  const { issuer: signer, jwks } = keys.metadataSignedBy
  const source = staticKeys(jwks)
  const expect = { signer, keyFor: (question: KeyQuestion) => source.keyFor(question), algorithms: tokenAlgorithms }
  return {
    async attest(document) {
      const metadata = await checkSignedMetadata(document, expect, law)
      if (isBroken(metadata)) throw new KeysUnavailable(`signed metadata is not used: ${metadata.broken}`)
      return metadata
    },
  }
}

export function makeKeySource(config: GuardConfig, deps: KeySourceDeps): KeySource {
  const { keys, issuer } = config
  if (keys.from === 'static') return staticKeys(keys.jwks)
  const { timeoutSeconds, cooldownSeconds, refreshSeconds, staleSeconds } = keys
  const fetching = { fetch: deps.fetch ?? fetch, timeoutSeconds, ...attesting(config, deps.law) }
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
