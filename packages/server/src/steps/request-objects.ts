// Signed authorization requests (RFC 9101): opened with the keys of their client, and demanded where somebody demands them.
import {
  type Broken,
  type ClientRecord,
  checkRequestObject,
  type Form,
  fittingKeys,
  isBroken,
  must,
  type PublicJwk,
  parseRequestObject,
  type RequestObjectDemand,
  requestObjectShapeRules,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { clientKeys } from './client-keys.ts'

/** The request inside; nothing else that was sent counts. */
export async function openRequestObject(
  context: ServerContext,
  exchange: Exchange,
  text: string,
  client: ClientRecord,
): Promise<Form | Broken> {
  const { issuer, law } = context
  const { now } = exchange
  const jws = parseRequestObject(text, law)
  if (isBroken(jws)) return jws
  const { alg, kid } = jws.header
  const fits = (jwk: PublicJwk) => fittingKeys([jwk], alg, kid).length > 0
  const keys = await clientKeys(context, client, { fits, exchange })
  return checkRequestObject(jws, { issuer, client, keys, demand: demandFor(context, client), now }, law)
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
