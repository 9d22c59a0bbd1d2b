// `npm run accuracy [-- --quick --json --only NAME]`: the observer against stacks whose truth is known, and how often it is right.
// Which stacks stands in `targets/`, how they are counted in `score.ts`.
import { parseArgs } from 'node:util'
import { observe } from '@kimei/observer'
import { accuracyJson, type Figures, renderAccuracy } from './print.ts'
import { isAccurate, type Judged, judgePlace, judgePosture, judgeRules, resultsAt, scoreOf } from './score.ts'
import type { Target } from './target.ts'
import { missingPrograms, targets } from './targets/index.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log(`npm run accuracy [-- --quick --json --only NAME]

  --quick  stacks from npm and a few labs, under a minute
  --json   only the figures, as JSON
  --only   targets whose name contains NAME

  0 when nothing was said falsely and at least 98 of 100 visible faults were found, otherwise 1`)
  process.exit(0)
}

/** Loopback need not be slow. */
const pace = { requestsPerSecond: 5000, requestsPerApi: 2000, budget: 20_000 }
const tell = (line: string) => {
  if (!options.json && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line.slice(0, 99)}`)
}

/** The usual run gives the posture and the number of requests; a second one asks every control there is. */
async function judgeTarget(target: Target): Promise<{ readonly judged: readonly Judged[]; readonly mostAtOneApi: number }> {
  const running = await target.start()
  try {
    const { name } = target
    const every = await observe(running.inventory, { ...running.options, pace, depth: 'full' })
    if (running.rules) return { judged: judgeRules(name, running.rules, every), mostAtOneApi: 0 }
    const usual = await observe(running.inventory, { ...running.options, pace })
    const atApis = Object.entries(running.apis).flatMap(([place, truth]) =>
      judgePlace({ target: name, place, truth, results: resultsAt(every.apis.find(({ api }) => api === place)!) }),
    )
    const atIssuers = Object.entries(running.issuers).flatMap(([place, truth]) =>
      judgePlace({ target: name, place, truth, results: every.issuers.find(({ client }) => client === place)!.probes }),
    )
    const posture = judgePosture(name, running.posture ?? {}, usual.posture)
    return { judged: [...atApis, ...atIssuers, ...posture], mostAtOneApi: usual.counts.mostAtOneApi }
  } finally {
    await running.close()
  }
}

const wanted = targets.filter(({ name, quick }) => (!options.quick || quick) && name.includes(options.only ?? ''))
const judged: Judged[] = []
const names: string[] = []
const leftOut: string[] = []
let maxRequestsPerApi = 0
for (const [index, target] of wanted.entries()) {
  const missing = missingPrograms(target)
  if (missing.length > 0) {
    leftOut.push(`${target.name} (not on this machine: ${missing.join(', ')})`)
    continue
  }
  tell(`${index + 1} of ${wanted.length}: ${target.name}`)
  const outcome = await judgeTarget(target)
  judged.push(...outcome.judged)
  names.push(target.name)
  maxRequestsPerApi = Math.max(maxRequestsPerApi, outcome.mostAtOneApi)
}
tell('')
const figures: Figures = { judged, targets: names, leftOut, maxRequestsPerApi }
console.log(options.json ? accuracyJson(figures) : renderAccuracy(figures))
process.exitCode = names.length > 0 && isAccurate(scoreOf(judged)) ? 0 : 1
