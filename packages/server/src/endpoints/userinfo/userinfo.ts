// UserInfo (OpenID Connect Core §5.3): the guard admits, then the claims of the scopes that were granted.
import type { Guard } from '@kimei/guard'
import { type Broken, broke, must, recordToldTo, tellClaims, type UserRecord, userinfoRules } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../../context.ts'
import { answerJson } from '../../http/answers.ts'
import { rememberRefusal } from '../../http/refuse.ts'
import { factsOf } from '../../http/request-facts.ts'
import { noteClaimRead } from '../../steps/claim-reads.ts'
import { personBehind } from '../../steps/subjects.ts'
import { tellUserinfo } from './tell-userinfo.ts'
import { makeUserinfoGuard } from './userinfo-guard.ts'

interface Mounted {
  readonly guards: Readonly<Record<Exchange['origin'], Guard>>
  /** What the guards were built from: they are built anew when this changes. */
  readonly made: string
}
const mounted = new WeakMap<ServerContext, Mounted>()

export async function answerUserinfo(context: ServerContext, exchange: Exchange): Promise<Response> {
  const guard = await guardOf(context, exchange)
  const verdict = await guard.verify(factsOf(exchange))
  if (!verdict.admitted) return refused(context, verdict.status, verdict.headers, verdict.body)
  const token = verdict.token
  if (!token) return challenge(context, exchange, broke(userinfoRules, 'userinfo.person-is-known'), 'bearer')
  const jti = token.claims['jti']
  const remembered = typeof jti === 'string' ? await context.storage.records.accessToken(context.issuer, jti) : undefined
  const { grant, user } = await personBehind(context, token, remembered)
  const broken =
    must(userinfoRules, 'userinfo.token-is-not-revoked', remembered?.revokedAt == null, context.law) ??
    (user === undefined || user.disabled ? broke(userinfoRules, 'userinfo.person-is-known') : undefined)
  if (broken || !user) return challenge(context, exchange, broken ?? broke(userinfoRules, 'userinfo.person-is-known'), verdict.mode)
  // The same name as in the token: a pairwise client hears no other.
  const client = await context.directory.client(token.clientId)
  const record = client ? recordToldTo(client, user.claims, context.law) : user.claims
  const named = grant?.claims && tellClaims(grant.claims.userinfo, record)
  const claims = { ...named, ...(await claimsFor(context, record, token.scopes)), sub: token.subject }
  await rememberRead(context, exchange, user, token.clientId, claims)
  return tellUserinfo(context, client, claims, Object.fromEntries(verdict.headers))
}

/** Names alone: the person sees them on the account page. */
function rememberRead(context: ServerContext, exchange: Exchange, { subject }: UserRecord, clientId: string, told: object): Promise<void> {
  const beyond = Object.keys(told).filter((claim) => claim !== 'sub')
  return noteClaimRead(context, exchange, { subject, clientId, claims: beyond.length > 0 ? beyond : ['sub'] })
}

type Claims = Readonly<Record<string, unknown>>

/** Only declared claims of granted scopes. */
async function claimsFor(context: ServerContext, record: Claims, granted: readonly string[]): Promise<Claims> {
  const { scopes } = await context.directory.offer()
  const released = new Set(granted.flatMap((scope) => scopes.get(scope)?.claims ?? []))
  return Object.fromEntries(Object.entries(record).filter(([claim]) => released.has(claim)))
}

async function guardOf(context: ServerContext, { origin }: Exchange): Promise<Guard> {
  const unbound = await context.directory.someUnbound()
  const made = `${unbound} ${context.keys.version}`
  const known = mounted.get(context)
  if (known?.made === made) return known.guards[origin]
  const issuer = makeUserinfoGuard(context, unbound, 'issuer')
  const guards = { issuer, mtls: context.urls.mtls ? makeUserinfoGuard(context, unbound, 'mtls') : issuer }
  mounted.set(context, { guards, made })
  return guards[origin]
}

function refused(context: ServerContext, status: number, headers: readonly (readonly [string, string])[], body: string): Response {
  const response = answerJson(context, status, {})
  const all = new Headers(response.headers)
  for (const [name] of headers) all.delete(name)
  for (const [name, value] of headers) all.append(name, value)
  return new Response(body, { status, headers: all })
}

async function challenge(context: ServerContext, exchange: Exchange, broken: Broken, mode: string): Promise<Response> {
  await rememberRefusal(context, exchange, broken, { route: 'userinfo' }, 'api_refused')
  const scheme = mode === 'bearer' || mode === 'mtls' ? 'Bearer' : 'DPoP'
  const algs = scheme === 'DPoP' ? `, algs="${context.config.dpop.algorithms.join(' ')}"` : ''
  return answerJson(context, 401, { error: 'invalid_token' }, { 'www-authenticate': `${scheme} error="invalid_token"${algs}` })
}
