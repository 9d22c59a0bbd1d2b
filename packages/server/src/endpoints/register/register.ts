// POST /register (RFC 7591 §3): attempts, token, message, then one commit with the client and its registration.
import { type Broken, b64u, broke, type ClientRecord, isBroken, type RegistrationRecord, registrationRules, sha256 } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../../context.ts'
import { countAttempt } from '../../steps/registration/attempts.ts'
import { checkInitialToken } from '../../steps/registration/credentials.ts'
import { draftClient, readBody, readClient } from '../../steps/registration/read-registration.ts'
import { secretsFor } from '../../steps/registration/secrets.ts'
import { refuse, type Told, tell } from './answer.ts'

export async function answerRegister(context: ServerContext, exchange: Exchange): Promise<Response> {
  const told = await register(context, exchange)
  return isBroken(told) ? refuse(context, exchange, told, { route: 'register' }) : tell(context, 201, told)
}

async function register(context: ServerContext, exchange: Exchange): Promise<Told | Broken> {
  const throttled = countAttempt(context, exchange)
  if (throttled) return throttled
  const initial = await checkInitialToken(context, exchange)
  if (isBroken(initial)) return initial
  const body = await readBody(context, exchange)
  if (isBroken(body)) return body
  const read = await readClient(context, exchange, body)
  if (isBroken(read)) return read
  const { metadata, statement } = read
  const clientId = `c-${b64u(context.random(16))}`
  const { issued, ...secrets } = await secretsFor(context, exchange.now, { clientId, metadata })
  const draft = await draftClient(context, exchange, metadata, {
    clientId,
    secretHashes: secrets.secretHashes,
  })
  if (isBroken(draft)) return draft
  const token = b64u(context.random(32))
  const client: ClientRecord = { ...draft, ...secrets, version: 1 }
  const { now } = exchange
  const registration: RegistrationRecord = {
    issuer: context.issuer,
    clientId: client.clientId,
    tokenHash: await sha256(token),
    metadata: { ...metadata, ...(statement !== undefined && { software_statement: statement }) },
    ...(initial.id !== undefined && { initialTokenId: initial.id }),
    createdAt: now,
    lastUsedAt: now,
    keepUntil: now + context.config.registration.firstUseDays * 86_400,
    version: 1,
  }
  return (await remember(context, exchange, client, registration)) ?? { client, registration, token, secret: issued }
}

async function remember(
  context: ServerContext,
  exchange: Exchange,
  client: ClientRecord,
  registration: RegistrationRecord,
): Promise<Broken | undefined> {
  const event = context.audit.event(exchange, 'client_registered', {
    clientId: client.clientId,
    name: client.name.en,
    redirectUris: client.redirectUris,
    authentication: client.authentication,
    ...(registration.initialTokenId !== undefined && { initialTokenId: registration.initialTokenId }),
  })
  const most = context.config.registration.limits.clients
  const writes = [
    { write: 'put-client', record: client },
    { write: 'put-registration', record: registration, most },
  ] as const
  const answer = await context.commit(exchange, writes, [event])
  // Its random id is nobody else's: only the number of clients can be in the way.
  return answer.done === 'committed' ? undefined : broke(registrationRules, 'registration.there-is-room')
}
