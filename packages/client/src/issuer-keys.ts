// The public keys of an issuer, from its metadata: fetched when one is asked for that is not known, but not at every stranger's word.
import { importVerifyKey, type KeyQuestion, type PublicJwk, type Seconds, type VerifyKey } from '@kimei/protocol'
import type { Fetch } from './contract.ts'
import { HolderError } from './holder-error.ts'
import type { IssuerLink } from './issuer-link.ts'
import { checkTarget, plainFetch } from './targets.ts'

export type KeyLookUp = (question: KeyQuestion) => Promise<VerifyKey | undefined>

/** Between two fetches: made-up key names must not make us ask the issuer each time. */
const pauseSeconds = 30
const longest = 262_144
const patienceMs = 10_000

export function createIssuerKeys(link: IssuerLink, send: Fetch, clock: () => Seconds): KeyLookUp {
  let keys: readonly PublicJwk[] = []
  let fetchedAt = Number.NEGATIVE_INFINITY
  let underWay: Promise<void> | undefined
  const imported = new Map<string, VerifyKey>()

  const load = async () => {
    fetchedAt = clock()
    keys = await fetchKeys(link, send)
    imported.clear()
  }
  const find = async ({ kid, alg }: KeyQuestion): Promise<VerifyKey | undefined> => {
    const jwk = keys.find((one) => one.kid === kid && (one.alg === undefined || one.alg === alg) && one.use !== 'enc')
    if (jwk === undefined) return undefined
    const name = `${alg} ${kid}`
    const key = imported.get(name) ?? (await importVerifyKey(jwk, alg))
    if (key) imported.set(name, key)
    return key
  }
  return async (question) => {
    const known = await find(question)
    if (known !== undefined || clock() < fetchedAt + pauseSeconds) return known
    underWay ??= load().finally(() => {
      underWay = undefined
    })
    await underWay
    return find(question)
  }
}

async function fetchKeys(link: IssuerLink, send: Fetch): Promise<readonly PublicJwk[]> {
  const { jwks_uri: uri } = await link.metadata()
  if (uri === undefined) throw new HolderError('holder.metadata-is-complete', 'the metadata names no jwks_uri')
  const response = await plainFetch(send)(checkTarget(uri).href, { signal: AbortSignal.timeout(patienceMs) })
  const text = response.ok ? await response.text() : ''
  if (text === '' || text.length > longest) throw new HolderError('holder.answer-is-readable', 'the issuer gives no keys')
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown }
    if (Array.isArray(keys)) return keys.filter((key): key is PublicJwk => typeof key === 'object' && key !== null)
  } catch {
    // Not JSON: no keys.
  }
  throw new HolderError('holder.answer-is-readable', 'the keys of the issuer cannot be read')
}
