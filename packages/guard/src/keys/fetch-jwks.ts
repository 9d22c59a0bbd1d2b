// Fetches the issuer's metadata (RFC 8414 §3, OpenID Discovery §4) and its keys, with bounds on time and size.
// When to fetch is decided in `fetched-keys.ts`.
import { type JsonObject, strictJson } from '@kimei/protocol'
import { KeysUnavailable } from './key-source.ts'

export interface Fetching {
  readonly fetch: typeof fetch
  readonly timeoutSeconds: number
}

const largest = 512 * 1024
const limits = { depth: 8, members: 5000 }

/** The members of `keys` of a JWK Set (RFC 7517 §5). */
export async function fetchJwks(url: string, fetching: Fetching): Promise<readonly unknown[]> {
  const { keys } = await fetchJson(url, fetching)
  if (!Array.isArray(keys)) throw new KeysUnavailable(`${url} is no JWK Set`)
  return keys
}

/** The `jwks_uri` of exactly this issuer, from the first metadata document that it serves. */
export async function discoverJwksUri(issuer: string, fetching: Fetching): Promise<string> {
  const failures: string[] = []
  for (const url of metadataUrls(issuer)) {
    let metadata: JsonObject
    try {
      metadata = await fetchJson(url, fetching)
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
      continue
    }
    // RFC 8414 §3.3: byte by byte, or the keys of somebody else would speak for this issuer.
    if (metadata['issuer'] !== issuer) throw new KeysUnavailable(`${url} speaks for another issuer than ${issuer}`)
    return checkJwksUri(metadata['jwks_uri'], url)
  }
  throw new KeysUnavailable(failures.join('; '))
}

/** RFC 8414 §3.1 inserts and drops a last slash; OpenID Discovery §4.1 appends. */
function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [`${origin}/.well-known/oauth-authorization-server${path}`, `${origin}${path}/.well-known/openid-configuration`]
}

function checkJwksUri(uri: unknown, where: string): string {
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw new KeysUnavailable(`${where} names no jwks_uri`)
  const { protocol, hostname } = new URL(uri)
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (protocol !== 'https:' && !(protocol === 'http:' && here)) throw new KeysUnavailable(`${where} names a jwks_uri that is not https`)
  return uri
}

async function fetchJson(url: string, { fetch, timeoutSeconds }: Fetching): Promise<JsonObject> {
  let text: string
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      // A redirect would let whoever answers choose another origin for our trust.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new KeysUnavailable(`${url} answered ${response.status}`)
    }
    text = await readBounded(response, url)
  } catch (error) {
    if (error instanceof KeysUnavailable) throw error
    throw new KeysUnavailable(`${url} could not be fetched`)
  }
  const json = strictJson(text, limits)
  if (typeof json === 'string') throw new KeysUnavailable(`${url} is ${json} JSON`)
  return json
}

async function readBounded(response: Response, url: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > largest) throw new KeysUnavailable(`${url} is larger than ${largest} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
