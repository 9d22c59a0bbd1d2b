// Signed authorization requests (RFC 9101), encrypted or not: opened with the keys of their client, and demanded where somebody demands them.
import {
  type Broken,
  b64u,
  b64uText,
  broke,
  type ClientRecord,
  checkRequestObject,
  decryptNestedJwt,
  type Form,
  fittingKeys,
  isBroken,
  isJwe,
  must,
  type PublicJwk,
  parseRequestObject,
  type RequestObjectDemand,
  requestObjectRules,
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
  if (!isJwe(text)) return openSigned(context, exchange, text, client)
  const nested = await decrypt(context, exchange, text)
  // What did not decrypt goes the same way as what was signed wrongly, and comes to the same end (OIDC Core §16.12).
  const form = await openSigned(context, exchange, isBroken(nested) ? neverSigned : nested, client)
  const inside = isBroken(nested) ? nested : form
  // What the client did sign may be told; whatever failed before that has one name.
  if (!isBroken(inside) || Object.hasOwn(requestObjectRules.rules, inside.broken)) return inside
  return broke(requestObjectShapeRules, 'request-object.envelope-opens', { expected: 'a signed request', received: inside.broken })
}

/** Sound in shape; nobody has the key. */
const neverSigned = `${b64uText('{"alg":"ES256"}')}.${b64uText('{}')}.${b64u(new Uint8Array(64).fill(1))}`

function decrypt({ config, keys, law }: ServerContext, { now }: Exchange, text: string): Promise<string | Broken> {
  const algorithms = config.requestObjectEncryption
  return decryptNestedJwt(text, { keys: keys.decryptionKeys(now), algorithms }, 'request-object', law)
}

async function openSigned(context: ServerContext, exchange: Exchange, text: string, client: ClientRecord): Promise<Form | Broken> {
  const { issuer, law, profile } = context
  const { now } = exchange
  const jws = parseRequestObject(text, law)
  if (isBroken(jws)) return jws
  const { alg, kid } = jws.header
  const fits = (jwk: PublicJwk) => fittingKeys([jwk], alg, kid).length > 0
  const keys = await clientKeys(context, client, { fits, exchange })
  return checkRequestObject(jws, { issuer, client, keys, demand: demandFor(context, client), profile, now }, law)
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
