// `kimei doctor`: looks at an issuer or API from outside and says what is wrong, and which line of a proxy's configuration to change.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { DoctorOptions } from '@kimei/observer'
import { Misuse } from '@kimei/protocol'
import { type Command, type ExitCode, readFlags, UsageError } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'
import { readLanguage } from '../observe/language.ts'

const help = `Look at an issuer or an API from outside, behind whatever proxies: is it well?

Usage: kimei doctor <address> [options]

Clock, TLS and certificate, metadata in all its forms, addresses from inside,
keys and how long they are cached, browsers (CORS), the address that proofs are
compared with (htu), forwarded headers of strangers, client certificates.

  --proxy <file>      configuration of a proxy in front (nginx, Envoy, HAProxy,
                      Traefik or Caddy): says which line to change
  --inside <url>      the address behind the proxy, to find out what the program
                      thinks it is
  --client <id>       a public client of the issuer: its token endpoint is asked
                      with a code that does not exist
  --origin <url>      a browser app that should be able to call it
  --api, --issuer     what it is (default: an issuer where it has metadata)
  --allow-host <h>    another host may be asked too: where keys are, perhaps
  --ca <file>         PEM of your own authority
  --lang <l>          ja or en
  --json              print JSON

Works with the issuers and APIs of any vendor. At most forty requests, slowly,
without a secret in any of them.

Examples:
  kimei doctor https://id.example
  kimei doctor https://notes.example/notes --proxy nginx.conf
  kimei doctor https://id.example --client my-app --inside http://127.0.0.1:4444

Exit codes: 0 nothing is wrong, 1 something is, 2 called wrongly, 3 nobody
answers.`

const options = {
  proxy: { type: 'string', multiple: true, default: [] as string[] },
  inside: { type: 'string' },
  client: { type: 'string' },
  origin: { type: 'string' },
  api: { type: 'boolean', default: false },
  issuer: { type: 'boolean', default: false },
  'allow-host': { type: 'string', multiple: true, default: [] as string[] },
  ca: { type: 'string' },
  lang: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const doctor: Command = { help, run }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readFlags(args, options, ['<address>'])
  const { language } = readLanguage(values.lang)
  if (values.api && values.issuer) throw new UsageError('--api and --issuer exclude each other')
  for (const [flag, value] of [
    ['--inside', values.inside],
    ['--origin', values.origin],
  ] as const) {
    if (value !== undefined && !URL.canParse(value)) throw new UsageError(`${flag} "${value}" is no address`)
  }
  const { examine, exitCodeOfExamination, renderExamination } = await import('@kimei/observer')
  const kind = values.api ? 'api' : values.issuer ? 'issuer' : undefined
  const wish: DoctorOptions = {
    url: positionals[0]!,
    kind,
    inside: values.inside,
    clientId: values.client,
    origin: values.origin,
    allowedHosts: values['allow-host'],
    ...(values.ca !== undefined && { authorities: readText(values.ca) }),
    proxies: values.proxy.map((path) => ({ name: basename(path), text: readText(path) })),
    onStep: stepOnTerminal(terminal),
  }
  const examination = await named(values.proxy, () => examine(wish))
  clearStep()
  terminal.say(
    values.json
      ? JSON.stringify(examination, undefined, 2)
      : renderExamination(examination, { language, colour: terminal.colour, width: terminal.width }).trimEnd(),
  )
  return exitCodeOfExamination(examination)
}

async function named<T>(files: readonly string[], read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Misuse && files.length > 0) throw new Misuse(error.mistakes.map((mistake) => `${files.join(', ')}: ${mistake}`))
    throw error
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError((error as NodeJS.ErrnoException).code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read`)
  }
}

/** One line that is written over, where somebody looks. */
function stepOnTerminal(terminal: Terminal): DoctorOptions['onStep'] {
  if (!process.stderr.isTTY || !terminal.interactive) return undefined
  return (check) => void process.stderr.write(`\r\u001b[K… ${check}`)
}

function clearStep(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
}
