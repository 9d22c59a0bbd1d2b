// Signing out at the wish of a client as a place to probe: a hint of the test account, in a browser where nobody is signed in,
// so that nothing ends. What is judged is whether the person is sent on (OpenID Connect RP-Initiated Logout).
import type { Answered } from '../baseline.ts'
import { authorizationRequest, writeAuthorization } from '../clients/grant-source.ts'
import { writeFormCall } from '../edits/plans.ts'
import type { EditKit, SignOutCall } from '../probe.ts'
import type { Performed, Station } from '../run/sandwich.ts'
import { headerValues, type RawAnswer } from '../wire/raw-client.ts'
import { type CodeFlowParts, redemptionForm } from './code-flow.ts'
import { StationClosed } from './token-endpoint.ts'

export function signOutStation(
  parts: CodeFlowParts,
  shared: Pick<Station<'sign-out'>, 'kit' | 'nonceDemanded'>,
): Station<'sign-out'> | undefined {
  const { client, endSessionEndpoint } = parts
  const { postLogoutRedirectUri } = client.entry
  if (endSessionEndpoint === undefined || postLogoutRedirectUri === undefined) return undefined
  let hint: string | undefined
  return {
    ...shared,
    name: 'sign-out',
    async build() {
      hint ??= await freshIdToken(parts, shared.kit)
      return {
        url: endSessionEndpoint,
        parameters: [
          ['id_token_hint', hint],
          ['client_id', client.entry.clientId],
          ['post_logout_redirect_uri', postLogoutRedirectUri],
          ['state', shared.kit.random()],
        ],
      }
    },
    perform: (call, role) => signOut(parts, call, role),
  }
}

/** An ID token of a fresh sign-in. A nonce challenge on the way is a step. */
async function freshIdToken(parts: CodeFlowParts, kit: EditKit): Promise<string> {
  const { client, line, target } = parts
  const authorization = authorizationRequest({
    endpoint: parts.authorizationEndpoint,
    clientId: client.entry.clientId,
    redirectUri: parts.redirectUri,
    wish: { scope: 'openid', resource: undefined },
  })
  const code = await kit.freshCode(authorization)
  if (code === undefined) throw new StationClosed('the test account could not be signed in')
  const once = async () => (await line.send(target, 'redemption', writeFormCall(redemptionForm(parts, authorization, code)))).answer
  const token = readIdToken(await once()) ?? readIdToken(await once())
  if (token === undefined) throw new StationClosed('this client gets no ID token')
  return token
}

function readIdToken({ status, body }: RawAnswer): string | undefined {
  if (status !== 200) return undefined
  try {
    const { id_token: token } = JSON.parse(body) as { id_token?: unknown }
    return typeof token === 'string' ? token : undefined
  } catch {
    return undefined
  }
}

async function signOut(parts: CodeFlowParts, call: SignOutCall, role: string): Promise<Performed> {
  const url = writeAuthorization(call)
  const sent = await parts.line.send(parts.target, role, { method: 'GET', url, headers: [] })
  return { answered: readSignOut(sent.answer, call), evidence: [sent.evidence], repeat: () => signOut(parts, call, `${role}, again`) }
}

/** Sent on to the address that was asked for: accepted. A page of the issuer, or the way to one: refused. */
function readSignOut({ status, headers }: RawAnswer, { url, parameters }: SignOutCall): Answered {
  const wanted = parameters.find(([name]) => name === 'post_logout_redirect_uri')?.[1]
  const location = headerValues(headers, 'location')[0]
  if (location === undefined || status < 300 || status >= 400) {
    const page = status < 300 || (status >= 400 && status < 500)
    return page ? { kind: 'refused', by: `page ${status}` } : { kind: 'unclear', because: String(status) }
  }
  if (wanted !== undefined && location.startsWith(wanted)) return { kind: 'accepted' }
  const own = URL.canParse(location, url) && new URL(location, url).origin === new URL(url).origin
  return own ? { kind: 'refused', by: 'a page of the issuer' } : { kind: 'unclear', because: 'a redirect to somewhere else' }
}
