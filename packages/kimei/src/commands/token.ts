// `kimei token`: a named ticket for whoever signs in, or for a program. Key and ticket stay in a private folder.
import { spawn } from 'node:child_process'
import type { Ticket } from '@kimei/client'
import { listenForRedirect } from '@kimei/client/node'
import { columns, ticketLine } from 'look'
import { type Command, type ExitCode, readFlags, UsageError } from '../command/command.ts'
import { commandName } from '../command/invocation.ts'
import type { Terminal } from '../command/terminal.ts'
import { readDefaults } from '../demo/demo-files.ts'
import { placeOfSecret } from '../tickets/client-secret.ts'
import { openWallet, rememberOrder, type TicketOrder, walletFolder } from '../tickets/wallet.ts'
import { signInByDevice } from './token-device.ts'

const help = `Get a named ticket: an access token bound to a key that stays on this machine.

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

Examples:
  kimei token
  kimei token --key .kimei/demo-server.jwk.json --client demo-server \\
              --scope notes:read --resource http://localhost:4445/
  kimei token --issuer https://id.example --client my-tool --scope notes
  kimei token --device --issuer https://id.example --client my-tool

The key and the ticket are kept in the wallet, a folder for each issuer that
only you can read; kimei call uses them and renews them.`

const options = {
  issuer: { type: 'string' },
  client: { type: 'string' },
  scope: { type: 'string' },
  resource: { type: 'string', multiple: true },
  key: { type: 'string' },
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
  await rememberOrder(wallet, order)
  if (values.json) terminal.say(JSON.stringify(ticket))
  else sayTicket(ticket, order, terminal, values.dir)
  return 0
}

type Values = ReturnType<typeof readFlags<typeof options>>['values']

/** What was asked for, filled up from what `kimei dev` left for its own issuer. */
function placeOrder(values: Values, wallet: string): TicketOrder {
  const known = readDefaults(wallet)
  const issuer = values.issuer ?? known?.issuer
  if (issuer === undefined) throw new UsageError('--issuer is missing: name the issuer, or start kimei dev in this folder')
  if (!URL.canParse(issuer)) throw new UsageError(`--issuer "${issuer}" is not a URL`)
  const defaults = known?.issuer === issuer ? known : undefined
  const secret = placeOfSecret(values.key, values['secret-env'])
  const grant = values.grant ?? (secret.kind === 'none' || values.device ? 'code' : 'client-credentials')
  if (values.device && grant !== 'code') throw new UsageError('--device signs a person in: it does not go with --grant client-credentials')
  if (grant !== 'code' && grant !== 'client-credentials') throw new UsageError(`--grant "${grant}" is neither code nor client-credentials`)
  const ownClient = values.client === undefined && secret.kind === 'none'
  const clientId = values.client ?? (ownClient ? defaults?.clientId : undefined)
  if (clientId === undefined) throw new UsageError('--client is missing: the id under which the issuer knows you')
  const usual = ownClient && defaults ? defaults.scopes : grant === 'code' ? ['openid'] : []
  const scopes = values.scope?.split(' ').filter((one) => one !== '') ?? usual
  return { issuer, clientId, grant, scopes, resources: values.resource ?? defaults?.resources ?? [], secret }
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
  const lasts = ticket.expiresAt === undefined ? 'unknown' : `${ticket.expiresAt - Math.floor(Date.now() / 1000)} s`
  terminal.say(`${terminal.paint('bold', ticketLine({ kind: 'named', thumbprint: ticket.jkt }))}  a named ticket\n`)
  terminal.say(
    columns([
      ['issuer', ticket.issuer],
      ['client', ticket.clientId],
      ['who', ticket.subject ?? (order.grant === 'code' ? 'not told' : 'the client itself')],
      ['may', ticket.scopes.join(' ') || 'nothing in particular'],
      ['for', order.resources.join(' ') || "the issuer's default API"],
      ['lasts', `${lasts}${ticket.renewable ? ', then renewed when used' : ''}`],
      ['key', `${ticket.jkt} (jkt), stays on this machine`],
    ]),
  )
  const api = order.resources[0]
  const url = api === readDefaults(walletFolder(dir))?.resources[0] && api ? `${api}notes` : (api ?? '<url of the API>')
  terminal.say(`\nUse it:  ${terminal.paint('cyan', `${commandName()} call${dir === undefined ? '' : ` --dir ${dir}`} ${url}`)}`)
}
