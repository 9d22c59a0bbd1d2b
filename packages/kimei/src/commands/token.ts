// `kimei token`: a named ticket for whoever signs in, or for a program. Key and ticket stay in a private folder.
import { spawn } from 'node:child_process'
import type { Ticket } from '@kimei/client'
import { listenForRedirect } from '@kimei/client/node'
import { columns, ticketLine } from 'look'
import { type Command, type ExitCode, readFlags, Trouble, UsageError } from '../command/command.ts'
import { commandName } from '../command/invocation.ts'
import type { Terminal } from '../command/terminal.ts'
import { readDefaults } from '../demo/demo-files.ts'
import { certificateFlags, certificateHelp } from '../tickets/certificate-place.ts'
import { placeOrder } from '../tickets/place-order.ts'
import { peekJwt } from '../tickets/read-jwt.ts'
import { openWallet, rememberOrder, type TicketOrder, walletFolder } from '../tickets/wallet.ts'
import { signInByDevice } from './token-device.ts'

const help = `Get a named ticket: an access token bound to a key, or to a certificate, that
stays on this machine.

Usage: kimei token [options]

Without options: sign in at the issuer that kimei dev runs. Your browser opens;
where none can, open the printed address yourself on this machine.

  --issuer <url>       issuer to ask (default: that of kimei dev)
  --client <id>        client id (default with kimei dev: demo-cli)
  --scope <names>      scopes, separated by spaces (default: openid, to sign in)
  --resource <uri>     API the ticket is for; may be repeated
  --key <file>         private JWK of the client: authenticates it, and asks for
                       a ticket of its own (client credentials)
  --secret-env <name>  the same with a client secret from that variable
  --grant <which>      code (sign in) or client-credentials
  --device             show a code to enter on another device, and wait there:
                       for machines without a browser
  --no-browser         only print the address to open
  --login-hint <name>  who is going to sign in
  --dir <path>         wallet (default: .kimei here, else in your home folder)
  --json               print the ticket's facts as JSON (never the token itself)

With a certificate (mutual TLS), which then authenticates the client and names
the ticket:
${certificateHelp}
  --bind <what>        what the ticket is named after: certificate (default
                       with one), key, or both

Examples:
  kimei token
  kimei token --key .kimei/demo-server.jwk.json --client demo-server \\
              --scope notes:read --resource http://localhost:4445/
  kimei token --issuer https://id.example --client my-tool --scope notes
  kimei token --device --issuer https://id.example --client my-tool
  kimei token --client demo-machine          with kimei dev: by its certificate
  kimei token --issuer https://id.example --client payroll \\
              --cert payroll.pem --key payroll.key --ca ca.pem

The key and the ticket are kept in the wallet, a folder for each issuer that
only you can read; kimei call uses them and renews them.`

const options = {
  issuer: { type: 'string' },
  client: { type: 'string' },
  scope: { type: 'string' },
  resource: { type: 'string', multiple: true },
  ...certificateFlags,
  bind: { type: 'string' },
  'secret-env': { type: 'string' },
  grant: { type: 'string' },
  device: { type: 'boolean', default: false },
  'no-browser': { type: 'boolean', default: false },
  'login-hint': { type: 'string' },
  dir: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const token: Command = { help, run }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = readFlags(args, options)
  const wallet = walletFolder(values.dir)
  const order = placeOrder(values, wallet)
  const { holder, session } = await openWallet(wallet, order)
  const ticket = values.device
    ? await signInByDevice(wallet, order, terminal)
    : session
      ? await signIn(session, terminal, { browser: !values['no-browser'] && !values.json, hint: values['login-hint'] })
      : await holder.ticket()
  if (!ticket) throw new UsageError('the issuer gave no ticket')
  checkNamed(await holder.dangerouslyRevealAccessToken(), ticket)
  await rememberOrder(wallet, { ...order, ...(ticket.x5t !== undefined && { x5t: ticket.x5t }) })
  if (values.json) terminal.say(JSON.stringify(ticket))
  else sayTicket(ticket, order, terminal, values.dir)
  return 0
}

/** A certificate leaves no trace in token_type: where the ticket can be read, it must say whom it is for. */
function checkNamed(token: string | undefined, ticket: Ticket): void {
  const claims = token === undefined ? undefined : peekJwt(token)?.claims
  if (claims === undefined || ticket.x5t === undefined) return
  const cnf = claims['cnf'] as Readonly<Record<string, unknown>> | undefined
  if (cnf?.['x5t#S256'] === ticket.x5t) return
  throw new Trouble(`${ticket.issuer} gave a ticket without a name: it does not bind tickets of ${ticket.clientId} to certificates`)
}

interface SignInHow {
  readonly browser: boolean
  readonly hint: string | undefined
}

async function signIn(
  session: NonNullable<Awaited<ReturnType<typeof openWallet>>['session']>,
  terminal: Terminal,
  { browser, hint }: SignInHow,
): Promise<Ticket> {
  const redirect = await listenForRedirect()
  try {
    const { url, state } = await session.begin({ redirectUri: redirect.redirectUri, ...(hint !== undefined && { loginHint: hint }) })
    const callback = redirect.received(state)
    // Watched from now on: a listener that closes early must not end the process unheard.
    callback.catch(() => undefined)
    terminal.note(`Sign in here, in a browser on this machine:\n\n  ${url}\n`)
    if (browser && terminal.interactive) openBrowser(url)
    return await session.complete(await callback)
  } finally {
    await redirect.close()
  }
}

/** Best effort: the address is on the screen in any case. */
function openBrowser(url: string): void {
  const [command, ...parts] =
    process.platform === 'darwin' ? ['open', url] : process.platform === 'win32' ? ['explorer', url] : ['xdg-open', url]
  const child = spawn(command as string, parts, { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}

function sayTicket(ticket: Ticket, order: TicketOrder, terminal: Terminal, dir: string | undefined): void {
  const thumbprint = (ticket.x5t ?? ticket.jkt) as string
  const lasts = ticket.expiresAt === undefined ? 'unknown' : `${ticket.expiresAt - Math.floor(Date.now() / 1000)} s`
  terminal.say(`${terminal.paint('bold', ticketLine({ kind: 'named', thumbprint }))}  a named ticket\n`)
  terminal.say(
    columns([
      ['issuer', ticket.issuer],
      ['client', ticket.clientId],
      ['who', ticket.subject ?? (order.grant === 'code' ? 'not told' : 'the client itself')],
      ['may', ticket.scopes.join(' ') || 'nothing in particular'],
      ['for', order.resources.join(' ') || "the issuer's default API"],
      ['lasts', `${lasts}${ticket.renewable ? ', then renewed when used' : ''}`],
      ...(ticket.jkt === undefined ? [] : [['key', `${ticket.jkt} (jkt), stays on this machine`]]),
      ...(ticket.x5t === undefined ? [] : [['certificate', `${ticket.x5t} (x5t#S256)`]]),
    ]),
  )
  const api = order.resources[0]
  const known = readDefaults(walletFolder(dir))
  const isDemo = api !== undefined && (api === known?.resources[0] || api === known?.machine?.resource)
  const url = isDemo ? `${api}notes` : (api ?? '<url of the API>')
  terminal.say(`\nUse it:  ${terminal.paint('cyan', `${commandName()} call${dir === undefined ? '' : ` --dir ${dir}`} ${url}`)}`)
}
