// `kimei observe`: attacks the issuers and APIs of an inventory gently, and says who really enforces.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { ObserveOptions } from '@kimei/observer'
import { type Command, type ExitCode, readFlags, UsageError } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'
import { readDefaults } from '../demo/demo-files.ts'
import { walletFolder } from '../tickets/wallet.ts'

const help = `See from outside who really enforces: every issuer and API of an inventory is
asked with a good ticket, then with one thing wrong, then with a good one again.

Usage: kimei observe [inventory.yaml] [options]

Without a file: what kimei dev runs.

  --detail       after the first screen: every probe and its answer
  --dry-run      print the plan: hosts, requests, seconds. Sends nothing
  --full         every probe there is, not only the core
  --oauth21      also: are the issuers ready for OAuth 2.1?
  --only <ids>   these probes alone, separated by commas: B1,K1
  --lang <l>     ja or en
  --dir <path>   folder of kimei dev (default: .kimei here, else at home)
  --json         the whole observation as JSON

Examples:
  kimei observe
  kimei observe --dry-run inventory.yaml
  kimei observe inventory.yaml --json > observation.json

It touches only hosts that the inventory lists with their owner's consent, or
this machine, with your own test accounts, slowly and within a budget.
Exit codes: 0 only named tickets pass, 1 findings, 2 inconclusive, 3 error.
A file to begin with: examples/config/kimei-observe.yaml.`

const options = {
  detail: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  full: { type: 'boolean', default: false },
  oauth21: { type: 'boolean', default: false },
  only: { type: 'string' },
  lang: { type: 'string' },
  dir: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const observe: Command = {
  help,
  // Its exit codes are those of a report: a wrong call is an error like any other.
  run: async (args, terminal) => {
    try {
      return await run(args, terminal)
    } catch (error) {
      if (!(error instanceof Error) || !['UsageError', 'Misuse'].includes(error.name)) throw error
      terminal.note(`${terminal.paint('red', 'kimei observe:')} ${error.message}\nkimei observe --help shows how it is called.`)
      return 3
    }
  },
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readFlags(args, options, ['[inventory.yaml]'])
  const language = readLanguage(values.lang)
  const path = positionals[0] ?? ownInventory(walletFolder(values.dir))
  const [observer, { inFile, readYaml }] = await Promise.all([import('@kimei/observer'), import('../files/read-yaml.ts')])
  const inventory = inFile(path, () => observer.parseInventory(readYaml(path)))
  const scope: Pick<ObserveOptions, 'depth' | 'only'> = {
    depth: values.full ? 'full' : 'core',
    ...(values.only !== undefined && { only: values.only.split(',').map((id) => id.trim()) }),
  }
  const look = { language, colour: terminal.colour, width: terminal.width }
  if (values['dry-run']) {
    const plan = observer.planObservation(inventory, scope)
    terminal.say(values.json ? JSON.stringify(plan) : observer.renderPlan(plan, look).trimEnd())
    return 0
  }
  const progress = values.json ? silent : counter(terminal)
  const observation = await observer.observe(inventory, {
    ...scope,
    oauth21: values.oauth21,
    readSecret: secretsFrom(dirname(resolve(path))),
    onStep: progress.step,
  })
  progress.done()
  if (values.json) terminal.say(observer.renderJson(observation).trimEnd())
  else {
    terminal.say(observer.renderText(observation, { ...look, detail: values.detail }).trimEnd())
    if (!values.detail) terminal.say(terminal.paint('dim', '\n--detail shows every probe; --json everything.'))
  }
  return observer.exitCodeOf(observation)
}

function readLanguage(given: string | undefined): 'ja' | 'en' {
  if (given === 'ja' || given === 'en') return given
  if (given !== undefined) throw new UsageError(`--lang "${given}" is neither ja nor en`)
  return (process.env['LC_ALL'] || process.env['LANG'] || '').startsWith('ja') ? 'ja' : 'en'
}

function ownInventory(folder: string): string {
  const path = join(folder, readDefaults(folder)?.inventory ?? 'inventory.yaml')
  if (!existsSync(path)) throw new UsageError('name an inventory file, or start kimei dev in this folder')
  return path
}

/** `{ file }` begins at the inventory's folder. */
function secretsFrom(folder: string): NonNullable<ObserveOptions['readSecret']> {
  return async (source) => {
    if ('env' in source) {
      const secret = process.env[source.env]
      if (!secret) throw new UsageError(`the environment variable ${source.env} is empty`)
      return secret
    }
    const { readFileSync } = await import('node:fs')
    return readFileSync(resolve(folder, source.file), 'utf8').trim()
  }
}

interface Progress {
  step(step: { readonly target: string; readonly probe: string }): void
  done(): void
}

const silent: Progress = { step: () => undefined, done: () => undefined }

/** One line that is written over, on a terminal; nothing elsewhere. */
function counter(terminal: Terminal): Progress {
  if (!process.stderr.isTTY) return silent
  let count = 0
  return {
    step({ target, probe }) {
      count += 1
      process.stderr.write(`\r\u001b[K${terminal.paint('dim', `${count}  ${target}  ${probe}`.slice(0, terminal.width - 1))}`)
    },
    done: () => void process.stderr.write('\r\u001b[K'),
  }
}
