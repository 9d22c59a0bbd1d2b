// Sign-ins of browsers: a random cookie, stored hashed, new at every sign-in so that nobody can fix it beforehand.
import { b64u, type SessionRecord, sha256, type UserRecord, type Write } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { cookieName, writeCookie } from '../http/cookies.ts'
import { readCookie } from '../http/header-lines.ts'
import type { ReadSignIn, SignIn } from './contract.ts'
import { endSignIns } from './end-sign-ins.ts'

/** A session that was used is prolonged at most this often: reading must not write every time. */
const prolongEverySeconds = 300

async function sessionOf(context: ServerContext, exchange: Exchange): Promise<SessionRecord | undefined> {
  const cookie = readCookie(exchange, cookieName(context, 'session'))
  if (cookie === undefined || !/^[A-Za-z0-9_-]{43}$/.test(cookie)) return undefined
  const record = await context.storage.records.session(context.issuer, await sha256(cookie))
  return record && record.endedAt === null && record.expiresAt > exchange.now ? record : undefined
}

export const readSignIn: ReadSignIn = async (context, exchange) => {
  const record = await sessionOf(context, exchange)
  if (!record) return undefined
  const user = await context.storage.records.user(context.issuer, record.subject)
  if (!user || user.disabled) return undefined
  await prolong(context, exchange, record)
  return signInOf(record)
}

function signInOf({ issuer, subject, sessionId, sessionHash, authTime, amr }: SessionRecord): SignIn {
  return { issuer, subject, sessionId, sessionHash, authTime, amr }
}

async function prolong(context: ServerContext, exchange: Exchange, record: SessionRecord): Promise<void> {
  const { sessionIdleSeconds, sessionAbsoluteSeconds } = context.config.lifetimes
  const expiresAt = Math.min(record.createdAt + sessionAbsoluteSeconds, exchange.now + sessionIdleSeconds)
  if (expiresAt - record.expiresAt < prolongEverySeconds) return
  // Lost means that another request prolonged or ended it: either is fine.
  await context.commit(exchange, [{ write: 'put-session', record: { ...record, expiresAt, version: record.version + 1 } }], [])
}

/**
 * Opens a new session after the password was right. The same person in the same browser stays in the same sign-in, under a new
 * cookie; another person's, which this browser had, ends as if it had been signed out.
 */
export async function openSession(
  context: ServerContext,
  exchange: Exchange,
  user: UserRecord,
): Promise<{ readonly signIn: SignIn; readonly cookie: string }> {
  const { now } = exchange
  const secret = b64u(context.random(32))
  const { sessionIdleSeconds, sessionAbsoluteSeconds } = context.config.lifetimes
  const earlier = await sessionOf(context, exchange)
  const same = earlier?.subject === user.subject ? earlier : undefined
  const record: SessionRecord = {
    issuer: context.issuer,
    sessionHash: await sha256(secret),
    sessionId: same?.sessionId ?? b64u(context.random(16)),
    subject: user.subject,
    authTime: now,
    amr: ['pwd'],
    createdAt: now,
    expiresAt: now + Math.min(sessionIdleSeconds, sessionAbsoluteSeconds),
    endedAt: null,
    version: 1,
  }
  const event = context.audit.event(exchange, 'login', { subject: user.subject, sessionId: record.sessionId })
  await context.commit(exchange, [{ write: 'put-session', record }], [event])
  if (same) await outdate(context, exchange, same)
  else if (earlier) await endSignIns(context, exchange, { subject: earlier.subject, sessions: [earlier], everything: false, by: 'signin' })
  return { signIn: signInOf(record), cookie: writeCookie(context, cookieName(context, 'session'), secret, sessionAbsoluteSeconds) }
}

/** The old cookie is worth nothing any more, but what was signed in with it has not been signed out. */
async function outdate(context: ServerContext, exchange: Exchange, record: SessionRecord): Promise<void> {
  const past = { ...record, expiresAt: exchange.now, version: record.version + 1 }
  const answer = await context.commit(exchange, [{ write: 'put-session', record: past }], [])
  if (answer.done === 'committed') return
  await context.commit(exchange, [{ write: 'end-session', sessionHash: record.sessionHash, at: exchange.now }], [])
}

/** Adds a method to this sign-in, together with what must be claimed once for it. `used`: the claim was lost. */
export async function raiseSession(
  context: ServerContext,
  exchange: Exchange,
  { signIn, method, claim }: { readonly signIn: SignIn; readonly method: string; readonly claim: Write },
): Promise<SignIn | 'used' | 'gone'> {
  const { issuer, storage } = context
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const known = await storage.records.session(issuer, signIn.sessionHash)
    if (!known || known.endedAt !== null || known.expiresAt <= exchange.now) return 'gone'
    const amr = [...new Set([...known.amr, method])]
    const record = { ...known, amr, methodTimes: { ...known.methodTimes, [method]: exchange.now }, version: known.version + 1 }
    const event = context.audit.event(exchange, 'login', { subject: known.subject, sessionId: known.sessionId, amr: amr.join(' ') })
    const answer = await context.commit(exchange, [claim, { write: 'put-session', record }], [event])
    if (answer.done === 'committed') return signInOf(record)
    if (answer.done === 'lost' && answer.lost === 'claim-once') return 'used'
  }
  return 'gone'
}
