// What an authorization request really asks: the parameters of the browser, those inside a signed object, or those that were pushed.
// Where there is an object, it alone counts (RFC 9101 §6.3).
import {
  type Broken,
  broke,
  type ClientRecord,
  checkRepeats,
  type Form,
  isBroken,
  must,
  pushedUriPrefix,
  redirectTrustRules,
  requestObjectShapeRules,
  type SecretHash,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { findPushed } from './pushed-requests.ts'
import { openRequestObject } from './request-objects.ts'
import { fetchRequestObject } from './request-uris.ts'

export interface AskedRequest {
  /** What came through the browser. */
  readonly front: Form
  /** What is asked. */
  readonly form: Form
  /** It was signed, or whether it had to be was judged when it was pushed. */
  readonly signed: boolean
  readonly pushedHash?: SecretHash
}

/** Broken: nobody knows yet where to answer, see {@link checkRedirectTarget}. */
export async function readAsked(context: ServerContext, exchange: Exchange, front: Form): Promise<AskedRequest | Broken> {
  const { law } = context
  const [request, requestUri] = [front.get('request'), front.get('request_uri')]
  if (request === undefined && requestUri === undefined) return { front, form: front, signed: false }
  const twice = front.repeated.has('client_id') || front.repeated.has('request_uri')
  const repeat = must(redirectTrustRules, 'authorize.target-does-not-repeat', !twice, law)
  if (repeat) return repeat
  if (request !== undefined) {
    const both = must(requestObjectShapeRules, 'request-object.comes-alone', requestUri === undefined, law)
    return both ?? readSigned(context, exchange, front, request)
  }
  if (!requestUri?.startsWith(pushedUriPrefix)) return readReferred(context, exchange, front, requestUri ?? '')
  const found = await findPushed(context, exchange, requestUri, front.get('client_id'))
  return isBroken(found) ? found : { front, ...found, signed: true }
}

async function readSigned(context: ServerContext, exchange: Exchange, front: Form, text: string): Promise<AskedRequest | Broken> {
  const client = await readClient(context, front)
  if (isBroken(client)) return client
  const form = await openRequestObject(context, exchange, text, client)
  return isBroken(form) ? form : { front, form, signed: true }
}

/** OIDC Core §6.2. */
async function readReferred(context: ServerContext, exchange: Exchange, front: Form, requestUri: string): Promise<AskedRequest | Broken> {
  const client = await readClient(context, front)
  if (isBroken(client)) return client
  const text = await fetchRequestObject(context, exchange, requestUri, client)
  if (isBroken(text)) return text
  const form = await openRequestObject(context, exchange, text, client)
  return isBroken(form) ? form : { front, form, signed: true }
}

async function readClient(context: ServerContext, front: Form): Promise<ClientRecord | Broken> {
  const repeated = checkRepeats(front, context.law, ['client_id', 'request_uri'])
  if (repeated) return repeated
  const clientId = front.get('client_id')
  const client = clientId === undefined ? undefined : await context.directory.client(clientId)
  return client === undefined || client.disabled ? broke(redirectTrustRules, 'authorize.client-is-known') : client
}
