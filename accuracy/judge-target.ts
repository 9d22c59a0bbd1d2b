// One target: started, observed, compared with its truth, closed. Which targets there are stands in `targets/`, how they are counted in `score.ts`.
import { type Inventory, type Observation, observe } from '@kimei/observer'
import { type Judged, judgePlace, judgePosture, judgeRules, judgeScenario, resultsAt } from './score.ts'
import type { Running, Target } from './target.ts'

/** Loopback need not be slow. How often one API is asked is left to the observer, as by anybody who writes no number down. */
const usualPace = { requestsPerSecond: 5000, budget: 20_000 }
const everyPace = { ...usualPace, requestsPerApi: 2000 }

/** The most that one API was sent in a usual run. */
export interface MostRequests {
  /** Where it was asked everything, for one client. */
  readonly whole: number
  /** For each further client, and where its guard was known from another API. */
  readonly known: number
}

export interface TargetOutcome {
  readonly judged: readonly Judged[]
  readonly requests: MostRequests
}

/**
 * Three looks, each at a stack that remembers nothing of the others: every control there is; the usual controls, for the posture; and the
 * same within the observer's own limit, which gives the number of requests.
 */
export async function judgeTarget(target: Target): Promise<TargetOutcome> {
  const { name } = target
  const all = await withStarted(target, async (running) => {
    const { only: _usualOnes, ...options } = running.options
    const every = await observe(running.inventory, { ...options, pace: everyPace, depth: 'full' })
    return { byRules: running.rules !== undefined, judged: judgeAll(name, running, every) }
  })
  if (all.byRules) return { judged: all.judged, requests: { whole: 0, known: 0 } }
  const posture = await withStarted(target, async (running) =>
    judgePosture(name, running, await observe(running.inventory, { ...running.options, pace: everyPace })),
  )
  const requests = await withStarted(target, async ({ inventory, options }) => {
    const usual = await observe(withoutNumber(inventory), { ...options, pace: usualPace })
    return requestsOf({ ...usual, inventory })
  })
  return { judged: [...all.judged, ...posture], requests }
}

/** As an inventory is that does not say how often an API may be asked: those of the lab allow thousands. */
function withoutNumber(inventory: Inventory): Inventory {
  const { requestsPerApi: _stated, ...pace } = inventory.pace
  return { ...inventory, pace }
}

async function withStarted<T>(target: Target, look: (running: Running) => Promise<T>): Promise<T> {
  const running = await target.start()
  try {
    return await look(running)
  } finally {
    await running.close()
  }
}

function judgeAll(target: string, { rules, scenario, apis, issuers }: Running, every: Observation): Judged[] {
  if (rules) return judgeRules(target, rules, every)
  if (scenario) return judgeScenario(target, scenario, every)
  const atApis = Object.entries(apis).flatMap(([place, truth]) =>
    judgePlace({ target, place, truth, results: resultsAt(every.apis.find(({ api }) => api === place)!) }),
  )
  const atIssuers = Object.entries(issuers).flatMap(([place, truth]) =>
    judgePlace({ target, place, truth, results: every.issuers.find(({ client }) => client === place)!.probes }),
  )
  return [...atApis, ...atIssuers]
}

/** Each request is counted at the first record that rests on it; what an issuer was asked is no request to an API. */
function requestsOf({
  apis,
  evidence,
  inventory,
}: Pick<Observation, 'apis' | 'evidence'> & { readonly inventory: Inventory }): MostRequests {
  const issuers = new Set(
    inventory.issuers.flatMap(({ url, tokenEndpoint, mtlsTokenEndpoint = url }) => [url, tokenEndpoint, mtlsTokenEndpoint]).map(hostOf),
  )
  const left = new Set(evidence.filter(({ request }) => !issuers.has(hostOf(request.url))).map(({ id }) => id))
  const most = { whole: 0, known: 0 }
  const looked = new Set<string>()
  for (const { api, carriedFrom, baseline, evidence: own } of apis) {
    const count = [...new Set(own)].filter((id) => left.delete(id)).length
    const kind = carriedFrom !== undefined || looked.has(api) ? 'known' : 'whole'
    most[kind] = Math.max(most[kind], count)
    if (baseline === 'good') looked.add(api)
  }
  return most
}

const hostOf = (url: string) => new URL(url).host
