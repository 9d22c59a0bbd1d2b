// How a client proves to an issuer who it is: nothing, a secret, a signed assertion (RFC 7523bis), or the certificate of the connection (RFC 8705 §2).
import { randomId, signJwt } from '@kimei/protocol'
import * as oauth from 'oauth4webapi'
import type { ClientAuthentication, OriginClock, Random } from './contract.ts'

const assertionLifetimeSeconds = 60
const jtiBytes = 16
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Makes the method's half of a request. An assertion is made anew each time: its `jti` counts once. */
export function makeClientAuth(authentication: ClientAuthentication, times: OriginClock, random: Random): oauth.ClientAuth {
  switch (authentication.method) {
    case 'none':
      return oauth.None()
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      return oauth.TlsClientAuth()
    case 'client_secret_basic':
      return oauth.ClientSecretBasic(authentication.secret)
    case 'client_secret_post':
      return oauth.ClientSecretPost(authentication.secret)
    case 'private_key_jwt':
      return privateKeyJwt(authentication, times, random)
  }
}

function privateKeyJwt(
  { key, kid }: Extract<ClientAuthentication, { method: 'private_key_jwt' }>,
  times: OriginClock,
  random: Random,
): oauth.ClientAuth {
  const signer = { kid, alg: key.alg, sign: (input: string) => key.sign(new TextEncoder().encode(input)) }
  return async (as, client, body) => {
    const now = times.now(new URL(as.issuer).origin)
    const claims = {
      iss: client.client_id,
      sub: client.client_id,
      // The issuer alone, at every endpoint: an assertion for one issuer must be useless at the next (RFC 7523bis §4).
      aud: as.issuer,
      jti: randomId(random(jtiBytes)),
      iat: now,
      exp: now + assertionLifetimeSeconds,
    }
    body.set('client_id', client.client_id)
    body.set('client_assertion_type', assertionType)
    body.set('client_assertion', await signJwt({ typ: 'client-authentication+jwt' }, claims, signer))
  }
}
