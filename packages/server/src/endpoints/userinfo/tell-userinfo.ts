// The answer of UserInfo in the form the client is registered for: plain, signed, encrypted, or both (OpenID Connect Core §5.3.2).
import { buildUserinfoAnswer, type ClientRecord } from '@kimei/protocol'
import type { ServerContext } from '../../context.ts'
import { answerJson, answerJwt } from '../../http/answers.ts'
import { encryptAnswer } from '../../steps/encrypt-answer.ts'

export async function tellUserinfo(
  context: ServerContext,
  client: ClientRecord | undefined,
  claims: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const { userinfoAlg, encryption } = client ?? {}
  if (client === undefined || (userinfoAlg === undefined && encryption?.userinfo === undefined))
    return answerJson(context, 200, claims, headers)
  const text =
    userinfoAlg === undefined
      ? JSON.stringify(claims)
      : await buildUserinfoAnswer({ issuer: context.issuer, audience: client.clientId, claims }, context.keys.signer(userinfoAlg))
  const content = userinfoAlg === undefined ? 'json' : 'JWT'
  return answerJwt(context, 'application/jwt', await encryptAnswer(context, client, 'userinfo', text, content), headers)
}
