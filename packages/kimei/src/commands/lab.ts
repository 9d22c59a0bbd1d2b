// `kimei lab`: the real product with named holes, on this machine alone, to attack and to learn from.
// The lab is a package of its own, loaded here and nowhere else; what it does stands there.
import { writeFileSync } from 'node:fs'
import { type Command, type ExitCode, readFlags, readPort, Trouble, UsageError } from '../command/command.ts'
import { commandName } from '../command/invocation.ts'
import type { Terminal } from '../command/terminal.ts'
import { untilStopped } from '../command/until-stopped.ts'
import { readLanguage } from '../observe/language.ts'

const help = `The real product with named holes, on this machine alone: attack it, mend it.

Usage: kimei lab list [--all] [--json]
       kimei lab up [scenario] [--port 4460] [--mode <m>] [--exception <api>]
                    [--without <rule>] [--inventory <file>] [--json]
       kimei lab attack <scenario> [--mended] [--json]
       kimei lab grade [--only <ids>] [--quick] [--json]

  list     the scenarios: setups, mistakes of real houses, and with --all one
           for each rule that can be missing
  up       start one, or your own mix of switches, with a page to play on
  attack   play its theft step by step and show the wire; nothing shown can be
           used again. --mended plays it against the repaired lab
  grade    run the observer against the scenarios and compare with what is so

  --mode <m>         how the issuer binds tickets: bearer, dpop or mtls
  --exception <api>  an API that takes the ticket alone, as often as wanted
  --without <rule>   a rule that nobody keeps (docs/rules.md); may be repeated
  --inventory <file> also writes an inventory for kimei observe, with the keys
                     of this lab: they end with it
  --only <ids>       these scenarios alone, separated by commas
  --quick            without the scenarios of single missing rules
  --progress         a line for each scenario, also without a terminal
  --lang <l>         ja or en

Examples:
  kimei lab up
  kimei lab up admin-exception
  kimei lab up --mode dpop --exception batch --without dpop.jti-is-first-use
  kimei lab attack gateway-strips-binding
  kimei lab grade --quick

Everything listens on loopback with keys made at the start, and says Kimei-Lab
in every answer. Exit codes: attack 0 all as told, 1 not; grade 0 the observer
is right about all, 1 not; 2 called wrongly, 3 something failed.`

const options = {
  all: { type: 'boolean', default: false },
  mended: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  progress: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  port: { type: 'string', default: '4460' },
  mode: { type: 'string' },
  exception: { type: 'string', multiple: true, default: [] as string[] },
  without: { type: 'string', multiple: true, default: [] as string[] },
  inventory: { type: 'string' },
  only: { type: 'string' },
  lang: { type: 'string' },
} as const

type Flags = ReturnType<typeof readFlags<typeof options>>['values']
type LabPackage = Awaited<ReturnType<typeof loadLab>>
type Scenario = LabPackage['scenarios'][number]

export const lab: Command = { help, run }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readFlags(args, options, ['list|up|attack|grade', '[scenario]'])
  const [verb, id] = positionals
  const kit: Kit = { own: await loadLab(), values, terminal, look: lookOf(values, terminal) }
  switch (verb) {
    case 'list':
      return list(kit)
    case 'up':
      return up(kit, id)
    case 'attack':
      return attack(kit, id)
    case 'grade':
      return grade(kit)
    default:
      throw new UsageError(`"${verb}" is none of list, up, attack, grade`)
  }
}

interface Kit {
  readonly own: LabPackage
  readonly values: Flags
  readonly terminal: Terminal
  readonly look: ReturnType<typeof lookOf>
}

async function loadLab() {
  try {
    return await import('@kimei/lab')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Trouble('the lab is a package of its own, so that no product carries it: npm install --save-dev @kimei/lab')
  }
}

function lookOf({ lang }: Flags, terminal: Terminal) {
  return { language: readLanguage(lang).language, width: Math.min(terminal.width, 100), paint: terminal.paint }
}

function list({ own, values, terminal, look }: Kit): ExitCode {
  if (values.json) {
    const rows = own.scenarios.map(({ id, kind, title, owner, world, truth }) => ({
      id,
      kind,
      title,
      owner,
      without: world.without,
      key: Object.values(truth.posture).join('+'),
      priority: truth.priority,
    }))
    terminal.say(JSON.stringify(rows))
  } else terminal.say(own.renderList(own.scenarios, values.all, look))
  return 0
}

function scenarioOf({ own }: Kit, id: string | undefined): Scenario {
  if (id === undefined) throw new UsageError('name a scenario: kimei lab list shows them')
  const found = own.findScenario(id) ?? own.findScenario(id.replaceAll('.', '-'))
  if (!found) throw new UsageError(`there is no scenario "${id}": kimei lab list --all shows them`)
  return found
}

async function attack(kit: Kit, id: string | undefined): Promise<ExitCode> {
  const { own, values, terminal, look } = kit
  const scenario = scenarioOf(kit, id)
  const started = await own.startScenario(scenario, values.mended ? 'mended' : 'as-it-is')
  const played = []
  try {
    if (!values.json) terminal.say(own.renderStory(scenario, look))
    for await (const step of own.playAttack(started)) {
      played.push(step)
      if (!values.json) terminal.say(own.renderStep(values.mended ? { ...step, asTold: true } : step, played.length, look))
    }
  } finally {
    await started.close()
  }
  const stolen = played.some(({ step, passed }) => passed && own.isTheft(step))
  const asTold = values.mended ? !stolen : played.every((step) => step.asTold)
  if (values.json) terminal.say(JSON.stringify({ scenario: scenario.id, mended: values.mended, asTold, stolen, steps: played }))
  else terminal.say(own.renderEnding(scenario, { stolen, mended: values.mended }, look))
  return asTold ? 0 : 1
}

async function grade({ own, values, terminal, look }: Kit): Promise<ExitCode> {
  const wanted = values.only?.split(',').map((one) => one.trim())
  const unknown = (wanted ?? []).filter((id) => !own.findScenario(id))
  if (unknown.length > 0) throw new UsageError(`there is no scenario ${unknown.map((id) => `"${id}"`).join(', ')}: kimei lab list --all`)
  const chosen = own.scenarios.filter(({ id, kind }) => (wanted ? wanted.includes(id) : !values.quick || kind !== 'rule'))
  const over = process.stderr.isTTY && !values.progress
  const grades = []
  let wrong = 0
  for (const [index, scenario] of chosen.entries()) {
    const line = `${index + 1}/${chosen.length}  ${wrong} wrong  ${scenario.id}`
    if (over) process.stderr.write(`\r\u001b[K${terminal.paint('dim', line.slice(0, terminal.width - 1))}`)
    else if (values.progress) terminal.note(line)
    const one = await own.gradeScenario(scenario)
    grades.push(one)
    if (!one.right) wrong += 1
  }
  if (over) process.stderr.write('\r\u001b[K')
  terminal.say(values.json ? JSON.stringify(own.gradesAsJson(grades)) : own.renderGrades(grades, look))
  return wrong === 0 ? 0 : 1
}

async function up(kit: Kit, id: string | undefined): Promise<ExitCode> {
  const { own, values, terminal, look } = kit
  const switched = values.mode !== undefined || values.exception.length > 0 || values.without.length > 0
  if (id !== undefined && switched) throw new UsageError('a scenario has its own switches: leave --mode, --exception and --without away')
  const scenario = id === undefined ? undefined : scenarioOf(kit, id)
  const world = scenario ? undefined : own.readSwitches({ mode: values.mode, exceptions: values.exception, without: values.without })
  const page = await own.openLabPage({ port: readPort(values.port, '--port'), ...(scenario && { scenario }), ...(world && { world }) })
  const stopped = untilStopped()
  const { issuerUrl, apiUrl, inventory } = page.stage()
  const signsIn = inventory.clients.some(({ ticket }) => ticket.from === 'sign-in')
  if (values.inventory !== undefined)
    writeFileSync(values.inventory, `${JSON.stringify(own.inventoryForFile(inventory), null, 2)}\n`, { mode: 0o600 })
  const ready = { event: 'ready', page: page.url, issuer: issuerUrl, api: apiUrl, scenario: scenario?.id ?? null }
  terminal.say(
    values.json
      ? JSON.stringify(ready)
      : own.renderReady({ ...ready, command: commandName(), scenario, inventory: values.inventory, signsIn }, look),
  )
  await stopped
  await page.close()
  return 0
}
