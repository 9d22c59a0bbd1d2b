// `npm run accuracy [-- --quick --json --only NAME --jobs N]`: the observer against stacks whose truth is known, and how often it is right.
// Which stacks stands in `targets/`, how one is judged in `judge-target.ts`, how they are counted in `score.ts`.
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { MostRequests } from './judge-target.ts'
import { accuracyJson, type Figures, isGentle, isGood, renderAccuracy } from './print.ts'
import type { Judged } from './score.ts'
import { missingOn, targets } from './targets/index.ts'
import type { Told } from './worker.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [''] },
    jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log(`npm run accuracy [-- --quick --json --list --only NAME --jobs N]

  --quick  stacks from npm and a few labs, about two minutes
  --json   only the figures, as JSON
  --list   only the names of the targets, and what each needs that is not on this machine
  --only   targets whose name contains NAME; may be given more than once
  --jobs   how many targets at once, in processes of their own

  Ctrl-C ends it early, with the figures of what was run.

  0 when nothing was said falsely, at least 98 of 100 visible faults were found, every target was run
  and no API was asked too often; otherwise 1, and 2 where no target has that name`)
  process.exit(0)
}

const tell = (line: string) => {
  if (options.json) return
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line.slice(0, 99)}`)
  else if (line !== '') process.stderr.write(`${line}\n`)
}

const wanted = targets.filter(({ name, quick }) => (!options.quick || quick) && options.only.some((part) => name.includes(part)))
if (wanted.length === 0) {
  console.error(`accuracy: no target is called ${options.only.join(' or ')}; --list names them`)
  process.exit(2)
}
const leftOut = wanted.flatMap((target) => {
  const missing = missingOn(target)
  return missing.length === 0 ? [] : [{ target: target.name, missing }]
})
if (options.list) {
  for (const { name } of wanted) {
    const missing = leftOut.find(({ target }) => target === name)?.missing
    console.log(missing ? `${name} (not on this machine: ${missing.join(', ')})` : name)
  }
  process.exit(0)
}

const waiting = wanted.map(({ name }) => name).filter((name) => leftOut.every(({ target }) => target !== name))
const total = waiting.length
const judged: Judged[] = []
const done: string[] = []
const tooOften: Figures['tooOften'][number][] = []
const faults: Figures['faults'][number][] = []
let requests: MostRequests = { whole: 0, known: 0 }
/** Under way when somebody pressed Ctrl-C, and all that had not begun. */
const notRun: string[] = []
const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())
stopped.signal.addEventListener('abort', () => void notRun.push(...waiting.splice(0)))

function take(told: Told): void {
  if ('fault' in told) return void faults.push({ target: told.target, fault: told.fault })
  done.push(told.target)
  judged.push(...told.judged)
  if (!isGentle(told.requests)) tooOften.push({ target: told.target, requests: told.requests })
  requests = { whole: Math.max(requests.whole, told.requests.whole), known: Math.max(requests.known, told.requests.known) }
}

/** One process: it is given the next target as long as there is one. */
function work(): Promise<void> {
  const worker = fork(new URL('./worker.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  let busy: string | undefined
  stopped.signal.addEventListener('abort', () => worker.kill())
  const next = () => {
    busy = waiting.shift()
    if (busy === undefined) return void worker.disconnect()
    tell(`${done.length + faults.length + 1} of ${total}: ${busy}`)
    worker.send(busy)
  }
  worker.on('message', (told: Told) => {
    take(told)
    next()
  })
  next()
  return new Promise((ended) => {
    worker.once('exit', (code) => {
      if (busy !== undefined && stopped.signal.aborted) notRun.push(busy)
      else if (busy !== undefined) faults.push({ target: busy, fault: `its process ended with ${code}` })
      ended()
    })
  })
}

await Promise.all(Array.from({ length: Math.min(total, Math.max(1, Number(options.jobs) || 1)) }, work))
tell('')
const order = new Map(wanted.map(({ name }, index) => [name, index]))
const figures: Figures = {
  judged: judged.sort((a, b) => order.get(a.target)! - order.get(b.target)!),
  targets: done,
  leftOut,
  faults,
  notRun,
  requests,
  tooOften,
}
console.log(options.json ? accuracyJson(figures) : renderAccuracy(figures))
process.exitCode = isGood(figures) ? 0 : 1
