// `kimei client renew`: walks through the renewal of a client's certificate, and changes over where it is asked to.
import { columns, mark, stampOf } from 'look'
import { type Command, type ExitCode, readFlags, UsageError } from '../command/command.ts'
import { commandName } from '../command/invocation.ts'
import type { Terminal } from '../command/terminal.ts'
import type { Renewal } from '../renewal/renew.ts'
import { dayOf } from '../renewal/renewal-checks.ts'
import { type CertificatePlace, placeOfCertificate } from '../tickets/certificate-place.ts'
import { recallOrder, type TicketOrder, walletFolder } from '../tickets/wallet.ts'

const help = `Renew the certificate by which a client is known, without a gap.

Usage: kimei client renew --cert <new.pem> --key <new.key> [options]
       kimei client renew --pkcs12 <new.p12> [options]

It compares the new certificate with the one that kimei token has noted, asks
the issuer over each of them, and says what stands in the way. Nothing changes
before --switch; then: new certificate, a ticket of it, and only then use.

  --cert, --key        the new certificate and its key (PEM)
  --pkcs12 <file>      or both in one file
  --password-env <n>   what opens the new key or file, in that variable
  --password-file <f>  or in that file
  --ca <file>          authorities whose servers are believed, if others now
  --keys <file>        the JSON Web Key Set that this client publishes at its
                       jwks_uri, or is registered with: are both in it?
  --publish            put the new certificate into that file
  --switch             change over, where nothing stands in the way
  --issuer <url>       the client of this issuer (default: the latest one)
  --client <id>        which client, where the wallet has several
  --dir <path>         wallet (default: .kimei here, else in your home folder)
  --json               {"old","new","steps":[{"id","state","says"}],"ready",…}

Examples:
  kimei client renew --cert new.pem --key new.key
  kimei client renew --cert new.pem --key new.key --keys keys.json --publish
  kimei client renew --cert new.pem --key new.key --switch

A ticket of the old certificate works with that certificate until it ends, and
never with the new one. Exit code 0: ready, or changed; 1: something stands in
the way.`

const options = {
  cert: { type: 'string' },
  key: { type: 'string' },
  pkcs12: { type: 'string' },
  ca: { type: 'string' },
  'password-env': { type: 'string' },
  'password-file': { type: 'string' },
  keys: { type: 'string' },
  publish: { type: 'boolean', default: false },
  switch: { type: 'boolean', default: false },
  issuer: { type: 'string' },
  client: { type: 'string' },
  dir: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const client: Command = { help, run }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readFlags(args, options, ['renew'])
  if (positionals[0] !== 'renew') throw new UsageError(`"${positionals[0]}" is not known: kimei client renew`)
  const after = placeOfCertificate(values, values.key)
  if (after === undefined) throw new UsageError('the new certificate is missing: --cert and --key, or --pkcs12')
  if (values.publish && values.keys === undefined) throw new UsageError('--publish needs --keys: the file to put it into')
  const wallet = walletFolder(values.dir)
  const order = await recallOrder(wallet, { issuer: values.issuer, clientId: values.client })
  const { placeAfter, renew } = await import('../renewal/renew.ts')
  const before = certificateOf(order)
  const wish = { wallet, order, before, after: placeAfter(before, after), keysFile: values.keys, publish: values.publish }
  const renewal = await renew({ ...wish, change: values.switch })
  if (values.json) terminal.say(JSON.stringify(renewal))
  else sayRenewal(renewal, terminal)
  return renewal.ready && (renewal.changed || !values.switch) ? 0 : 1
}

function certificateOf({ certificate, clientId, issuer }: TicketOrder): CertificatePlace {
  if (certificate) return certificate
  throw new UsageError(`${clientId} shows no certificate at ${issuer}: kimei token --cert … --key … begins with one`)
}

const states = { ok: 'ok', failed: 'failed', unclear: 'inconclusive' } as const

function sayRenewal(renewal: Renewal, terminal: Terminal): void {
  const { paint, colour: color } = terminal
  const face = (which: 'old' | 'new'): string[] => {
    const { x5t, subject, notBefore, notAfter } = renewal[which]
    return [which, paint('bold', stampOf(x5t)), subject, `${dayOf(notBefore)} to ${dayOf(notAfter)}`]
  }
  terminal.say(`The certificate of ${renewal.clientId} at ${renewal.issuer}\n`)
  terminal.say(`${columns([face('old'), face('new')])}\n`)
  terminal.say(
    columns(
      [
        ['old', renewal.old.x5t],
        ['new', renewal.new.x5t],
      ].map(([which, x5t]) => ['x5t#S256', which!, x5t!]),
    ),
  )
  terminal.say(`\n${columns(renewal.steps.map(({ state, says }) => [mark(states[state], { color }), says]))}`)
  terminal.say(`\n${verdictOf(renewal, terminal).join('\n')}`)
  if (renewal.toPublish) {
    terminal.say('\nThe key to add to what this client publishes or is registered with:\n')
    terminal.say(JSON.stringify({ keys: [renewal.toPublish] }))
  }
}

function verdictOf({ ready, changed, ticket, old, grant }: Renewal, { paint }: Terminal): readonly string[] {
  const tickets = [
    'Tickets of the old certificate work with it until they end, and never with the new one.',
    ...(grant === 'code' ? ['A sign-in of a public client ends: its refresh tokens are bound to the old one.'] : []),
  ]
  if (!ready) return [paint('red', 'Something stands in the way: nothing was changed.'), 'The old certificate goes on working.']
  if (!changed) return [paint('green', 'Nothing stands in the way.'), ...tickets, `Change over with --switch.`]
  const ends = ticket?.expiresAt === undefined ? '' : ` (${ticket.expiresAt - Math.floor(Date.now() / 1000)} s)`
  return [
    paint('green', `Changed: ${commandName()} call shows the new certificate, with a ticket of its own${ends}.`),
    ...tickets,
    `Other machines on the old one: change them too, before ${dayOf(old.notAfter)}. Then take it away at the issuer.`,
  ]
}
