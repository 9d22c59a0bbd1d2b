// Who the API is at the issuer when it asks about a token: RFC 7523 assertions, or HTTP Basic.
import { jwtTypes, type PrivateJwk, randomId, type Seconds, type SignatureAlg, type Signer, signerFrom, signJwt } from '@kimei/protocol'
import type { IntrospectionConfig } from '../config/introspection-schema.ts'

/** What authenticates one request. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
}

export type AskingClient = (now: Seconds) => Promise<Credentials>

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const assertionSeconds = 60

export function makeAskingClient(
  { clientId, authentication }: IntrospectionConfig,
  issuer: string,
  random: (bytes: number) => Uint8Array,
): AskingClient {
  if (authentication.method === 'client_secret_basic') {
    const headers = { authorization: basic(clientId, authentication.secret) }
    return async () => ({ headers, form: {} })
  }
  const { key } = authentication
  let signer: Promise<Signer> | undefined
  return async (now) => {
    signer ??= signerFrom(key as unknown as PrivateJwk, key.alg as SignatureAlg, key.kid)
    // The issuer is the audience, whatever the endpoint (RFC 7523bis §3).
    const claims = { iss: clientId, sub: clientId, aud: issuer, iat: now, exp: now + assertionSeconds, jti: randomId(random(18)) }
    const assertion = await signJwt({ typ: jwtTypes['client-assertion'] }, claims, await signer)
    return { headers: {}, form: { client_assertion_type: assertionType, client_assertion: assertion } }
  }
}

/** OAuth 2.1 §2.4.1: both halves are form-encoded first. */
function basic(clientId: string, secret: string): string {
  const encoded = (text: string) => new URLSearchParams({ v: text }).toString().slice(2)
  return `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(secret)}`).toString('base64')}`
}
