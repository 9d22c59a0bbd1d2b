// Test clients made ready: their secrets read, their keys held, and how they authenticate at the token endpoint.
// Which tickets they get stands in `tickets.ts`.
import { Misuse } from '@kimei/protocol'
import { type HeldKey, importKey, makeKey } from '../edits/keys.ts'
import { assertionPlan, type FormCall, proofPlan } from '../edits/plans.ts'
import type { Authentication, CertificateEntry, ClientEntry, Inventory, IssuerEntry, KeySource } from '../inventory/inventory.ts'
import type { ObserveOptions } from '../observation.ts'
import { type HeldCertificate, holdCertificate, holdsAuthorities } from '../tls/client-certificate.ts'
import type { Line } from '../wire/line.ts'

export type ReadSecret = NonNullable<ObserveOptions['readSecret']>

export interface PreparedClient {
  readonly entry: ClientEntry
  readonly issuer: IssuerEntry
  /** The key its tickets are bound to. */
  readonly key: HeldKey
  readonly otherKey: HeldKey
  readonly certificate?: HeldCertificate
  /** Of the same authority; not that of its tickets. */
  readonly otherCertificate?: HeldCertificate
  /** What its tickets name. */
  readonly boundBy: 'key' | 'certificate' | 'both'
  /** Where an endpoint stands for clients with certificates (RFC 8705 §5), by the endpoint that is published for all. */
  readonly aliases: Map<string, string>
  readonly authentication: PreparedAuthentication
  /** The issuer that vouches for its person, and a key of that issuer. */
  readonly vouched?: { readonly issuer: string; readonly subject: string; readonly key: HeldKey; readonly kid?: string | undefined }
  /** Where a ticket starts from: a refresh token or a pasted token, once read. */
  readonly start?: string
}

type PreparedAuthentication =
  | { readonly method: 'none' | 'tls_client_auth' | 'self_signed_tls_client_auth' }
  | { readonly method: 'client_secret_basic'; readonly secret: string }
  | { readonly method: 'client_secret_post'; readonly secret: string }
  | { readonly method: 'private_key_jwt'; readonly key: HeldKey; readonly kid?: string | undefined }

/** @throws Misuse with everything that cannot be read, of all clients. */
export async function prepareClients(
  inventory: Inventory,
  readSecret: ReadSecret | undefined,
): Promise<ReadonlyMap<string, PreparedClient>> {
  const prepared = new Map<string, PreparedClient>()
  const mistakes: string[] = []
  for (const entry of inventory.clients) {
    const issuer = inventory.issuers.find(({ id }) => id === entry.issuer)!
    try {
      prepared.set(entry.id, await prepare(entry, issuer, readSecret))
    } catch (error) {
      if (!(error instanceof Misuse)) throw error
      mistakes.push(...error.mistakes)
    }
  }
  if (mistakes.length > 0) throw new Misuse(mistakes)
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
    ...(await prepareCertificates(where, entry, readSecret)),
    boundBy: boundByOf(entry, issuer),
    aliases: new Map(issuer.mtlsTokenEndpoint === undefined ? [] : [[issuer.tokenEndpoint, issuer.mtlsTokenEndpoint]]),
    authentication: await prepareAuthentication(where, entry.authentication, readSecret),
    ...(entry.vouched && { vouched: await prepareVouched(where, entry.vouched, readSecret) }),
    ...(start !== undefined && { start: await readText(`${where}.ticket`, start, readSecret) }),
  }
}

/** What the tickets of this client name, as the inventory has it. */
export function boundByOf({ boundBy, certificate }: ClientEntry, { claims }: IssuerEntry): PreparedClient['boundBy'] {
  return boundBy ?? (certificate && claims !== 'dpop' ? 'certificate' : 'key')
}

async function prepareAuthentication(
  where: string,
  given: Authentication,
  readSecret: ReadSecret | undefined,
): Promise<PreparedAuthentication> {
  if (given.method === 'private_key_jwt') {
    const key = await readKey(`${where}.authentication.key`, given.key, readSecret, given.alg)
    const own = 'kid' in given.key && typeof given.key.kid === 'string' ? given.key.kid : undefined
    return { method: 'private_key_jwt', key, kid: given.kid ?? own }
  }
  if (given.method === 'client_secret_basic' || given.method === 'client_secret_post')
    return { method: given.method, secret: await readText(`${where}.authentication.secret`, given.secret, readSecret) }
  return { method: given.method }
}

/** @throws Misuse with what is wrong with each of the two. */
async function prepareCertificates(where: string, entry: ClientEntry, readSecret: ReadSecret | undefined) {
  const mistakes: string[] = []
  const hold = async (name: string, given: CertificateEntry | undefined): Promise<HeldCertificate | undefined> => {
    if (given === undefined) return undefined
    const [cert, key] = [
      await readText(`${where}.${name}.cert`, given.cert, readSecret),
      await readText(`${where}.${name}.key`, given.key, readSecret),
    ]
    const held = holdCertificate(cert, key)
    if (typeof held !== 'string') return held
    mistakes.push(`${where}.${name}: ${held}`)
    return undefined
  }
  const certificate = await hold('certificate', entry.certificate)
  const otherCertificate = await hold('otherCertificate', entry.otherCertificate)
  if (certificate && certificate.thumbprint === otherCertificate?.thumbprint)
    mistakes.push(`${where}.otherCertificate: it is the same certificate`)
  if (mistakes.length > 0) throw new Misuse(mistakes)
  return { ...(certificate && { certificate }), ...(otherCertificate && { otherCertificate }) }
}

/** @throws Misuse when one cannot be read. */
export async function readAuthorities({ authorities }: Inventory, readSecret: ReadSecret | undefined): Promise<readonly string[]> {
  const read = await Promise.all(authorities.map((source, i) => readText(`authorities.${i}`, source, readSecret)))
  const bad = read.flatMap((pem, i) => (holdsAuthorities(pem) ? [] : [`authorities.${i}: not certificates as PEM`]))
  if (bad.length > 0) throw new Misuse(bad)
  return read
}

async function prepareVouched(where: string, given: NonNullable<ClientEntry['vouched']>, readSecret: ReadSecret | undefined) {
  const { issuer, subject, key } = given
  const kid = 'kid' in key && typeof key.kid === 'string' ? key.kid : undefined
  return { issuer, subject, key: await readKey(`${where}.vouched.key`, key, readSecret), kid }
}

/** @throws Misuse when it cannot be read. */
export async function readText(
  where: string,
  source: string | { env: string } | { file: string },
  readSecret: ReadSecret | undefined,
): Promise<string> {
  if (typeof source === 'string') return source
  if (readSecret === undefined) throw new Misuse([`${where}: nothing reads ${'env' in source ? 'environment variables' : 'files'} here`])
  try {
    return (await readSecret(source)).trim()
  } catch (error) {
    // A file that is not there is one mistake among others.
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') throw new Misuse([`${where}: ${error.code}`])
    throw error
  }
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
  /** Whether its ticket is to be bound: a proof goes with it, or the certificate. */
  readonly proof: boolean
}

/** Whether the client shows its certificate in a request of this kind. */
export function showsCertificate({ certificate, authentication, boundBy }: PreparedClient, bound: boolean): boolean {
  return certificate !== undefined && (authentication.method.endsWith('tls_client_auth') || (bound && boundBy !== 'key'))
}

/** A right request of this client at an endpoint that takes forms: authenticated, with or without what its tickets name. */
export function formCall(client: PreparedClient, request: FormRequest, line: Line): FormCall {
  const { authentication, entry, issuer, certificate } = client
  const shows = showsCertificate(client, request.proof)
  const url = (shows && client.aliases.get(request.url)) || request.url
  const now = line.now(url)
  const tls = shows && certificate && url.startsWith('https:') ? { tls: { identity: certificate } } : {}
  const own = { url, method: 'POST', headers: [], joinProofs: false, ...tls }
  const proofs =
    request.proof && client.boundBy !== 'certificate'
      ? [proofPlan({ key: client.key, method: 'POST', url, now, jti: line.random(), nonce: line.nonce(url) })]
      : []
  const identified = [...request.form, ['client_id', entry.clientId] as const]
  if (authentication.method === 'client_secret_basic') {
    return { ...own, proofs, form: request.form, basic: { user: entry.clientId, password: authentication.secret } }
  }
  if (authentication.method === 'client_secret_post')
    return { ...own, proofs, form: [...identified, ['client_secret', authentication.secret]] }
  if (authentication.method !== 'private_key_jwt') return { ...own, proofs, form: identified }
  const { key, kid } = authentication
  const assertion = assertionPlan({ key, kid, clientId: entry.clientId, audience: issuer.url, now, jti: line.random() })
  return { ...own, proofs, form: identified, assertion }
}
