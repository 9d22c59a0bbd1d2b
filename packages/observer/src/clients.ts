// Test clients made ready: their secrets read, their keys held, and how they authenticate at the token endpoint.
// Which tickets they get stands in `tickets.ts`.
import { Misuse } from '@kimei/protocol'
import { type HeldKey, importKey, makeKey } from './edits/keys.ts'
import { assertionPlan, type FormCall, proofPlan } from './edits/plans.ts'
import type { Authentication, ClientEntry, Inventory, IssuerEntry, KeySource } from './inventory.ts'
import type { ObserveOptions } from './observation.ts'
import type { Line } from './wire/line.ts'

export type ReadSecret = NonNullable<ObserveOptions['readSecret']>

export interface PreparedClient {
  readonly entry: ClientEntry
  readonly issuer: IssuerEntry
  /** The key its tickets are bound to. */
  readonly key: HeldKey
  readonly otherKey: HeldKey
  readonly authentication: PreparedAuthentication
  /** The issuer that vouches for its person, and a key of that issuer. */
  readonly vouched?: { readonly issuer: string; readonly subject: string; readonly key: HeldKey; readonly kid?: string | undefined }
  /** Where a ticket starts from: a refresh token or a pasted token, once read. */
  readonly start?: string
}

type PreparedAuthentication =
  | { readonly method: 'none' }
  | { readonly method: 'client_secret_basic'; readonly secret: string }
  | { readonly method: 'client_secret_post'; readonly secret: string }
  | { readonly method: 'private_key_jwt'; readonly key: HeldKey; readonly kid?: string | undefined }

/** @throws Misuse when a secret or key cannot be read. */
export async function prepareClients(
  inventory: Inventory,
  readSecret: ReadSecret | undefined,
): Promise<ReadonlyMap<string, PreparedClient>> {
  const prepared = new Map<string, PreparedClient>()
  for (const entry of inventory.clients) {
    const issuer = inventory.issuers.find(({ id }) => id === entry.issuer)!
    prepared.set(entry.id, await prepare(entry, issuer, readSecret))
  }
  return prepared
}

async function prepare(entry: ClientEntry, issuer: IssuerEntry, readSecret: ReadSecret | undefined): Promise<PreparedClient> {
  const where = `clients.${entry.id}`
  const { ticket } = entry
  const given = (ticket.from === 'refresh' || ticket.from === 'pasted') && ticket.key !== undefined
  const start = ticket.from === 'refresh' ? ticket.refreshToken : ticket.from === 'pasted' ? ticket.accessToken : undefined
  return {
    entry,
    issuer,
    key: given ? await readKey(`${where}.ticket.key`, ticket.key!, readSecret) : makeKey(),
    otherKey: makeKey(),
    authentication: await prepareAuthentication(where, entry.authentication, readSecret),
    ...(entry.vouched && { vouched: await prepareVouched(where, entry.vouched, readSecret) }),
    ...(start !== undefined && { start: await readText(`${where}.ticket`, start, readSecret) }),
  }
}

async function prepareAuthentication(
  where: string,
  given: Authentication,
  readSecret: ReadSecret | undefined,
): Promise<PreparedAuthentication> {
  if (given.method === 'none') return { method: 'none' }
  if (given.method === 'private_key_jwt') {
    const key = await readKey(`${where}.authentication.key`, given.key, readSecret, given.alg)
    const own = 'kid' in given.key && typeof given.key.kid === 'string' ? given.key.kid : undefined
    return { method: 'private_key_jwt', key, kid: given.kid ?? own }
  }
  return { method: given.method, secret: await readText(`${where}.authentication.secret`, given.secret, readSecret) }
}

async function prepareVouched(where: string, given: NonNullable<ClientEntry['vouched']>, readSecret: ReadSecret | undefined) {
  const { issuer, subject, key } = given
  const kid = 'kid' in key && typeof key.kid === 'string' ? key.kid : undefined
  return { issuer, subject, key: await readKey(`${where}.vouched.key`, key, readSecret), kid }
}

async function readText(
  where: string,
  source: string | { env: string } | { file: string },
  readSecret: ReadSecret | undefined,
): Promise<string> {
  if (typeof source === 'string') return source
  if (readSecret === undefined) throw new Misuse([`${where}: nothing reads ${'env' in source ? 'environment variables' : 'files'} here`])
  return (await readSecret(source)).trim()
}

async function readKey(where: string, source: KeySource, readSecret: ReadSecret | undefined, alg?: string): Promise<HeldKey> {
  const given = 'kty' in source ? source : await readText(where, source as { env: string } | { file: string }, readSecret)
  try {
    const jwk: unknown = typeof given === 'string' ? JSON.parse(given) : given
    return importKey(jwk as Record<string, unknown>, alg)
  } catch {
    // The cause may quote what it was given: it is not passed on.
    throw new Misuse([`${where}: not a private JWK that can be used`])
  }
}

export interface FormRequest {
  readonly url: string
  readonly form: readonly (readonly [string, string])[]
  /** Whether a proof goes with it. */
  readonly proof: boolean
}

/** A right request of this client at an endpoint that takes forms: authenticated, with or without a proof. */
export function formCall(client: PreparedClient, request: FormRequest, line: Line): FormCall {
  const { authentication, entry, issuer } = client
  const now = line.now(request.url)
  const own = { url: request.url, method: 'POST', headers: [], joinProofs: false }
  const proofs = request.proof
    ? [proofPlan({ key: client.key, method: 'POST', url: request.url, now, jti: line.random(), nonce: line.nonce(request.url) })]
    : []
  const identified = [...request.form, ['client_id', entry.clientId] as const]
  if (authentication.method === 'client_secret_basic') {
    return { ...own, proofs, form: request.form, basic: { user: entry.clientId, password: authentication.secret } }
  }
  if (authentication.method === 'client_secret_post')
    return { ...own, proofs, form: [...identified, ['client_secret', authentication.secret]] }
  if (authentication.method === 'none') return { ...own, proofs, form: identified }
  const { key, kid } = authentication
  const assertion = assertionPlan({ key, kid, clientId: entry.clientId, audience: issuer.url, now, jti: line.random() })
  return { ...own, proofs, form: identified, assertion }
}
