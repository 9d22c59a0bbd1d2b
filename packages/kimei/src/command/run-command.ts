// The list of commands, the first page of help, and the last word on everything that was thrown.
import { columns } from 'look'
import { type Command, type ExitCode, Trouble, UsageError } from './command.ts'
import { openTerminal, type Terminal, wrap } from './terminal.ts'

interface Entry {
  readonly name: string
  readonly says: string
  readonly load: () => Promise<Command>
}

const entries: readonly Entry[] = [
  {
    name: 'dev',
    says: 'everything on your machine: issuer, guarded API, demo app',
    load: async () => (await import('../commands/dev.ts')).dev,
  },
  {
    name: 'token',
    says: 'get a named ticket, by signing in or as a program',
    load: async () => (await import('../commands/token.ts')).token,
  },
  { name: 'call', says: 'call an API with it; --as-thief tries to steal it', load: async () => (await import('../commands/call.ts')).call },
  {
    name: 'client',
    says: 'renew the certificate by which a client is known',
    load: async () => (await import('../commands/client.ts')).client,
  },
  { name: 'observe', says: 'see from outside who really enforces', load: async () => (await import('../commands/observe.ts')).observe },
  {
    name: 'doctor',
    says: 'look at an issuer or API from outside: is it well?',
    load: async () => (await import('../commands/doctor.ts')).doctor,
  },
  {
    name: 'migrate',
    says: 'read a setup of OAuth 2.0: what OAuth 2.1 no longer allows',
    load: async () => (await import('../commands/migrate.ts')).migrate,
  },
  {
    name: 'proof',
    says: 'explain a DPoP proof: which rule fails, and why',
    load: async () => (await import('../commands/proof.ts')).proof,
  },
  { name: 'lab', says: 'a lab with named holes, to attack and to learn from', load: async () => (await import('../commands/lab.ts')).lab },
  { name: 'serve', says: 'run an issuer from kimei.yaml', load: async () => (await import('../commands/serve.ts')).serve },
  {
    name: 'guard',
    says: 'run the guard as a reverse proxy before any API',
    load: async () => (await import('../commands/guard.ts')).guard,
  },
  { name: 'keys', says: 'list and rotate the signing keys of an issuer', load: async () => (await import('../commands/keys.ts')).keys },
  {
    name: 'config',
    says: 'check configuration files, print their JSON Schemas',
    load: async () => (await import('../commands/config.ts')).config,
  },
]

const firstPage = `Kimei: tickets that bear a name. An access token that works only for the
app whose key it names, and the proof that your APIs refuse all others.

Usage: kimei <command> [options]

${columns(entries.map((entry) => [entry.name, entry.says]))}

Start here, in an empty folder:

  kimei dev                                          leave it running
  kimei token                                        sign in, get a ticket
  kimei call http://localhost:4445/notes             use it
  kimei call --as-thief http://localhost:4445/notes  try to steal it
  kimei observe                                      see who really checks

kimei <command> --help explains each. Exit codes: 0 done, 1 the answer is no,
2 called or configured wrongly, 3 something failed.`

/** Runs one command line to its exit code. Never throws. */
export async function runCommand(args: readonly string[], terminal: Terminal = openTerminal()): Promise<ExitCode> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return help(rest[0], terminal)
  if (name === '--version' || name === 'version') return sayVersion(terminal)
  const entry = entries.find((one) => one.name === name)
  if (!entry) {
    terminal.note(`kimei: there is no command "${name}"${nearest(name)}. kimei --help lists them.`)
    return 2
  }
  const command = await entry.load()
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.say(command.help)
    return 0
  }
  try {
    return await command.run(rest, terminal)
  } catch (error) {
    return sayError(name, error, terminal)
  }
}

async function help(name: string | undefined, terminal: Terminal): Promise<ExitCode> {
  const entry = entries.find((one) => one.name === name)
  terminal.say(entry ? (await entry.load()).help : firstPage)
  return 0
}

async function sayVersion(terminal: Terminal): Promise<ExitCode> {
  const { readFileSync } = await import('node:fs')
  // Beside this folder's parent in the packed package, one further up in the repository.
  const places = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url))
  for (const place of places) {
    try {
      const { name, version } = JSON.parse(readFileSync(place, 'utf8')) as { name: string; version: string }
      if (name === 'kimei') terminal.say(version)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return 0
}

/** ` (did you mean "token"?)` for a name that is one or two letters off. */
function nearest(name: string): string {
  const near = entries.find((entry) => distance(entry.name, name) <= 2)
  return near ? ` (did you mean "${near.name}"?)` : ''
}

function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const change = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      line.push(Math.min(change, above[column]! + 1, line[column - 1]! + 1))
    }
    above = line
  }
  return above.at(-1)!
}

/** Named by what they are, so that no package is loaded only to recognize its errors. */
function sayError(command: string, error: unknown, terminal: Terminal): ExitCode {
  const thrown = error instanceof Error ? error : new Error(String(error))
  const label = terminal.paint('red', `kimei ${command}:`)
  if (thrown instanceof UsageError) {
    terminal.note(`${label} ${thrown.message}\nkimei ${command} --help shows how it is called.`)
    return 2
  }
  if (thrown.name === 'Misuse') {
    terminal.note(`${label} ${thrown.message}`)
    return 2
  }
  if (thrown instanceof Trouble || thrown.name === 'HolderError' || thrown.name === 'PolicyRefusal') {
    terminal.note(wrap(`${label} ${thrown.message}`, terminal.width, '  '))
    return 3
  }
  if (thrown.message === 'fetch failed') {
    terminal.note(`${label} nobody answers${addressOf(thrown.cause)}: is it running?`)
    return 3
  }
  const reason = thrown.cause instanceof Error ? `: ${thrown.cause.message}` : ''
  terminal.note(`${label} ${thrown.message}${reason}`)
  if (process.env['KIMEI_TRACE']) terminal.note(thrown.stack ?? '')
  return 3
}

/** ` at 127.0.0.1:4444`, where the platform tells. A name with two addresses fails twice. */
function addressOf(cause: unknown): string {
  const one = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause
  const { address, port, message } = (one ?? {}) as { address?: string; port?: number; message?: string }
  return address !== undefined && port !== undefined ? ` at ${address}:${port}` : message ? ` (${message})` : ''
}
