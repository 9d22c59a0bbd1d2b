// The JWK Set (RFC 7517 §5): public keys only, published before they sign, kept until nothing they signed can be valid.
import type { Exchange, ServerContext } from '../../context.ts'
import { answerDocument } from '../../http/answers.ts'

export function answerJwks(context: ServerContext, { now }: Exchange): Response {
  return answerDocument(context, context.keys.jwksText(now), context.config.keys.jwksMaxAgeSeconds)
}
