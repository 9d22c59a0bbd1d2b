// `kimei keys`: lists and rotates the signing keys, of a running issuer through its folder or of a stopped one in its database.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { columns } from 'look'
import { type Command, type ExitCode, readFlags, UsageError } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'
import { askControl, type ControlAsk } from '../control/control-socket.ts'
import type { KeyRotation, KeyView } from '../control/key-control.ts'

const help = `List and rotate the signing keys of an issuer.

Usage: kimei keys list [options]
       kimei keys rotate [--force] [options]

  --config <file>  the issuer of kimei serve (default: kimei.yaml, where it is)
  --dir <path>     the issuer of kimei dev (default: .kimei)
  --issuer <url>   which one, where kimei serve has several
  --force          rotate though verifiers may not have seen the next key yet
  --json           print JSON

A key is published first, signs later, and is retired while what it signed can
still be valid: nothing is refused because of a rotation. Works on a running
issuer and on a stopped one.

Examples:
  kimei keys list
  kimei keys rotate --config kimei.yaml`

const options = {
  config: { type: 'string' },
  dir: { type: 'string' },
  issuer: { type: 'string' },
  force: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

export const keys: Command = { help, run }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readFlags(args, options, ['list or rotate'])
  const verb = positionals[0]!
  if (verb !== 'list' && verb !== 'rotate') throw new UsageError(`"${verb}" is not known: kimei keys list, or kimei keys rotate`)
  const which = values.issuer === undefined ? {} : { issuer: values.issuer }
  const ask: ControlAsk = verb === 'list' ? { do: 'list-keys', ...which } : { do: 'rotate-keys', force: values.force, ...which }
  const answer = await askIssuer(ask, values)
  if (values.json) terminal.say(JSON.stringify(answer))
  else if (verb === 'list') sayKeys(answer as readonly KeyView[], terminal)
  else sayRotations(answer as readonly KeyRotation[], terminal)
  return 0
}

interface Where {
  readonly config?: string | undefined
  readonly dir?: string | undefined
}

/** A running issuer holds its database: it is asked; a stopped one is opened. */
async function askIssuer(ask: ControlAsk, where: Where): Promise<unknown> {
  if (where.config !== undefined && where.dir !== undefined) throw new UsageError('--config and --dir exclude each other')
  const config = where.config ?? (where.dir === undefined && existsSync('kimei.yaml') ? 'kimei.yaml' : undefined)
  const stopped = config === undefined ? await demoAt(where.dir ?? '.kimei') : await servedBy(config)
  const answer = await askControl(join(dirname(stopped.databaseFile), 'control'), ask)
  return answer ?? openStopped(stopped, ask)
}

interface Stopped {
  readonly databaseFile: string
  readonly issuerConfig: (name: string | undefined) => Promise<import('@kimei/server').IssuerConfig>
}

async function servedBy(path: string): Promise<Stopped> {
  const { readServeConfig } = await import('../serve/serve-config.ts')
  const { databaseFile, served } = readServeConfig(path)
  const issuerConfig = async (name: string | undefined) => {
    if (served.kind === 'one') return mustBe(served.issuer, name)
    if (name === undefined) throw new UsageError('several issuers are served here: say which with --issuer')
    if (served.source.stamp(name) === undefined) throw new UsageError(`there is no issuer ${name} here`)
    return served.source.load(name)
  }
  return { databaseFile, issuerConfig }
}

function mustBe(config: import('@kimei/server').IssuerConfig, name: string | undefined): import('@kimei/server').IssuerConfig {
  if (name !== undefined && name !== config.issuer) throw new UsageError(`the issuer here is ${config.issuer}`)
  return config
}

async function demoAt(folder: string): Promise<Stopped> {
  const databaseFile = join(folder, 'kimei.sqlite')
  if (!existsSync(databaseFile)) throw new UsageError(`there is no issuer in ${folder}: name its --config or --dir`)
  const issuerConfig = async (name: string | undefined) => {
    const [{ readDefaults }, { parseIssuerConfig }] = await Promise.all([import('../demo/demo-files.ts'), import('@kimei/server')])
    const known = readDefaults(folder)
    if (!known) throw new UsageError(`${folder} was never started: kimei dev --dir ${folder}`)
    return mustBe(parseIssuerConfig({ issuer: known.issuer }), name)
  }
  return { databaseFile, issuerConfig }
}

async function openStopped({ databaseFile, issuerConfig }: Stopped, ask: ControlAsk): Promise<unknown> {
  if (!existsSync(databaseFile)) throw new UsageError(`there is no database ${databaseFile} yet: start the issuer once`)
  const [{ rotateIssuerKeys }, { openSqlite }, { viewKeys }] = await Promise.all([
    import('@kimei/server'),
    import('@kimei/storage/sqlite'),
    import('../control/key-control.ts'),
  ])
  const config = await issuerConfig(ask.issuer)
  const storage = openSqlite({ file: databaseFile })
  try {
    if (ask.do === 'rotate-keys') return await rotateIssuerKeys({ config, storage }, { force: ask.force })
    return viewKeys(await storage.records.keys(config.issuer))
  } finally {
    await storage.close()
  }
}

const stateWords = { signing: 'signs now', published: 'signs next', retired: 'retired', kept: 'never rotated' } as const

function sayKeys(views: readonly KeyView[], terminal: Terminal): void {
  if (views.length === 0) {
    terminal.say('There are no keys yet: they are made at the first start.')
    return
  }
  const head = ['use', 'key id', 'state', 'since', 'gone after'].map((word) => terminal.paint('dim', word))
  const rows = views.map((key) => [
    key.alg === 'HS256' ? 'own secret' : key.alg,
    key.kid,
    stateWords[key.state],
    sayTime(key.retiredAt ?? key.signingSince ?? key.createdAt),
    key.removeAt === null ? '' : sayTime(key.removeAt),
  ])
  terminal.say(columns([head, ...rows], 0))
}

function sayRotations(rotations: readonly KeyRotation[], terminal: Terminal): void {
  const rows = rotations.map((one) => [
    one.alg === 'HS256' ? 'own secret' : one.alg,
    one.outcome === 'rotated' ? terminal.paint('green', 'rotated') : terminal.paint('yellow', 'waits'),
    one.outcome === 'rotated'
      ? `${one.signing} signs now, ${one.retired} is retired`
      : `the next key is too young until ${sayTime(one.readyAt ?? 0)}; --force takes it now`,
  ])
  terminal.say(columns(rows, 0))
}

function sayTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('T', ' ').replace('.000Z', 'Z')
}
