// Which browsers may read which answers. The authorization endpoint and the pages have no CORS at all (OAuth 2.1 §3.1).
import type { Exchange, ServerContext } from '../context.ts'
import { answerEmpty } from './answers.ts'

/**
 * `clients`: origins of registered redirect URIs; every origin where clients may come by documents of their own, since nobody knows
 * theirs before the first answer and no preflight says who asks. Nothing there rides on cookies. `anyone`: public documents.
 */
export type CorsPolicy = 'none' | 'clients' | 'anyone'

/** `Date`: a device whose clock is wrong learns the time, or its proofs are never in the window. */
const exposed = 'DPoP-Nonce, WWW-Authenticate, Date'

/** Adds what the browser needs to let its page read the answer. Nothing without an `Origin`: then nobody waits, either. */
export function withCors(context: ServerContext, exchange: Exchange, policy: CorsPolicy, response: Response): Response | Promise<Response> {
  if (policy === 'none') return response
  const origin = exchange.request.headers.get('origin')
  if (origin === null) return response
  const unforeseen = policy === 'anyone' || context.config.clientIdMetadataDocuments.enabled
  return unforeseen ? allow(response, '*') : allowKnown(context, response, origin)
}

async function allowKnown(context: ServerContext, response: Response, origin: string): Promise<Response> {
  response.headers.append('vary', 'Origin')
  // Where the origins cannot be loaded, no page may read: the answer itself was decided before.
  const origins = await Promise.resolve(context.directory.origins()).catch(() => nobody)
  return origins.has(origin) ? allow(response, origin) : response
}

const nobody: ReadonlySet<string> = new Set()

function allow(response: Response, origin: string): Response {
  response.headers.set('access-control-allow-origin', origin)
  response.headers.set('access-control-expose-headers', exposed)
  return response
}

/** Answers a preflight: `methods` are what the endpoint serves. */
export function answerPreflight(
  context: ServerContext,
  exchange: Exchange,
  policy: CorsPolicy,
  methods: readonly string[],
): Response | Promise<Response> {
  const headers = {
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': 'Authorization, Content-Type, DPoP',
    'access-control-max-age': '600',
  }
  return withCors(context, exchange, policy, answerEmpty(context, 204, headers))
}
