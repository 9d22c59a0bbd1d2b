// Fetches the issuer's metadata (RFC 8414 §3, OpenID Discovery §4) and its keys, with bounds on time and size.
// When to fetch is decided in `fetched-keys.ts`.
import { type JsonObject, strictJson } from '@kimei/protocol'
import { KeysUnavailable } from './key-source.ts'

export interface Fetching {
  readonly fetch: typeof fetch
  readonly timeoutSeconds: number
  /** What of a metadata document may be used. Rejects where nothing may. Default: all of it. */
  readonly attest?: (document: JsonObject) => Promise<JsonObject>
}

const largest = 512 * 1024
const limits = { depth: 8, members: 5000 }

/** The members of `keys` of a JWK Set (RFC 7517 §5). */
export async function fetchJwks(url: string, fetching: Fetching): Promise<readonly unknown[]> {
  const { keys } = await fetchJson(url, fetching)
  if (!Array.isArray(keys)) throw new KeysUnavailable(`${url} is no JWK Set`)
  return keys
}

export function discoverJwksUri(issuer: string, fetching: Fetching): Promise<string> {
  return discoverEndpoint(issuer, 'jwks_uri', fetching)
}

/** A URL that the metadata of exactly this issuer names, from the first document that it serves. */
export async function discoverEndpoint(issuer: string, member: string, fetching: Fetching): Promise<string> {
  const failures: string[] = []
  for (const url of metadataUrls(issuer)) {
    let metadata: JsonObject
    try {
      const document = await fetchJson(url, fetching)
      metadata = fetching.attest ? await fetching.attest(document) : document
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
      continue
    }
    // RFC 8414 §3.3: byte by byte, or the keys of somebody else would speak for this issuer.
    if (metadata['issuer'] !== issuer) throw new KeysUnavailable(`${url} speaks for another issuer than ${issuer}`)
    return checkEndpoint(metadata[member], member, url)
  }
  throw new KeysUnavailable(failures.join('; '))
}

/** RFC 8414 §3.1 inserts and drops a last slash; OpenID Discovery §4.1 appends. */
function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [`${origin}/.well-known/oauth-authorization-server${path}`, `${origin}${path}/.well-known/openid-configuration`]
}

function checkEndpoint(uri: unknown, member: string, where: string): string {
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw new KeysUnavailable(`${where} names no ${member}`)
  const { protocol, hostname } = new URL(uri)
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (protocol !== 'https:' && !(protocol === 'http:' && here)) throw new KeysUnavailable(`${where} names a ${member} that is not https`)
  return uri
}

async function fetchJson(url: string, fetching: Fetching): Promise<JsonObject> {
  const { text } = await fetchText(url, fetching, { headers: { accept: 'application/json' } })
  const json = strictJson(text, limits)
  if (typeof json === 'string') throw new KeysUnavailable(`${url} is ${json} JSON`)
  return json
}

export interface Asking {
  readonly method?: 'POST'
  /** A form. */
  readonly body?: string
  readonly headers: Readonly<Record<string, string>>
}

/** The body of a 200 answer and its media type, without parameters. */
export async function fetchText(url: string, { fetch, timeoutSeconds }: Fetching, { method, body, headers }: Asking) {
  try {
    const response = await fetch(url, {
      ...(method && { method }),
      ...(body !== undefined && { body }),
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }) },
      // A redirect would let whoever answers choose another origin for our trust.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new KeysUnavailable(`${url} answered ${response.status}`)
    }
    const type = (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
    return { type, text: await readBounded(response, url) }
  } catch (error) {
    if (error instanceof KeysUnavailable) throw error
    throw new KeysUnavailable(`${url} could not be fetched`)
  }
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
