// GET, PUT and DELETE /register/<client> (RFC 7592 §2): by the registration access token, which stays the same for the client's life.
// It is answered as presented: no answer that is lost can cost the client its token.
import {
  type Broken,
  broke,
  type ClientRecord,
  Fault,
  isBroken,
  type JsonObject,
  must,
  type RegistrationRecord,
  registrationRules,
} from '@kimei/protocol'
import type { Exchange, Handler, ServerContext } from '../../context.ts'
import { answerEmpty } from '../../http/answers.ts'
import { checkManagement, type Managed } from '../../steps/registration/credentials.ts'
import { draftClient, readBody, readClient } from '../../steps/registration/read-registration.ts'
import { isIssuedSecret, secretsFor } from '../../steps/registration/secrets.ts'
import { refuse, type Told, tell } from './answer.ts'

export const answerRead: Handler = (context, exchange) =>
  manage(context, exchange, async (managed, client) => tell(context, 200, { ...managed, client }))

export const answerReplace: Handler = (context, exchange) =>
  manage(context, exchange, async () => {
    const body = await readBody(context, exchange)
    const told = isBroken(body) ? body : await replace(context, exchange, body)
    const clientId = clientIdOf(exchange)
    return isBroken(told) ? refuse(context, exchange, told, { route: 'register', clientId }) : tell(context, 200, told)
  })

export const answerDelete: Handler = (context, exchange) =>
  manage(context, exchange, async ({ registration: { clientId } }) => {
    const event = context.audit.event(exchange, 'client_deleted', { clientId })
    const answer = await context.commit(exchange, [{ write: 'delete-client', clientId, at: exchange.now }], [event])
    // Lost: another request ended it first, and this token is of nobody any more.
    return answer.done === 'committed'
      ? answerEmpty(context, 204)
      : refuse(context, exchange, broke(registrationRules, 'registration.token-is-of-this-client'), { route: 'register', clientId })
  })

async function manage(
  context: ServerContext,
  exchange: Exchange,
  answer: (managed: Managed, client: ClientRecord) => Promise<Response>,
): Promise<Response> {
  const found = await load(context, exchange)
  if (isBroken(found)) return refuse(context, exchange, found, { route: 'register', clientId: clientIdOf(exchange) })
  return answer(found.managed, found.client)
}

async function load(context: ServerContext, exchange: Exchange) {
  const clientId = clientIdOf(exchange)
  const managed = await checkManagement(context, exchange, clientId)
  if (isBroken(managed)) return managed
  const client = await context.storage.records.client(context.issuer, clientId)
  return client ? { managed, client } : broke(registrationRules, 'registration.token-is-of-this-client')
}

/** Last segment of the path. What cannot be decoded is nobody's id. */
function clientIdOf({ path }: Exchange): string {
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1)).slice(0, 200)
  } catch {
    return ''
  }
}

/** Loaded and decided anew where another change came between. */
async function replace(context: ServerContext, exchange: Exchange, body: JsonObject): Promise<Told | Broken> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const found = await load(context, exchange)
    if (isBroken(found)) return found
    const told = await replaceOnce(context, exchange, body, found)
    if (told !== 'lost') return told
  }
  throw new Fault('a registration changed under two decisions')
}

interface Found {
  readonly managed: Managed
  readonly client: ClientRecord
}

async function replaceOnce(context: ServerContext, exchange: Exchange, body: JsonObject, found: Found): Promise<Told | Broken | 'lost'> {
  const { managed, client: before } = found
  const broken = await checkChange(context, body, before)
  if (broken) return broken
  const read = await readClient(context, exchange, body)
  if (isBroken(read)) return read
  const { metadata, statement } = read
  const { clientId } = before
  const { issued, ...secrets } = await secretsFor(context, exchange.now, { clientId, metadata, before })
  const draft = await draftClient(context, exchange, metadata, { clientId, secretHashes: secrets.secretHashes, before })
  if (isBroken(draft)) return draft
  const client: ClientRecord = { ...draft, ...secrets, disabled: before.disabled, version: before.version + 1 }
  const registration: RegistrationRecord = {
    ...managed.registration,
    metadata: { ...metadata, ...(statement !== undefined && { software_statement: statement }) },
    version: managed.registration.version + 1,
  }
  const event = context.audit.event(exchange, 'client_changed', { clientId, newSecret: issued !== undefined })
  const writes = [
    { write: 'put-client', record: client },
    { write: 'put-registration', record: registration },
  ] as const
  const answer = await context.commit(exchange, writes, [event])
  if (answer.done !== 'committed') return 'lost'
  const sent = body['client_secret']
  // One that was presented and still stands is answered, as the registered value it is.
  const stands = (await isIssuedSecret(context, sent, client)) ? String(sent) : undefined
  return { client, registration, token: managed.token, secret: issued ?? stands }
}

const ofTheServer = ['registration_access_token', 'registration_client_uri', 'client_secret_expires_at', 'client_id_issued_at']

async function checkChange(context: ServerContext, body: JsonObject, client: ClientRecord): Promise<Broken | undefined> {
  const { law } = context
  const secret = body['client_secret']
  const own = secret === undefined || (await isIssuedSecret(context, secret, client))
  return (
    must(registrationRules, 'registration.client-id-stays', body['client_id'] === client.clientId, law) ??
    must(
      registrationRules,
      'registration.server-members-are-left-out',
      ofTheServer.every((name) => !Object.hasOwn(body, name)),
      law,
    ) ??
    must(registrationRules, 'registration.secret-is-the-issued-one', own, law)
  )
}
