// How a registration is told: everything that is registered, with what only this answer holds (RFC 7591 §3.2.1, RFC 7592 §3).
import {
  type ClientRecord,
  catalogue,
  meansOf,
  type Refusal,
  type RegistrationRecord,
  wantsCertificate,
  wireErrors,
  wireSentence,
} from '@kimei/protocol'
import type { AuditFields, Exchange, ServerContext } from '../../context.ts'
import { answerJson } from '../../http/answers.ts'
import { rememberRefusal } from '../../http/refuse.ts'
import { retryAfter } from '../../steps/registration/attempts.ts'
import { secretEnd } from '../../steps/registration/secrets.ts'

export interface Told {
  readonly client: Omit<ClientRecord, 'version'>
  readonly registration: RegistrationRecord
  /** As issued or presented: storage has only hashes of both. */
  readonly token: string
  readonly secret?: string | undefined
}

export function clientUri({ urls }: ServerContext, clientId: string): string {
  return `${urls.registration}/${encodeURIComponent(clientId)}`
}

export function tell(context: ServerContext, status: number, { client, registration, token, secret }: Told): Response {
  const means = meansOf(client.binding)
  const body = {
    ...registration.metadata,
    scope: client.scopes.join(' '),
    dpop_bound_access_tokens: means === 'key' || means === 'both',
    ...(context.config.mtls && { tls_client_certificate_bound_access_tokens: wantsCertificate(client.binding) }),
    client_id: client.clientId,
    client_id_issued_at: registration.createdAt,
    ...(secret !== undefined && { client_secret: secret }),
    ...((client.secretHashes.length > 0 || client.sealedSecrets) && { client_secret_expires_at: secretEnd(client) }),
    registration_access_token: token,
    registration_client_uri: clientUri(context, client.clientId),
  }
  return answerJson(context, status, body)
}

/** The broken rule in words, and the member it is about. */
export async function refuse(
  context: ServerContext,
  exchange: Exchange,
  refusal: Refusal & { readonly member?: string },
  fields: AuditFields,
): Promise<Response> {
  await rememberRefusal(
    context,
    exchange,
    refusal,
    { ...fields, ...(refusal.member && { member: refusal.member }) },
    'registration_refused',
  )
  const { error, status, reveal } = wireErrors.registration[refusal.family]
  const says = catalogue.get(refusal.broken)?.says
  const about = refusal.member === undefined ? '' : ` (${refusal.member})`
  const body = {
    error: error ?? 'invalid_request',
    ...(reveal && says !== undefined && { error_description: wireSentence(`${says}${about}`) }),
  }
  return answerJson(context, status, body, headersOf(refusal, status))
}

function headersOf(refusal: Refusal, status: number): Readonly<Record<string, string>> {
  if (status === 429) return retryAfter
  if (status !== 401) return {}
  const error = refusal.family === 'no-credentials' ? '' : ', error="invalid_token"'
  return { 'www-authenticate': `Bearer realm="registration"${error}` }
}
