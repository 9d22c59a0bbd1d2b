// An authorization request waiting for its person: opened, loaded by its own browser only, answered once.
import { type Broken, b64u, broke, equal, formEncode, isBroken, redirectTrustRules, sha256 } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { answerRedirect } from '../http/answers.ts'
import { ensureBrowser, readBrowser } from './browser-cookie.ts'
import type { CheckedAuthorization, Interaction, LoadInteraction, NextStep, NoteSignIn } from './contract.ts'

export { completeAuthorization } from './complete-authorization.ts'
export { findNextStep } from './next-step.ts'

/** Remembers the request and sends the person on. Nothing is consumed when a page is loaded again. */
export async function openInteraction(
  context: ServerContext,
  exchange: Exchange,
  request: CheckedAuthorization,
  step: NextStep['step'],
): Promise<Response> {
  const id = b64u(context.random(32))
  const { browserHash, headers } = await ensureBrowser(context, exchange)
  const record = {
    issuer: context.issuer,
    interactionHash: await sha256(id),
    browserHash,
    request: { ...request },
    subject: null,
    authTime: null,
    createdAt: exchange.now,
    expiresAt: exchange.now + context.config.lifetimes.interactionSeconds,
    version: 1,
  }
  await context.commit(exchange, [{ write: 'put-interaction', record }], [])
  return answerRedirect(context, stepUrl(context, step, id), headers)
}

/** `/signin?interaction=…` or `/consent?interaction=…`. */
export function stepUrl({ urls }: ServerContext, step: NextStep['step'], id: string): string {
  const page = step === 'consent' ? urls.consent : step === 'second-factor' ? urls.secondFactor : urls.signIn
  return `${page}?${formEncode([['interaction', id]])}`
}

export const loadInteraction: LoadInteraction = async (context, exchange, id) => {
  const gone = (): Broken => broke(redirectTrustRules, 'authorize.interaction-is-open')
  if (id === undefined || !/^[A-Za-z0-9_-]{43}$/.test(id)) return gone()
  const record = await context.storage.records.interaction(context.issuer, await sha256(id))
  if (!record || exchange.now >= record.expiresAt) return gone()
  if (!equal((await readBrowser(context, exchange)) ?? '', record.browserHash)) return gone()
  const request = record.request as unknown as CheckedAuthorization
  const client = await context.directory.client(request.clientId)
  return client && !client.disabled ? { id, record, request, client } : gone()
}

export const noteSignIn: NoteSignIn = async (context, exchange, interaction, signIn) => {
  const record = { ...interaction.record, subject: signIn.subject, authTime: signIn.authTime, version: interaction.record.version + 1 }
  const answer = await context.commit(exchange, [{ write: 'put-interaction', record }], [])
  if (answer.done === 'committed') return { ...interaction, record }
  const now: Interaction | Broken = await loadInteraction(context, exchange, interaction.id)
  // Two tabs signed in at the same moment: the second one is noted on top of the first.
  return isBroken(now) ? now : noteSignIn(context, exchange, now, signIn)
}
