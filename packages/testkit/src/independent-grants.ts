// Grants of the issuer that is not ours, beyond codes and client credentials: devices and CIBA as oidc-provider has them, and a token
// exchange of the kind that people add to it by hand, right or forgetful about what a ticket is bound to.
import { calculateJwkThumbprint, createRemoteJWKSet, EmbeddedJWK, type JWK, jwtVerify } from 'jose'
import type { Configuration, Provider } from 'oidc-provider'

export interface FurtherGrants {
  /** `carries`: what comes out is bound to the key of the ticket that went in; `forgets`: only to a proof that is sent. */
  readonly exchange?: 'carries' | 'forgets'
  readonly devices?: boolean
  /** Whoever is asked on a device of their own says yes at once. */
  readonly backchannel?: boolean
}

export type GrantFeatures = Pick<NonNullable<Configuration['features']>, 'deviceFlow' | 'ciba'>

export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
export const backchannelGrant = 'urn:openid:params:grant-type:ciba'

/** @param allow makes a grant of everything for a client. */
export function grantFeatures(
  { devices, backchannel }: FurtherGrants,
  account: string,
  allow: (clientId: string) => Promise<string>,
  provider: () => Provider,
): GrantFeatures {
  return {
    deviceFlow: { enabled: devices ?? false },
    ...(backchannel && {
      ciba: {
        enabled: true,
        deliveryModes: ['poll'],
        processLoginHint: (_ctx, hint) => (hint === account ? account : undefined),
        validateRequestContext: () => undefined,
        validateBindingMessage: () => undefined,
        verifyUserCode: () => undefined,
        triggerAuthenticationDevice: async (_ctx, request, _account, client) => {
          const grant = await provider().Grant.find(await allow(client.clientId))
          await provider().backchannelResult(request, grant!)
        },
      },
    }),
  }
}

/** What a person does at the page of devices, without the page. */
export async function allowDevice(provider: Provider, account: string, userCode: string, grantId: string): Promise<void> {
  const code = await provider.DeviceCode.findByUserCode(userCode.replace(/[^A-Z0-9]/gi, ''))
  if (code === undefined) throw new Error('no device waits under this code')
  const { scope, resource } = code.params as { scope?: string; resource?: string }
  Object.assign(code, { accountId: account, grantId, scope, resource, authTime: Math.floor(Date.now() / 1000) })
  await code.save()
}

/** RFC 8693 for tickets that this issuer gave out as JWT. */
export function addExchange(
  provider: Provider,
  manner: NonNullable<FurtherGrants['exchange']>,
  resources: Readonly<Record<string, string>>,
) {
  provider.registerGrantType<{ subject_token?: string; resource?: string; scope?: string }>(
    exchangeGrant,
    async (ctx) => {
      const { client, params } = ctx.oidc
      const keys = createRemoteJWKSet(new URL(`${provider.issuer}/jwks`))
      const subject = await jwtVerify(String(params.subject_token), keys, { issuer: provider.issuer }).catch(() => undefined)
      const scope = resources[String(params.resource)]
      if (subject === undefined || scope === undefined) {
        ctx.status = 400
        ctx.body = { error: subject ? 'invalid_target' : 'invalid_request' }
        return
      }
      const token = new provider.ClientCredentials({ client, scope })
      const served = { audience: String(params.resource), scope, accessTokenFormat: 'jwt', accessTokenTTL: 600 } as const
      token.resourceServer = new provider.ResourceServer(String(params.resource), served)
      const proof = ctx.get('DPoP')
      const held = (subject.payload['cnf'] as { jkt?: string } | undefined)?.jkt
      const jkt = proof === '' ? (manner === 'carries' ? held : undefined) : await provenKey(proof)
      if (jkt !== undefined) token.setThumbprint('jkt', jkt)
      ctx.body = { access_token: await token.save(), token_type: token.tokenType, expires_in: 600 }
    },
    ['subject_token', 'subject_token_type', 'resource', 'scope'],
  )
}

async function provenKey(proof: string): Promise<string> {
  const { protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt' })
  return calculateJwkThumbprint(protectedHeader['jwk'] as JWK)
}
