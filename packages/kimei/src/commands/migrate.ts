// `kimei migrate`: reads what people have of OAuth 2.0 and says what OAuth 2.1 no longer allows. Touches no server.
import { readFileSync, statSync } from 'node:fs'
import { Misuse } from '@kimei/protocol'
import { type Command, type ExitCode, readFlags, Trouble, UsageError } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'

const help = `Read what you have of OAuth 2.0, and see what OAuth 2.1 no longer allows.

Usage: kimei migrate <file or address>... [options]

Reads (and says which it is): metadata of an authorization server or an API, a
Keycloak realm export or its clients, the JSON of an oidc-provider
configuration, clients of Auth0, Hydra or RFC 7591; and for an app: the address
that it sends people to (only read, never sent), or its settings as JSON.

  --allow-host <h>  metadata may be fetched from this host (and from loopback)
  --write           print the clients as kimei.yaml has them, with a comment for
                    each thing that was changed or has to be added
  --lang <l>        ja or en
  --json            the findings as JSON

Examples:
  kimei migrate realm-export.json
  kimei migrate 'https://id.example/authorize?response_type=token&client_id=app'
  kimei migrate --allow-host id.example \\
    https://id.example/.well-known/openid-configuration

Each finding says where it is, why it matters with its source, and what to do.
Exit codes: 0 nothing found, 1 findings, 2 something cannot be read.`

const options = {
  'allow-host': { type: 'string', multiple: true },
  write: { type: 'boolean', default: false },
  lang: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

const atMost = 100

export const migrate: Command = {
  help,
  async run(args, terminal): Promise<ExitCode> {
    const { values, positionals } = readFlags(args, options, ['<file or address>', ...Array<string>(atMost).fill('[<file>]')])
    const language = readLanguage(values.lang)
    if (values.write && values.json) throw new UsageError('--write and --json exclude each other')
    const observer = await import('@kimei/observer')
    const checked = []
    const written = []
    let unreadable = 0
    for (const source of positionals) {
      try {
        const text = await readSource(source, values['allow-host'] ?? [], observer.largestOldSetup)
        checked.push(observer.checkOldSetup(source, text))
        if (values.write) written.push(...observer.writeKimeiClients(text))
      } catch (error) {
        unreadable += 1
        sayUnreadable(source, error, terminal)
      }
    }
    if (values.write) terminal.say(await renderClients(written, language))
    else if (values.json)
      terminal.say(
        JSON.stringify(
          checked.map((one) => withWords(one, observer.findingKinds)),
          null,
          2,
        ),
      )
    else terminal.say(checked.map((one) => observer.renderChecked(one, language)).join('\n\n'))
    if (unreadable > 0) return 2
    return checked.some(({ findings }) => findings.length > 0) ? 1 : 0
  },
}

type Kinds = typeof import('@kimei/observer')['findingKinds']
type Checked = ReturnType<typeof import('@kimei/observer')['checkOldSetup']>

type Written = ReturnType<typeof import('@kimei/observer')['writeKimeiClients']>

/** YAML, the notes as comments above each client. */
async function renderClients(written: Written, language: 'ja' | 'en'): Promise<string> {
  const { stringify } = await import('yaml')
  const parts = written.map(({ client, notes }) => [
    ...notes.map((note) => `  # ${note[language]}`),
    stringify([client]).trimEnd().replaceAll(/^/gm, '  '),
  ])
  return ['clients:', ...parts.flat()].join('\n')
}

function withWords(checked: Checked, kinds: Kinds): object {
  return { ...checked, findings: checked.findings.map((finding) => ({ ...finding, ...kinds[finding.id] })) }
}

function sayUnreadable(source: string, error: unknown, terminal: Terminal): void {
  const known = error instanceof Misuse || error instanceof UsageError || error instanceof Trouble
  if (!known) throw error
  const mistakes = error instanceof Misuse ? error.mistakes : [error.message]
  for (const mistake of mistakes) terminal.note(`${terminal.paint('red', 'kimei migrate:')} ${source.slice(0, 200)}: ${mistake}`)
}

function readLanguage(given: string | undefined): 'ja' | 'en' {
  if (given === 'ja' || given === 'en') return given
  if (given !== undefined) throw new UsageError(`--lang "${given}" is neither ja nor en`)
  return (process.env['LC_ALL'] || process.env['LANG'] || '').startsWith('ja') ? 'ja' : 'en'
}

/** A file's text; the text behind an allowed address; an authorization request as it is. */
async function readSource(source: string, allowed: readonly string[], largest: number): Promise<string> {
  if (/^https?:\/\//i.test(source)) {
    if (!URL.canParse(source)) throw new UsageError('it is no address')
    const url = new URL(source)
    const isRequest = url.searchParams.has('response_type') || url.searchParams.has('client_id')
    return isRequest ? source : fetchMetadata(url, allowed, largest)
  }
  try {
    if (statSync(source).size > largest) throw new Misuse([`it is larger than ${largest / 1024 / 1024} MiB`])
    return readFileSync(source, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new UsageError(code === 'EACCES' ? 'it is not yours to read' : code === 'EISDIR' ? 'it is a folder' : 'there is no such file')
  }
}

const loopback = ['localhost', '127.0.0.1', '[::1]']

async function fetchMetadata(url: URL, allowed: readonly string[], largest: number): Promise<string> {
  const near = loopback.includes(url.hostname)
  if (!near && !allowed.includes(url.hostname))
    throw new UsageError(`--allow-host ${url.hostname} is needed: nothing is fetched from a host that you did not name`)
  if (!near && url.protocol !== 'https:') throw new UsageError('metadata is fetched by https alone')
  let answer: Response
  try {
    answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(10_000), headers: { accept: 'application/json' } })
  } catch (error) {
    throw new Trouble(
      `nobody answers as expected (${(error as Error).cause instanceof Error ? ((error as Error).cause as Error).message : (error as Error).message})`,
    )
  }
  if (!answer.ok) throw new Trouble(`it answers ${answer.status}`)
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.length
    if (size > largest) throw new Misuse([`it is larger than ${largest / 1024 / 1024} MiB`])
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
