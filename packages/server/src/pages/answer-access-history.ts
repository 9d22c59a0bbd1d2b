// GET /account/history.json and /account/history.csv: the whole history of reading, to take away.
import type { ClaimReadRecord } from '@kimei/protocol'
import type { Exchange, Handler, ServerContext } from '../context.ts'
import { answerFile, answerRedirect } from '../http/answers.ts'
import { hourSeconds } from '../steps/claim-reads.ts'
import { readSignIn } from '../steps/sessions.ts'

const mostRows = 100_000

interface Row {
  readonly from: string
  readonly to: string
  readonly client_id: string
  readonly application: string
  readonly claims: readonly string[]
}

export const sendHistoryJson: Handler = (context, exchange) =>
  send(context, exchange, { type: 'application/json', name: 'kimei-access-history.json' }, (rows) => `${JSON.stringify(rows, null, 2)}\n`)

export const sendHistoryCsv: Handler = (context, exchange) =>
  send(context, exchange, { type: 'text/csv; charset=utf-8', name: 'kimei-access-history.csv' }, renderCsv)

async function send(
  context: ServerContext,
  exchange: Exchange,
  file: { readonly type: string; readonly name: string },
  render: (rows: readonly Row[]) => string,
): Promise<Response> {
  const signIn = await readSignIn(context, exchange)
  if (!signIn) return answerRedirect(context, context.urls.account)
  const reads = await context.storage.records.claimReads(context.issuer, signIn.subject, exchange.now, mostRows)
  const rows = await Promise.all(reads.map((read) => rowOf(context, read)))
  return answerFile(context, file, render(rows))
}

async function rowOf(context: ServerContext, { clientId, claims, hour }: ClaimReadRecord): Promise<Row> {
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString()
  const application = (await context.directory.client(clientId))?.name.en ?? clientId
  return { from: iso(hour), to: iso(hour + hourSeconds), client_id: clientId, application, claims }
}

/** RFC 4180. A value that a spreadsheet would take for a formula gets an apostrophe: apps choose their own names. */
function renderCsv(rows: readonly Row[]): string {
  const cell = (value: string) => `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`
  const lines = [
    ['from', 'to', 'client_id', 'application', 'claims'],
    ...rows.map((row) => [row.from, row.to, row.client_id, row.application, row.claims.join(' ')]),
  ]
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('')
}
