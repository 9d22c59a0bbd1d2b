// What travels beside the code where `code id_token` was asked for: the ID token of the person who is signed in.
import { buildIdToken, Fault, issueFrontIdToken } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { authenticationOf } from './authentication-of.ts'
import { clientSid } from './client-sid.ts'
import type { CheckedAuthorization, SignIn } from './contract.ts'
import { encryptAnswer } from './encrypt-answer.ts'
import { subjectFor } from './subjects.ts'

export async function besideCode(
  context: ServerContext,
  { now }: Exchange,
  { request, signIn }: { readonly request: CheckedAuthorization; readonly signIn: SignIn },
  code: string,
): Promise<readonly (readonly [string, string])[]> {
  if (request.responseType !== 'code id_token') return []
  const client = await context.directory.client(request.clientId)
  if (client === undefined) throw new Fault('a client is gone while it is answered')
  const alg = client.idTokenAlg
  const claims = await issueFrontIdToken({
    issuer: context.issuer,
    clientId: request.clientId,
    subject: await subjectFor(context, client, signIn.subject),
    authTime: signIn.authTime,
    authentication: await authenticationOf(context, request, signIn),
    sid: await clientSid(signIn.sessionId, request.clientId),
    nonce: request.nonce,
    now,
    idTokenSeconds: context.config.lifetimes.idTokenSeconds,
    code,
    state: request.state,
    alg,
  })
  return [['id_token', await encryptAnswer(context, client, 'idToken', await buildIdToken(claims, context.keys.signer(alg)))]]
}
