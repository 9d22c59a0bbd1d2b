// The two forms of an access token: a JWT that says everything itself, or an opaque name of what is remembered here.
// What either says was decided before; who may ask about it stands at the endpoints.
import {
  type AccessTokenClaims,
  type AccessTokenFormat,
  type Broken,
  broke,
  buildAccessToken,
  checkAccessToken,
  checkToldToken,
  isOpaqueToken,
  type JsonObject,
  makeOpaqueToken,
  type Offer,
  sha256,
  toldTokenRules,
  type VerifiedAccessToken,
  type Write,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'

export interface FormedAccessToken {
  readonly token: string
  /** Remembers what an opaque token stands for. */
  readonly writes: readonly Write[]
}

/** Opaque as soon as one of its APIs wants it so; a token for UserInfo has the issuer's own form. */
export async function formAccessToken(context: ServerContext, offer: Offer, claims: AccessTokenClaims): Promise<FormedAccessToken> {
  if (formatFor(context, offer, claims.aud) === 'jwt') {
    return { token: await buildAccessToken(claims, context.keys.signer('ES256')), writes: [] }
  }
  const token = makeOpaqueToken(context.random(32))
  const record = { issuer: context.issuer, tokenHash: await sha256(token), claims, expiresAt: claims.exp }
  return { token, writes: [{ write: 'put-opaque-token', record }] }
}

function formatFor({ issuer, config }: ServerContext, { resources }: Offer, audience: string | readonly string[]): AccessTokenFormat {
  const formats = [audience].flat().map((one) => (one === issuer ? config.accessTokenFormat : resources.get(one)?.accessTokenFormat))
  return formats.includes('opaque') ? 'opaque' : 'jwt'
}

/** An access token of this issuer in either form; broken where it is none, or no longer. Revocation is judged by the caller. */
export async function readAccessToken(context: ServerContext, { now }: Exchange, text: string): Promise<VerifiedAccessToken | Broken> {
  const { issuer, keys, law } = context
  const expect = { issuer, now, leewaySeconds: 0 }
  if (isOpaqueToken(text)) {
    const told = await lookUpOpaque(context, text)
    return told ? checkToldToken(told, expect, law) : broke(toldTokenRules, 'told-token.is-active')
  }
  return checkAccessToken(text, { ...expect, keyFor: (question) => keys.keyFor(question), algorithms: ['ES256'] }, law)
}

/** What is remembered of an opaque token, in the form in which an API would be told of it. */
export async function lookUpOpaque({ issuer, storage }: ServerContext, text: string): Promise<JsonObject | undefined> {
  if (!isOpaqueToken(text)) return undefined
  const record = await storage.records.opaqueToken(issuer, await sha256(text))
  return record && { ...record.claims, active: true }
}
