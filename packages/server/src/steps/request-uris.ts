// Request objects by reference (RFC 9101 §5.2.3, OpenID Connect Core §6.2): fetched from where their client registered, and from nowhere else.
// What is fetched is judged like an object that was sent.
import {
  type BoundedMemory,
  type Broken,
  boundedMemory,
  broke,
  type ClientRecord,
  isBroken,
  must,
  requestUriRules,
  sha256,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'

const accept = ['application/oauth-authz-req+jwt', 'application/jwt', 'application/jose']
const mostBytes = 32_768
const seconds = 5

/** What cannot change, since its hash stands in the URI. One memory an issuer. */
const known = new WeakMap<ServerContext, BoundedMemory<string>>()

/** The object's text. */
export async function fetchRequestObject(
  context: ServerContext,
  exchange: Exchange,
  requestUri: string,
  client: ClientRecord,
): Promise<string | Broken> {
  if (!isRegistered(client.requestUris ?? [], requestUri)) return broke(requestUriRules, 'request-uri.is-registered')
  const [url = '', hash] = requestUri.split('#', 2)
  const memory = known.get(context) ?? boundedMemory<string>(500)
  known.set(context, memory)
  const remembered = hash === undefined ? undefined : memory.get(requestUri)
  if (remembered !== undefined) return remembered
  const fetched = await context.outbound.get(url, { purpose: 'request object', accept, mostBytes, seconds, exchange })
  // One answer for all that can go wrong out there: nobody looks around through the issuer.
  if (isBroken(fetched))
    return broke(requestUriRules, 'request-uri.can-be-fetched', { expected: 'a request object', received: fetched.broken })
  const text = fetched.text.trim()
  if (hash === undefined) return text
  const altered = must(requestUriRules, 'request-uri.content-has-its-hash', (await sha256(fetched.text)) === hash, context.law)
  if (altered) return altered
  memory.set(requestUri, text)
  return text
}

/** Character by character; a hash of the content may be added to a URI that was registered without one. */
function isRegistered(registered: readonly string[], requestUri: string): boolean {
  return registered.includes(requestUri) || registered.includes(requestUri.split('#', 1)[0] ?? '')
}
