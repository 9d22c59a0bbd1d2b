// `kimei dev`: the whole product on this machine, and the steps to try it; with --self-check, the story told by itself.

import type { AuditEvent } from '@kimei/protocol'
import { columns } from 'look'
import { type Command, type ExitCode, readFlags, readPort, UsageError } from '../command/command.ts'
import { commandName } from '../command/invocation.ts'
import type { Terminal } from '../command/terminal.ts'
import { untilStopped } from '../command/until-stopped.ts'
import { freePorts } from '../demo/demo-names.ts'
import type { Demo } from '../demo/start-demo.ts'

const help = `Run everything on this machine: an issuer, an API behind the guard, a demo app,
and both once more over TLS for clients with certificates.

Usage: kimei dev [--port 4444] [--dir .kimei] [--quiet] [--json]
       kimei dev --self-check [--json]

  --port <n>     port of the issuer; API and app take the next two, the place
                 for certificates the one before
  --dir <path>   folder for keys, data and the demo password (default .kimei)
  --quiet        do not print events
  --json         one JSON object a line: {"event":"ready",…}, then events
  --self-check   start on free ports, run the whole story over HTTP, exit 0 or 1

It listens on loopback only and answers to its own names only. The folder is
yours alone (0700); starting again keeps keys, certificates and data. Removing
the folder forgets everything. Its two certificate authorities, for servers of
this machine and for clients, are made at the first start; no other is trusted.

Examples:
  kimei dev                         4444, 4445 and 4446, and 4443 over TLS
  kimei dev --port 5000 --dir other
  kimei dev --self-check --json     for a build: {"ok":true,"steps":[…],…}`

const options = {
  port: { type: 'string', default: '4444' },
  dir: { type: 'string', default: '.kimei' },
  quiet: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  'self-check': { type: 'boolean', default: false },
} as const

export const dev: Command = { help, run }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = readFlags(args, options)
  if (values['self-check']) {
    const { selfCheck } = await import('../self-check/self-check.ts')
    return selfCheck(terminal, values.json)
  }
  const port = readPort(values.port, '--port')
  if (port === 1 || port > 65_533) throw new UsageError('--port must leave room for one port before it and two after: 2 to 65533')
  const { startDemo } = await import('../demo/start-demo.ts')
  const demo = await startDemo({
    folder: values.dir,
    host: 'localhost',
    ports: port === 0 ? freePorts : { issuer: port, api: port + 1, app: port + 2, mtls: port - 1 },
    ...(!values.quiet && {
      onAudit: (event: AuditEvent) => terminal.say(values.json ? JSON.stringify(event) : eventLine(event, terminal)),
    }),
  })
  // Heard from the first printed word on.
  const stopped = untilStopped()
  if (values.json) terminal.say(JSON.stringify(readyObject(demo)))
  else terminal.say(readyPage(demo, values.dir, terminal))
  const { writeDemoFiles } = await import('../demo/demo-files.ts')
  await writeDemoFiles(demo)
  await stopped
  await demo.close()
  return 0
}

function readyObject({ places, secrets, resource, certifiedResource, folder }: Demo): object {
  const { issuer, api, app, mtls } = places
  const user = { username: secrets.username, password: secrets.password }
  return {
    event: 'ready',
    issuer,
    api,
    app,
    mtls,
    resource,
    certifiedResource,
    user,
    folder: folder.path,
    ready_ms: Math.round(performance.now()),
  }
}

function readyPage({ places, secrets }: Demo, dir: string, terminal: Terminal): string {
  const { paint } = terminal
  const name = commandName()
  const where = dir === '.kimei' ? '' : ` --dir ${dir}`
  const notes = `${places.api}/notes`
  const steps = [
    ['1  get a ticket', `${name} token${where}`],
    ['2  use it', `${name} call${where} ${notes}`],
    ['3  try to steal it', `${name} call${where} --as-thief ${notes}`],
    ['4  see who really checks', `${name} observe${where}`],
  ]
  const certified = [
    ['5  by certificate', `${name} token${where} --client demo-machine`],
    ['6  use that', `${name} call${where} ${places.mtls}/notes`],
  ]
  const shown = [...steps, ...certified].map(([says, command]) => [says!, paint('cyan', command!)])
  return [
    paint('bold', 'Kimei is running, for this machine alone.'),
    '',
    columns([
      ['issuer', places.issuer, 'gives out tickets that bear a name'],
      ['API', places.api, 'behind the guard: admits no others'],
      ['demo app', places.app, 'open it in a browser'],
      ['certificates', places.mtls, 'issuer and API, for tickets bound to a certificate'],
      ['sign in as', `${secrets.username}  ${paint('bold', secrets.password)}`, ''],
    ]),
    '',
    'To try it, in another terminal, in this folder:',
    '',
    columns(shown),
    '',
    paint('dim', `Ready in ${Math.round(performance.now())} ms. Ctrl+C stops it; ${dir} keeps keys and data.`),
    '',
  ].join('\n')
}

/** `05:01:22  api_access        dpop  demo-cli     notes`; a refusal ends with the rule that was broken. */
function eventLine(event: AuditEvent, { paint }: Terminal): string {
  const time = new Date(event.at * 1000).toTimeString().slice(0, 8)
  const refused = /refused|invalid|failed|mismatch|missing|reused|fault/.test(event.event)
  const name = paint(refused ? 'yellow' : 'green', event.event.padEnd(16))
  const facts = [(event.mode ?? '').padEnd(4), (event.clientId ?? '').padEnd(11), event.route ?? event.grantType ?? '', event.rule ?? '']
  return `${paint('dim', time)}  ${name}  ${facts.join('  ')}`.trimEnd()
}
