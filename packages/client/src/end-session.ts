// Where to send the browser so that the issuer ends its sign-in too (OpenID Connect RP-Initiated Logout 1.0 §2).
import type { EndSessionOptions } from './contract.ts'
import type { IssuerLink } from './issuer-link.ts'
import { checkTarget } from './targets.ts'

/** `undefined` where the issuer has no such page. */
export async function buildEndSessionUrl(
  link: IssuerLink,
  idToken: string | undefined,
  { postLogoutRedirectUri, state, uiLocales }: EndSessionOptions,
): Promise<string | undefined> {
  const { end_session_endpoint: endpoint } = await link.metadata()
  if (endpoint === undefined) return undefined
  const url = checkTarget(endpoint)
  const parameters = {
    client_id: link.owner.clientId,
    id_token_hint: idToken,
    post_logout_redirect_uri: postLogoutRedirectUri,
    state: postLogoutRedirectUri === undefined ? undefined : state,
    ui_locales: uiLocales,
  }
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}
