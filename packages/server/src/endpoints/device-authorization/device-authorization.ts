// Device authorization requests (RFC 8628 §3.1): message, client, proof, then what is asked by the rules of every ask.
// One commit at the end claims the assertion and the proof, and remembers the device.
import {
  type AuthenticatedClient,
  checkDeviceRequest,
  checkRepeats,
  isBroken,
  must,
  type Refusal,
  tokenRequestRules,
  wantsCertificate,
} from '@kimei/protocol'
import type { AuditFields, Exchange, ServerContext } from '../../context.ts'
import { targetsAt } from '../../endpoint-urls.ts'
import { answerJson } from '../../http/answers.ts'
import { readForm } from '../../http/read-form.ts'
import { eventOf, rememberRefusal, renderRefusal } from '../../http/refuse.ts'
import { authenticateClient, clientChallenge } from '../../steps/authenticate-client.ts'
import { type DeviceResponse, rememberDevice } from '../../steps/device-requests.ts'
import { presentedCertificate } from '../../steps/present-certificate.ts'
import { checkPossession, nonceHeader, type Possession } from '../../steps/prove-possession.ts'

/** What is known when the answer is given, whichever it is. */
interface Trail {
  clientId?: string
  possession?: Possession
}

export async function answerDeviceAuthorization(context: ServerContext, exchange: Exchange): Promise<Response> {
  const trail: Trail = {}
  const answer = await ask(context, exchange, trail)
  if ('broken' in answer) return refuse(context, exchange, answer, trail)
  const { proof, verdict } = trail.possession ?? {}
  return answerJson(context, 200, answer, proof ? await nonceHeader(context, exchange, verdict) : undefined)
}

async function ask(context: ServerContext, exchange: Exchange, trail: Trail): Promise<DeviceResponse | Refusal> {
  const { law } = context
  const form = await readForm(context, exchange)
  if (isBroken(form)) return form
  const repeated = checkRepeats(form, law)
  if (repeated) return repeated
  const { client, claimedId } = await authenticateClient(context, exchange, form)
  if (claimedId !== undefined) trail.clientId = claimedId
  if (isBroken(client)) return client
  const allowed = checkRegistered(context, client)
  if (allowed) return allowed
  const possession = await checkPossession(context, exchange, targetsAt(context, exchange).deviceTargets)
  if (isBroken(possession)) return possession
  trail.possession = possession
  const offer = await context.directory.offer()
  const asked = checkDeviceRequest(form, client.client, { offer, allowed: context.config.deviceAuthorization?.scopes }, law)
  if (isBroken(asked)) return asked
  const certificate = await announcedCertificate(context, exchange, client)
  if (isBroken(certificate)) return certificate
  return rememberDevice(context, exchange, { client, proof: possession.proof, certificate, asked })
}

/** Whoever authenticates is known when it collects; of a public client the certificate is all there is (RFC 8705 §4). */
async function announcedCertificate(context: ServerContext, exchange: Exchange, { client, confidential }: AuthenticatedClient) {
  return confidential || !wantsCertificate(client.binding) ? undefined : presentedCertificate(context, exchange)
}

function checkRegistered({ law }: ServerContext, { client }: AuthenticatedClient) {
  const registered = client.grants.includes('urn:ietf:params:oauth:grant-type:device_code')
  return must(tokenRequestRules, 'token.client-may-use-grant', registered, law)
}

async function refuse(context: ServerContext, exchange: Exchange, refusal: Refusal, { clientId, possession }: Trail): Promise<Response> {
  const jkt = possession?.proof?.jkt
  const fields: AuditFields = { ...(clientId && { clientId }), ...(jkt && { jkt }), route: 'device_authorization' }
  const aboutProof = refusal.family === 'proof' || refusal.family === 'proof-nonce'
  await rememberRefusal(context, exchange, refusal, fields, aboutProof ? eventOf(refusal) : 'authorization_refused')
  const extra = {
    ...clientChallenge(exchange, refusal),
    ...(aboutProof ? await nonceHeader(context, exchange, undefined) : {}),
  }
  return renderRefusal(context, 'device', refusal, extra)
}
