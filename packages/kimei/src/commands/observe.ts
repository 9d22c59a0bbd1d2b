// `kimei observe`: attacks the issuers and APIs of an inventory gently, and says who really enforces.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FormatName, Observation, ObserveOptions } from '@kimei/observer'
import { columns } from 'look'
import { type Command, type ExitCode, readFlags, Trouble, UsageError } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'
import { readDefaults } from '../demo/demo-files.ts'
import { inFile } from '../files/read-yaml.ts'
import { beginInventory } from '../observe/begin-inventory.ts'
import { byPerson } from '../observe/by-person.ts'
import { compareReports, readReport } from '../observe/compare-reports.ts'
import { readEvidenceFiles, sayEvidence } from '../observe/evidence-files.ts'
import { type InventoryFile, readInventoryFile, secretsFrom } from '../observe/inventory-file.ts'
import { readLanguage } from '../observe/language.ts'
import { openProgress } from '../observe/progress.ts'
import { type Rendering, readFormat, readReportFiles, writeReports } from '../observe/report-files.ts'
import { stopEarly } from '../observe/stop-early.ts'
import { watchInventory, watchOptions } from '../observe/watch-inventory.ts'
import { walletFolder } from '../tickets/wallet.ts'

const help = `See from outside who really enforces: every issuer and API of an inventory is
asked with a good ticket, then with one thing wrong, then with a good one again.

Usage: kimei observe [inventory.yaml] [options]
       kimei observe init <what you have>... [--out <file>]
       kimei observe evidence <file>... [--inventory <file>] [--json]
       kimei observe diff before.json after.json [--lang <l>] [--json]

Without a file: what kimei dev runs.

  --detail           after the first screen: every probe and its answer
  --dry-run          print the plan: hosts, requests, seconds. Sends nothing
  --full             every probe there is, not only the core
  --wait <seconds>   with --full: how long the run may stand still in all, for
                     controls that need time to pass (a minute, or five, each)
  --oauth21          also: are the issuers ready for OAuth 2.1?
  --only <ids>       these probes alone, separated by commas: B1,K1
  --evidence <file>  read beside: recorded traffic (HAR), logs, configuration,
                     TLS transcripts, metadata. It never confirms anything
  --accepted <file>  accepted findings, beside those of the inventory
  --lang <l>         ja or en. Pages hold both where it is left out
  --dir <path>       folder of kimei dev (default: .kimei here, else at home)
  --progress         a line every few seconds, also without a terminal

Again and again:
  --watch <every>    15m, 6h, 1d: tell what changes, until Ctrl+C
  --runs <n>         end after so many
  --webhook <url>    changes as signed JSON; --webhook-secret-env <name> signs
  --ocsf <file>      changes as lines of the Open Cybersecurity Schema
  --metrics <addr>   Prometheus numbers at 127.0.0.1:9464, or --metrics-file
  --canary-log <f>   log of the guard: it must tell of the wrong proofs refused.
                     Without it: the signed counts of guards in the inventory

Reports:
  --format <f>       what is printed: text, html, json, sarif, junit, markdown,
                     csv, har (default: text)
  --json             the same as --format json
  --report <file>    write one too, as often as wanted; the ending says which:
                     .html .json .sarif .xml .md .csv .har .txt
                     or by name: --report junit=results.txt
  --from <json>      no observation: show a report that was written as JSON
  --explain <id>     a finding (F1, bearer-accepted), a control (B1) or a rule:
                     what it says, its source, the exchanges, how to repeat it

Examples:
  kimei observe
  kimei observe --dry-run inventory.yaml
  kimei observe inventory.yaml --report today.json --report today.html
  kimei observe --from today.json --explain F1
  kimei observe diff yesterday.json today.json
  kimei observe init https://id.example openapi.yaml

It touches only hosts that the inventory lists with their owner's consent, or
this machine, with your own test accounts, slowly and within a budget. Ctrl+C
ends it with a report on what was seen so far. No report holds a token, a proof
or a secret.
Exit codes: 0 only named tickets pass, 1 findings or an unheard canary,
2 inconclusive or ended early, 3 error.
diff: 0 no worse, 1 worse, 2 some of it not seen again.
A file to begin with: examples/config/kimei-observe.yaml.`

const options = {
  detail: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  full: { type: 'boolean', default: false },
  wait: { type: 'string' },
  oauth21: { type: 'boolean', default: false },
  progress: { type: 'boolean', default: false },
  only: { type: 'string' },
  evidence: { type: 'string', multiple: true, default: [] as string[] },
  accepted: { type: 'string' },
  lang: { type: 'string' },
  dir: { type: 'string' },
  format: { type: 'string' },
  report: { type: 'string', multiple: true, default: [] as string[] },
  from: { type: 'string' },
  explain: { type: 'string' },
  json: { type: 'boolean', default: false },
  ...watchOptions,
} as const

export const observe: Command = {
  help,
  // Its exit codes are those of a report: a wrong call is an error like any other.
  run: async (args, terminal) => {
    try {
      const part = Object.hasOwn(parts, args[0] ?? '') ? parts[args[0]!] : undefined
      return await (part ? part(args.slice(1), terminal) : run(args, terminal))
    } catch (error) {
      if (!(error instanceof Error) || !['UsageError', 'Misuse'].includes(error.name)) throw error
      terminal.note(`${terminal.paint('red', 'kimei observe:')} ${error.message}\nkimei observe --help shows how it is called.`)
      return 3
    }
  },
}

const parts: Readonly<Record<string, Command['run']>> = {
  diff: compareReports,
  evidence: sayEvidence,
  init: beginInventory,
}

type Flags = ReturnType<typeof readFlags<typeof options>>['values']

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readFlags(args, options, ['[inventory.yaml]'])
  const { language, chosen } = readLanguage(values.lang)
  const observer = await import('@kimei/observer')
  if (values.json && values.format !== undefined && values.format !== 'json') throw new UsageError('--json and --format name two formats')
  const format = values.json ? 'json' : readFormat(values.format ?? 'text', observer)
  const files = readReportFiles(values.report, observer)
  const rendering = { language, both: !chosen }
  if (values['dry-run']) return dryRun(values, positionals[0], { format, language }, terminal)
  const { observation, file, alarming } = await observationOf(values, positionals[0], terminal)
  const refused = await writeReports(observation, files, rendering)
  if (values.explain === undefined) print(observer, observation, { format, rendering, detail: values.detail }, terminal)
  else {
    const known = file && { inventory: file.inventory, inventoryPath: file.path }
    const look = { language, colour: terminal.colour, width: terminal.width, now: Math.floor(Date.now() / 1000) }
    terminal.say(observer.renderExplanation(observation, values.explain, { ...look, ...known }).trimEnd())
  }
  // What was seen is shown in any case.
  if (refused.length > 0) throw new Trouble(refused.join('\n'))
  return alarming ? 1 : observer.exitCodeOf(observation)
}

type Observer = typeof import('@kimei/observer')

interface Printing {
  readonly format: FormatName
  readonly rendering: Rendering
  readonly detail: boolean
}

function print(observer: Observer, observation: Observation, { format, rendering, detail }: Printing, terminal: Terminal): void {
  const look = { ...rendering, colour: terminal.colour, width: terminal.width, detail: format !== 'text' || detail }
  terminal.say(observer.renderReport(observation, format, look).trimEnd())
  if (format !== 'text' || detail) return
  terminal.say(terminal.paint('dim', `\n${furtherWords(rendering.language, observation.findings[0]?.id).join('\n')}`))
}

/** What to type next. */
function furtherWords(language: 'ja' | 'en', finding: string | undefined): string[] {
  const [every, one, page] =
    language === 'ja'
      ? ['すべての確認と答え', '見つかったことの根拠と、もう一度確かめる方法', '人に渡せるページ']
      : ['every check and its answer', 'what proves a finding, and how to see it again', 'a page to hand on']
  const cells = [['--detail', every!], ...(finding === undefined ? [] : [[`--explain ${finding}`, one!]]), ['--report report.html', page!]]
  return columns(cells).split('\n')
}

async function dryRun(
  values: Flags,
  given: string | undefined,
  { format, language }: { readonly format: FormatName; readonly language: 'ja' | 'en' },
  terminal: Terminal,
): Promise<ExitCode> {
  const { planObservation, renderPlan } = await import('@kimei/observer')
  const { inventory } = await readInventoryFile(given ?? ownInventory(values), values.accepted)
  const plan = planObservation(inventory, scopeOf(values))
  const look = { language, colour: terminal.colour, width: terminal.width }
  terminal.say(format === 'json' ? JSON.stringify(plan) : renderPlan(plan, look).trimEnd())
  return 0
}

interface Obtained {
  readonly observation: Observation
  /** What a watch heard of its canaries. */
  readonly alarming?: boolean
  readonly file: InventoryFile | undefined
}

async function observationOf(values: Flags, given: string | undefined, terminal: Terminal): Promise<Obtained> {
  refuseWithoutWatch(values)
  if (values.from !== undefined && values.watch === undefined) return savedObservation(values, values.from, given)
  const file = await readInventoryFile(given ?? ownInventory(values), values.accepted)
  const { observe: start, parseObservation, planObservation } = await import('@kimei/observer')
  const scope = scopeOf(values)
  const steps = planObservation(file.inventory, scope).steps.length
  const once = async (signal: AbortSignal): Promise<Observation> => {
    const passive = await readEvidenceFiles(file.inventory, file.path, values.evidence)
    const progress = openProgress(terminal, { plain: values.progress, steps, language: readLanguage(values.lang).language })
    const more = {
      oauth21: values.oauth21,
      passive,
      readSecret: secretsFrom(file.path),
      onStep: progress.step,
      onRest: progress.rest,
      signal,
      ...byPerson(terminal, signal),
    }
    try {
      return { ...(await start(file.inventory, { ...scope, ...more })), inventoryFile: file.place }
    } finally {
      progress.done()
    }
  }
  const { from } = values
  const before = from === undefined ? undefined : inFile(from, () => parseObservation(readReport(from)))
  const stop = stopEarly(terminal)
  try {
    if (values.watch === undefined) return { observation: await once(stop.signal), file }
    const { observation, alarming } = await watchInventory(values, { observe: once, signal: stop.signal, before }, terminal)
    if (observation === undefined) throw new Trouble('no observation was made')
    return { observation, file, alarming }
  } finally {
    stop.forget()
  }
}

function refuseWithoutWatch(values: Flags): void {
  const lone = (Object.keys(watchOptions) as (keyof typeof watchOptions)[]).find((name) => name !== 'watch' && values[name] !== undefined)
  if (values.watch === undefined && lone !== undefined) throw new UsageError(`--${lone} goes with --watch`)
}

/** The inventory beside it is only needed for commands; one that is not there any more is no mistake. */
async function savedObservation(values: Flags, from: string, given: string | undefined): Promise<Obtained> {
  if (values.accepted !== undefined) throw new UsageError('--accepted goes with an observation, not with --from')
  const { parseObservation } = await import('@kimei/observer')
  const observation = inFile(from, () => parseObservation(readReport(from)))
  const path = given ?? observation.inventoryFile?.path
  const file = path !== undefined && (given !== undefined || existsSync(path)) ? await readInventoryFile(path, undefined) : undefined
  return { observation, file }
}

function scopeOf(values: Flags): Pick<ObserveOptions, 'depth' | 'only' | 'patienceSeconds'> {
  if (values.wait !== undefined && !/^[1-9]\d{0,3}$/.test(values.wait)) throw new UsageError('--wait takes seconds, up to 9999')
  if (values.wait !== undefined && !values.full && values.only === undefined) throw new UsageError('--wait goes with --full or --only')
  return {
    depth: values.full ? 'full' : 'core',
    ...(values.wait !== undefined && { patienceSeconds: Number(values.wait) }),
    ...(values.only !== undefined && { only: values.only.split(',').map((id) => id.trim()) }),
  }
}

function ownInventory({ dir }: Flags): string {
  const folder = walletFolder(dir)
  const path = join(folder, readDefaults(folder)?.inventory ?? 'inventory.yaml')
  if (!existsSync(path)) throw new UsageError('name an inventory file, or start kimei dev in this folder')
  return path
}
