// Signed authorization requests (RFC 9101): opened with the keys of their client, and demanded where somebody demands them.
import {
  type Broken,
  type ClientRecord,
  checkRequestObject,
  type Form,
  must,
  type RequestObjectDemand,
  requestObjectShapeRules,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { clientKeys } from './client-keys.ts'

/** The request inside; nothing else that was sent counts. */
export async function openRequestObject(
  context: ServerContext,
  { now }: Exchange,
  text: string,
  client: ClientRecord,
): Promise<Form | Broken> {
  const { issuer, law } = context
  const keys = await clientKeys(context, client)
  return checkRequestObject(text, { issuer, client, keys, demand: demandFor(context, client), now }, law)
}

/** The narrower of what the issuer and the client say. */
function demandFor({ config }: ServerContext, client: ClientRecord): RequestObjectDemand {
  const either = [config.requestObjects, client.requestObjects]
  return either.includes('fapi2-message-signing') ? 'fapi2-message-signing' : 'rfc9101'
}

/** RFC 9101 §10.5: demanded by the issuer of everybody, or of this client alone. */
export function mustBeSigned({ config, law }: ServerContext, client: ClientRecord, signed: boolean): Broken | undefined {
  const required = config.requireSignedRequestObject || client.requireSignedRequestObject === true
  return must(requestObjectShapeRules, 'request-object.is-signed', !required || signed, law)
}
