// Client authentication at every endpoint that clients call directly: read, look up, judge, and slow down guessing.
import {
  type AuthenticatedClient,
  type Broken,
  type ClientRecord,
  checkClient,
  clientAuthRules,
  type Form,
  holdsCertificate,
  isBroken,
  must,
  type Presented,
  type PublicJwk,
  presentedTo,
  readClient,
  type Seconds,
  type ShownCertificate,
} from '@kimei/protocol'
import { noteByCertificate } from '../audit/by-certificate.ts'
import { noteExpiry } from '../certificates/note-expiry.ts'
import { isByCertificate } from '../config/certificate-methods.ts'
import type { Exchange, ServerContext } from '../context.ts'
import { headerLines } from '../http/header-lines.ts'
import { openClientSecrets } from '../keys/client-secrets.ts'
import { silentSeconds } from '../outbound/revocation.ts'
import { clientKeys } from './client-keys.ts'
import { findClient } from './find-client.ts'
import { noteUse } from './registration/note-use.ts'
import { shownCertificate } from './shown-certificate.ts'

/** Who the refusal is about, for the audit line, even where authentication failed. */
export interface ClientOutcome {
  readonly client: AuthenticatedClient | Broken
  readonly claimedId: string | undefined
}

export async function authenticateClient(context: ServerContext, exchange: Exchange, form: Form): Promise<ClientOutcome> {
  const { law } = context
  const presented = readClient(form, headerLines(exchange, 'authorization'), exchange.query, law)
  if (isBroken(presented)) return { client: presented, claimedId: undefined }
  const claimedId = presented.clientId.slice(0, 200)
  const record = findClient(context, exchange, presented.clientId)
  const known = record instanceof Promise ? await record : record
  if (isBroken(known)) return { client: known, claimedId }
  const certificate = await shownCertificate(context, exchange, known)
  if (isBroken(certificate)) return { client: certificate, claimedId }
  if (known) noteHow(exchange, presentedTo(presented, known), certificate)
  const keys = await publishedKeys(context, exchange, { presented, client: known, certificate })
  const { issuer, profile } = context
  const expect = {
    issuer,
    tokenEndpoint: context.urls.token,
    profile,
    now: exchange.now,
    keys,
    secrets: await sharedSecrets(context, known),
    certificate,
  }
  const client = await checkClient(presented, known, expect, law)
  if (!isBroken(client)) await noteAuthenticated(context, exchange, client, certificate)
  return { client: isBroken(client) ? (tooMany(context, exchange, presented) ?? client) : client, claimedId }
}

async function sharedSecrets({ config }: ServerContext, client: ClientRecord | undefined): Promise<readonly string[] | undefined> {
  return client?.authentication === 'client_secret_jwt' ? openClientSecrets(client, config.serverKeys) : undefined
}

interface KeysWanted {
  readonly presented: Presented
  readonly client: ClientRecord | undefined
  readonly certificate: ShownCertificate | undefined
}

/** Only for the client's own method, and fetched before anything is judged: a rule waits for nobody. */
async function publishedKeys(context: ServerContext, exchange: Exchange, { presented, client, certificate }: KeysWanted) {
  if (!client?.jwksUri || client.disabled) return undefined
  const { method, kid } = presentedTo(presented, client)
  if (method !== client.authentication) return undefined
  const der = method === 'self_signed_tls_client_auth' ? certificate?.der : undefined
  if (der) return clientKeys(context, client, { fits: (jwk) => holdsCertificate(jwk, der), exchange })
  if (method !== 'private_key_jwt') return undefined
  const fits = (jwk: PublicJwk) => kid === undefined || jwk.kid === undefined || jwk.kid === kid
  return clientKeys(context, client, { fits, exchange })
}

/** For every event of this exchange, the refusal included. */
function noteHow(exchange: Exchange, { method }: Presented, certificate: ShownCertificate | undefined): void {
  if (isByCertificate(method)) noteByCertificate(exchange, { authentication: method, ...(certificate && { x5t: certificate.x5t }) })
}

async function noteAuthenticated(
  context: ServerContext,
  exchange: Exchange,
  { client, x5t }: AuthenticatedClient,
  certificate: ShownCertificate | undefined,
): Promise<void> {
  await noteUse(context, exchange, client)
  const notAfter = certificate?.facts?.notAfter
  if (x5t !== undefined && notAfter !== undefined) await noteExpiry(context, exchange, { clientId: client.clientId, x5t, notAfter })
}

/**
 * A wrong secret too often: the answer becomes 429. A right one is always taken: secrets have 256 random bits,
 * so what is bounded here is noise, and nobody can lock a client out by guessing in its name.
 */
function tooMany(context: ServerContext, exchange: Exchange, presented: Presented): Broken | undefined {
  const guesses = guessesOf(context, exchange, presented)
  if (!guesses) return undefined
  guesses.count += 1
  return must(clientAuthRules, 'client-auth.attempts-are-few', guesses.count <= mostGuesses, context.law)
}

/** RFC 6749 §5.2: a client that tried the Authorization header is told its scheme. */
export function clientChallenge(exchange: Exchange, broken: Broken): Readonly<Record<string, string>> {
  if (broken.family === 'throttled') return { 'retry-after': String(guessSeconds) }
  if (broken.family === 'unavailable') return { 'retry-after': String(silentSeconds) }
  if (broken.family !== 'client' || exchange.request.headers.get('authorization') === null) return {}
  return { 'www-authenticate': 'Basic realm="client", charset="UTF-8"' }
}

const mostGuesses = 20
const guessSeconds = 60
const mostGuessers = 10_000

interface Guesses {
  count: number
  readonly until: Seconds
}

/** Failures of one address at one client's secret. Keys cannot be guessed, so only secrets are counted. */
const guessers = new WeakMap<object, Map<string, Guesses>>()

function guessesOf(context: ServerContext, { connection, now }: Exchange, presented: Presented): Guesses | undefined {
  if (typeof presented.credential !== 'string') return undefined
  const shelf = guessers.get(context.lasting) ?? new Map<string, Guesses>()
  guessers.set(context.lasting, shelf)
  const key = `${connection.remoteAddress ?? ''} ${presented.clientId}`
  const known = shelf.get(key)
  if (known && now < known.until) return known
  // The oldest goes first: a flood of made-up ids forgets only other guessers.
  if (shelf.size >= mostGuessers) shelf.delete(shelf.keys().next().value as string)
  const fresh = { count: 0, until: now + guessSeconds }
  shelf.delete(key)
  shelf.set(key, fresh)
  return fresh
}
