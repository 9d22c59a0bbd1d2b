// Pushed authorization requests between the push and the person: remembered, found again by their client, taken when completed.
import {
  type Broken,
  b64u,
  checkPushedUse,
  type Form,
  isBroken,
  parseForm,
  pushedUriPrefix,
  type SecretHash,
  sha256,
  type Write,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'

/** Finds the pushed request that the browser names. Broken: an error page. */
export async function findPushed(
  context: ServerContext,
  { now }: Exchange,
  requestUri: string,
  clientId: string | undefined,
): Promise<{ readonly form: Form; readonly pushedHash: SecretHash } | Broken> {
  const { issuer, law, storage } = context
  const pushedHash = await sha256(requestUri)
  const record = checkPushedUse(await storage.records.pushedRequest(issuer, pushedHash), clientId, now, law)
  if (isBroken(record)) return record
  const form = parseForm(record.parameters)
  return isBroken(form) ? form : { form, pushedHash }
}

/** RFC 9126 §2.2. */
export interface PushedResponse {
  readonly request_uri: string
  readonly expires_in: number
}

/** The answer to a push, and the write that makes it true. */
export async function makePushed(
  context: ServerContext,
  { now }: Exchange,
  clientId: string,
  form: Form,
): Promise<{ readonly response: PushedResponse; readonly write: Write }> {
  const { issuer, config } = context
  const { pushedRequestSeconds, interactionSeconds } = config.lifetimes
  const requestUri = `${pushedUriPrefix}${b64u(context.random(32))}`
  const expiresAt = now + pushedRequestSeconds
  const requestHash = await sha256(requestUri)
  return {
    response: { request_uri: requestUri, expires_in: pushedRequestSeconds },
    write: {
      write: 'put-pushed-request',
      // Who began in the last second has as long as anybody to sign in.
      record: {
        issuer,
        requestHash,
        clientId,
        parameters: form.text,
        createdAt: now,
        expiresAt,
        takeUntil: expiresAt + interactionSeconds,
      },
    },
  }
}

/** In the plan that answers the client. Never before: a page that is loaded again, or by a link preview, takes nothing. */
export function takePushed({ pushedHash }: { readonly pushedHash?: SecretHash }): readonly Write[] {
  return pushedHash === undefined ? [] : [{ write: 'take-pushed-request', requestHash: pushedHash }]
}
