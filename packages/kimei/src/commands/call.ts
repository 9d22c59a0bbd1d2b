// `kimei call`: like curl, with the ticket of the wallet and a fresh proof; with --as-thief, the same token in wrong hands.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Fetch } from '@kimei/client'
import { columns, mark } from 'look'
import { type Command, type ExitCode, readFlags, Trouble, UsageError } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'
import { certificateFlags, certificateHelp, filesOf, placeOfCertificate } from '../tickets/certificate-place.ts'
import { sortKeyFiles } from '../tickets/client-secret.ts'
import { showingFetch } from '../tickets/exchange-view.ts'
import { audiencesOf } from '../tickets/read-jwt.ts'
import { type Attempt, type Theft, tryTheft } from '../tickets/theft.ts'
import { checkTheftAllowed } from '../tickets/theft-permission.ts'
import { type OpenedWallet, openWallet, recallOrder, type TicketOrder, walletFolder } from '../tickets/wallet.ts'

const help = `Call an API with your named ticket. The proof is made for you, a nonce that the
server asks for is fetched, a ticket that has ended is renewed.

Usage: kimei call [options] <url>
       kimei call --as-thief <url>

  -X <method>         method (default GET, or POST with -d)
  -d <body>           body; @file reads a file, @- standard input
  -H "Name: value"    a header more; may be repeated
  -i                  print status and headers before the body
  -v                  show each exchange: requests, opened proofs, answers
  --as-thief          use your own token the ways a thief would
  --inventory <file>  for --as-thief elsewhere: hosts whose owners agree
  --issuer <url>      use the ticket of this issuer (default: the latest one)
  --dir <path>        wallet (default: .kimei here, else in your home folder)
  --json              print {"status","headers","body"}, or the thief's table

A ticket of a certificate goes over TLS with that certificate. kimei token has
noted where it is; what lies elsewhere now is named here:
${certificateHelp}

Examples:
  kimei call http://localhost:4445/notes
  kimei call -d '{"text":"milk"}' http://localhost:4445/notes
  kimei call -v http://localhost:4445/notes
  kimei call --as-thief http://localhost:4445/notes
  kimei call https://localhost:4443/notes     with a ticket of a certificate

The ticket goes only to the API that it was made for. Exit code 0: answered
below 400, or no theft succeeded; 1: refused, or a theft succeeded.`

const options = {
  request: { type: 'string', short: 'X' },
  data: { type: 'string', short: 'd' },
  header: { type: 'string', short: 'H', multiple: true },
  include: { type: 'boolean', short: 'i', default: false },
  verbose: { type: 'boolean', short: 'v', default: false },
  'as-thief': { type: 'boolean', default: false },
  inventory: { type: 'string' },
  issuer: { type: 'string' },
  dir: { type: 'string' },
  ...certificateFlags,
  json: { type: 'boolean', default: false },
} as const

export const call: Command = { help, run }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readFlags(args, options, ['<url>'])
  const url = readUrl(positionals[0]!)
  const body = values.data === undefined ? undefined : readBody(values.data)
  const method = values.request ?? (body === undefined ? 'GET' : 'POST')
  const headers = readHeaders(values.header ?? [], body)
  if (values['as-thief']) await checkTheftAllowed({ url, method, body: body !== undefined, inventory: values.inventory })

  const wallet = walletFolder(values.dir)
  const order = withCertificate(await recallOrder(wallet, { issuer: values.issuer, url }), values)
  const sent: Request[] = []
  const opened = await openWallet(wallet, order, (inner, x5t) =>
    recording(values.verbose ? showingFetch(terminal, inner, x5t) : inner, sent),
  )
  await checkAudience(opened, order, url)
  if (values['as-thief']) {
    const { holder, plainFetch } = opened
    const certified = () => certifiedAttempts(order, url)
    const theft = await tryTheft({ url: url.href, method: method as 'GET' | 'HEAD', holder, sent, plainFetch, certified })
    return sayTheft(theft, url, terminal, values.json)
  }
  const response = await reach(url, () =>
    opened.holder.fetch(url.href, { method, headers, redirect: 'manual', ...(body !== undefined && { body }) }),
  )
  return sayResponse(response, terminal, values)
}

/** Files that lie elsewhere now, or another certificate of the same client. */
function withCertificate(
  order: TicketOrder,
  values: Parameters<typeof placeOfCertificate>[0] & { readonly key?: readonly string[] | undefined },
): TicketOrder {
  const { jwkFile, pemFile } = sortKeyFiles(values.key ?? [])
  if (jwkFile !== undefined) throw new UsageError(`--key ${jwkFile} is a JWK: kimei token takes it, here --key is that of --cert`)
  const certificate = placeOfCertificate(values, pemFile)
  if (certificate) return { ...order, certificate, binding: order.binding ?? 'key' }
  if (values.ca === undefined) return order
  const caFile = resolve(values.ca)
  return order.certificate ? { ...order, certificate: { ...order.certificate, caFile } } : { ...order, caFile }
}

async function certifiedAttempts({ certificate }: TicketOrder, url: URL): Promise<readonly Attempt[]> {
  if (certificate === undefined) return []
  const [{ certificateAttempts }, { readFiles, readMaterial }] = await Promise.all([
    import('../tickets/certificate-theft.ts'),
    import('@kimei/client/node'),
  ])
  const material = readFiles(filesOf(certificate))
  return certificateAttempts(readMaterial(material).x509, material.ca, url)
}

function readUrl(text: string): URL {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) throw new UsageError(`"${text}" is not an http(s) URL`)
  return url
}

function readBody(given: string): string {
  if (!given.startsWith('@')) return given
  const path = given.slice(1)
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch {
    throw new UsageError(`there is no file ${path}`)
  }
}

function readHeaders(lines: readonly string[], body: string | undefined): Headers {
  const headers = new Headers()
  for (const line of lines) {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new UsageError(`-H "${line}" is no header: write "Name: value"`)
    if (/^(authorization|dpop)$/i.test(name)) throw new UsageError(`-H "${name}" is made from your ticket: leave it out`)
    if (/^client-cert(-chain)?$/i.test(name)) throw new UsageError(`-H "${name}" is never sent by a client: name a certificate with --cert`)
    headers.append(name, value)
  }
  if (body !== undefined && !headers.has('content-type')) headers.set('content-type', isJson(body) ? 'application/json' : 'text/plain')
  return headers
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Remembers the requests as they went out: a thief would have them from a log. */
function recording(inner: Fetch, sent: Request[]): Fetch {
  return (input, init) => {
    const request = new Request(input, init)
    sent.push(request.clone())
    return inner(request)
  }
}

/** A ticket is shown only to those it was made for. */
async function checkAudience({ holder }: OpenedWallet, order: TicketOrder, url: URL): Promise<void> {
  const token = await holder.dangerouslyRevealAccessToken()
  if (token === undefined) throw new UsageError(`your sign-in at ${order.issuer} has ended: kimei token signs you in again`)
  const audiences = audiencesOf(token)
  const known = audiences.length > 0 ? audiences : order.resources
  const origins = known.flatMap((audience) => (URL.canParse(audience) ? [new URL(audience).origin] : []))
  if (origins.length > 0 && !origins.includes(url.origin)) {
    throw new UsageError(`your ticket is for ${known.join(' and ')}, not for ${url.origin}: ask for one with kimei token --resource`)
  }
}

async function reach(url: URL, send: () => Promise<Response>): Promise<Response> {
  try {
    return await send()
  } catch (error) {
    if (error instanceof TypeError) throw new Trouble(`nobody answers at ${url.origin}: is it running?`)
    throw error
  }
}

async function sayResponse(
  response: Response,
  terminal: Terminal,
  how: { readonly json: boolean; readonly include: boolean; readonly verbose: boolean },
): Promise<ExitCode> {
  const body = await response.text()
  const good = response.status < 400
  if (how.json) terminal.say(JSON.stringify({ status: response.status, headers: Object.fromEntries(response.headers), body }))
  else {
    if (how.include) terminal.say([`${response.status} ${response.statusText}`, ...headerLines(response), ''].join('\n'))
    if (body !== '') terminal.say(body.trimEnd())
    if (!good && !how.include) terminal.note(terminal.paint('yellow', refusalLine(response)))
  }
  return good ? 0 : 1
}

function headerLines(response: Response): string[] {
  return [...response.headers].map(([name, value]) => `${name}: ${value}`)
}

function refusalLine(response: Response): string {
  const challenge = response.headers.get('www-authenticate')
  return `${response.status} ${response.statusText}${challenge === null ? '' : `\nwww-authenticate: ${challenge}`}`
}

function reasonOf(status: number, because: string | null, error: string | null): string {
  if (because === null) return error ?? 'no reason given'
  return status === 0 ? because : `rule: ${because}`
}

function sayTheft(theft: Theft, url: URL, terminal: Terminal, json: boolean): ExitCode {
  const stolen = theft.attempts.some((attempt) => attempt.verdict === 'accepted')
  const clean = theft.before < 400 && theft.after === theft.before
  const unclear = !clean || theft.attempts.some((attempt) => attempt.verdict === 'unclear')
  const code = stolen ? 1 : unclear ? 3 : 0
  if (json) {
    terminal.say(JSON.stringify({ url: url.href, stolen, ...theft }))
    return code
  }
  const { colour: color, paint } = terminal
  const named = theft.attempts.some(({ id }) => id === 'other-certificate') ? 'certificate' : 'key'
  const state = { refused: 'refused', accepted: 'violated', unclear: 'inconclusive' } as const
  const owner = (status: number, says: string): string[] => [
    status < 400 ? mark('ok', { color }) : mark('failed', { color }),
    `${status}`,
    says,
  ]
  const rows = theft.attempts.flatMap(({ says, status, verdict, error, because }) => [
    [verdict === 'accepted' ? paint('red', '✗ let in') : mark(state[verdict], { color }), status === 0 ? '–' : `${status}`, says],
    ['', '', paint('dim', reasonOf(status, because, error))],
  ])
  terminal.say(`Your token in a thief's hands, at ${url.href}\n`)
  terminal.say(columns([owner(theft.before, `you, with your ${named}`), ...rows, owner(theft.after, 'you, once more')]))
  const verdict = stolen
    ? terminal.paint('red', 'STOLEN: this API lets a thief in. kimei observe says what is missing.')
    : unclear
      ? terminal.paint('yellow', 'No theft succeeded, but not every answer was a clear no.')
      : terminal.paint('green', `Nothing was stolen: without your ${named} the token is waste paper.`)
  terminal.say(`\n${verdict}`)
  return code
}
