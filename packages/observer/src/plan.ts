// The dry run: which hosts would be touched, which probes run where, how many requests and seconds that takes. Nothing is sent.
import type { Text } from '@kimei/protocol'
import type { Inventory } from './inventory.ts'
import type { ObserveOptions } from './observation.ts'
import type { ProbeHead } from './probe.ts'
import { probes, probesAt } from './probes/index.ts'

/** One request of the plan, before anything is sent. */
export interface PlannedStep {
  readonly target: string
  readonly client: string
  readonly probe: string
  readonly says: Text
  readonly requests: number
}
export interface ObservationPlan {
  readonly hosts: readonly string[]
  readonly steps: readonly PlannedStep[]
  readonly requests: number
  readonly seconds: number
}

const survey: Text = { ja: '切符なし・でたらめな切符・無い道・良い切符', en: 'no ticket, random ticket, missing path, good ticket' }
const surveyRequests = 8

export function planObservation(inventory: Inventory, options: Pick<ObserveOptions, 'depth' | 'only' | 'pace'> = {}): ObservationPlan {
  const wants = (probe: ProbeHead) => (options.only ? options.only.includes(probe.id) : probe.depth === 'core' || options.depth === 'full')
  const asked = (probe: ProbeHead, target: string, client: string, requests: number): PlannedStep => ({
    target,
    client,
    probe: probe.id,
    says: probe.says,
    requests,
  })
  const issuerProbes = probes.filter((probe) => probe.owner === 'AS' && wants(probe))
  const apiProbes = probesAt('api').filter(wants)
  const steps = [
    ...inventory.clients.flatMap((client) =>
      client.ticket.from === 'pasted'
        ? []
        : issuerProbes.map((probe) => asked(probe, client.issuer, client.id, probe.id === 'AS3' ? 3 : 2)),
    ),
    ...inventory.apis.flatMap((api) => [
      { target: api.id, client: api.clients[0]!, probe: 'survey', says: survey, requests: surveyRequests },
      ...api.clients.flatMap((client, i) =>
        apiProbes.filter(({ id }) => i === 0 || id === 'B1' || id === 'K1' || id === 'U1').map((probe) => asked(probe, api.id, client, 2)),
      ),
    ]),
  ]
  const requests = Math.min(
    steps.reduce((sum, step) => sum + step.requests, 0),
    options.pace?.budget ?? inventory.pace.budget,
  )
  const rate = options.pace?.requestsPerSecond ?? inventory.pace.requestsPerSecond
  const hosts = new Set(
    [...inventory.issuers.flatMap(({ url, tokenEndpoint }) => [url, tokenEndpoint]), ...inventory.apis.map(({ url }) => url)].map(
      (url) => new URL(url).host,
    ),
  )
  return { hosts: [...hosts], steps, requests, seconds: Math.ceil(requests / rate) }
}
