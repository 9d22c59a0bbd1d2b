// Tells clients that a sign-in ended (OpenID Connect Back-Channel Logout 1.0 §2.5): queued with the sign-out itself, sent behind
// the answer, tried again where another try may help, given up after hours. At least once; the token is new at each try.
import {
  type AuditEvent,
  type AuditName,
  type Broken,
  b64u,
  buildLogoutToken,
  type ClientRecord,
  type EndedUse,
  formEncode,
  isBroken,
  type LogoutNoticeRecord,
  type Seconds,
  type Write,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { clientSid } from './client-sid.ts'
import { subjectFor } from './subjects.ts'

/** Seconds until the next try, by how many there were. After the last it is given up. */
const pauses: readonly Seconds[] = [10, 60, 300, 1800]
const giveUpSeconds = 2 * 3600
const answerSeconds = 5
const mostAtOnce = 20
/** How often requests that come by make us look for what is due. */
const lookEverySeconds = 5

/** One notice for each app and sign-in, where the app has an address for it. */
export async function noticeWrites(
  context: ServerContext,
  { now }: Exchange,
  subject: string,
  uses: readonly EndedUse[],
): Promise<readonly Write[]> {
  const writes: Write[] = []
  for (const { clientId, sessionId } of uses) {
    const client = await context.directory.client(clientId)
    if (client?.backchannelLogoutUri === undefined || client.disabled) continue
    const record: LogoutNoticeRecord = {
      issuer: context.issuer,
      noticeId: b64u(context.random(16)),
      clientId,
      subject,
      sessionId,
      createdAt: now,
      dueAt: now,
      attempts: 0,
      giveUpAt: now + giveUpSeconds,
      version: 1,
    }
    writes.push({ write: 'put-logout-notice', record })
  }
  return writes
}

interface Tending {
  lookAt: Seconds
  underWay: Promise<number> | undefined
}
const tendings = new WeakMap<object, Tending>()

function tendingOf(context: ServerContext): Tending {
  const known = tendings.get(context.lasting) ?? { lookAt: 0, underWay: undefined }
  tendings.set(context.lasting, known)
  return known
}

/** Behind a request: sends what is due, at most every few seconds. What fails here is tried again by the next. */
export function tendNotices(context: ServerContext, now: Seconds, when: 'now' | 'in time' = 'in time'): void {
  const tending = tendingOf(context)
  if (when === 'in time' && now < tending.lookAt) return
  tending.lookAt = now + lookEverySeconds
  deliverNotices(context).catch(() => undefined)
}

/** Sends everything that is due; answers how many clients took theirs. Two callers share one round. */
export async function deliverNotices(context: ServerContext): Promise<number> {
  const tending = tendingOf(context)
  // A round under way may have looked before the newest notice was queued.
  while (tending.underWay) await tending.underWay.catch(() => 0)
  tending.underWay = deliverAll(context).finally(() => {
    tending.underWay = undefined
  })
  return tending.underWay
}

/** The first round of tries, but no longer than `seconds`: then the person is sent on. */
export async function deliverFor(context: ServerContext, seconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, seconds * 1000)
  await Promise.race([deliverNotices(context).catch(() => 0), promise])
  clearTimeout(timer)
}

async function deliverAll(context: ServerContext): Promise<number> {
  let taken = 0
  for (;;) {
    const due = await context.storage.records.logoutNotices(context.issuer, context.clock(), mostAtOnce)
    if (due.length === 0) return taken
    const results = await Promise.all(due.map((notice) => deliver(context, notice)))
    taken += results.filter((result) => result === 'taken').length
  }
}

async function deliver(context: ServerContext, notice: LogoutNoticeRecord): Promise<'taken' | 'failed' | 'elsewhere'> {
  const now = context.clock()
  const client = await context.directory.client(notice.clientId)
  if (client?.backchannelLogoutUri === undefined || client.disabled)
    return drop(context, notice, 'logout_not_told', { reason: 'no address' })
  const attempts = notice.attempts + 1
  const dueAt = now + (pauses[notice.attempts] ?? giveUpSeconds)
  // Moved on before it is sent: whoever loses this leaves it to another process.
  const record = { ...notice, attempts, dueAt, version: notice.version + 1 }
  const mine = await remember(context, [{ write: 'put-logout-notice', record }], [])
  if (!mine) return 'elsewhere'
  const failure = await send(context, notice, client, client.backchannelLogoutUri)
  if (failure === undefined) return drop(context, record, 'logout_told', { attempts })
  const last = !failure.again || notice.attempts >= pauses.length || dueAt >= notice.giveUpAt
  const fields = { attempts, rule: failure.rule, ...(failure.status !== undefined && { status: failure.status }) }
  if (last) return drop(context, record, 'logout_not_told', { ...fields, final: true })
  await remember(context, [], [eventOf(context, record, 'logout_not_told', { ...fields, final: false })])
  return 'failed'
}

interface Failure {
  readonly rule: string
  readonly status?: number
  /** Another try may help (§2.5): the server is unreachable, slow or in trouble, not of another opinion. */
  readonly again: boolean
}

const passing = new Set<string>([
  'outbound.host-resolves',
  'outbound.connection-holds',
  'outbound.answers-in-time',
  'outbound.target-is-not-busy',
])

async function send(context: ServerContext, notice: LogoutNoticeRecord, client: ClientRecord, url: string): Promise<Failure | undefined> {
  const token = await buildLogoutToken(
    {
      issuer: context.issuer,
      clientId: client.clientId,
      now: context.clock(),
      jti: b64u(context.random(16)),
      subject: await subjectFor(context, client, notice.subject),
      sid: notice.sessionId === null ? null : await clientSid(notice.sessionId, client.clientId),
    },
    context.keys.signer(client.idTokenAlg),
  )
  const answer = await context.outbound.post(url, formEncode([['logout_token', token]]), {
    purpose: 'logout notice',
    contentType: 'application/x-www-form-urlencoded',
    mostBytes: 4096,
    seconds: answerSeconds,
  })
  if (isBroken(answer)) return failureOf(answer)
  // §2.8: 200; 204 is taken, too.
  return answer.status === 200 || answer.status === 204 ? undefined : { rule: 'status', status: answer.status, again: false }
}

function failureOf({ broken, seen }: Broken): Failure {
  const status = typeof seen?.received === 'number' ? seen.received : undefined
  const trouble = broken === 'outbound.status-is-success' && status !== undefined && (status >= 500 || status === 429 || status === 408)
  return { rule: broken, ...(status !== undefined && { status }), again: trouble || passing.has(broken) }
}

async function drop(
  context: ServerContext,
  notice: LogoutNoticeRecord,
  name: AuditName,
  fields: object,
): Promise<'taken' | 'failed' | 'elsewhere'> {
  const write: Write = { write: 'drop-logout-notice', noticeId: notice.noticeId }
  const mine = await remember(context, [write], [eventOf(context, notice, name, fields)])
  if (!mine) return 'elsewhere'
  return name === 'logout_told' ? 'taken' : 'failed'
}

function eventOf(context: ServerContext, notice: LogoutNoticeRecord, event: AuditName, fields: object): AuditEvent {
  const { clientId, subject, noticeId, sessionId } = notice
  const about = { clientId, subject, ...(sessionId !== null && { sessionId }) }
  return { at: context.clock(), event, issuer: context.issuer, requestId: `notice-${noticeId}`, ...about, ...fields }
}

/** `false`: somebody else was faster. */
async function remember(context: ServerContext, writes: readonly Write[], events: readonly AuditEvent[]): Promise<boolean> {
  if (writes.length === 0) {
    await context.audit.append(...events)
    return true
  }
  const answer = await context.storage.commit({ issuer: context.issuer, writes, audit: events, now: context.clock() })
  if (answer.done !== 'committed') return false
  context.audit.emitted(events)
  return true
}
