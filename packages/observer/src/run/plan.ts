// The dry run: which hosts would be touched, which probes run where, how many requests and seconds that takes. Nothing is sent.
import type { Text } from '@kimei/protocol'
import { boundByOf } from '../clients/prepare.ts'
import type { ClientEntry, Inventory } from '../inventory/inventory.ts'
import { atAddress } from '../inventory/nodes.ts'
import type { ObserveOptions } from '../observation.ts'
import { type EditProbe, fits, type ProbeHead } from '../probe.ts'
import { handshakeProbes } from '../probes/certificate/handshakes.ts'
import { pushedCodeForms, unnamedPush } from '../probes/code/pushed-code-forms.ts'
import { decidingProbes, probes, probesAt, sequences } from '../probes/index.ts'
import { orderRequests } from './check-order.ts'
import { hasPlaceFor, plannedCredentials, plannedEndings } from './plan-places.ts'
import { groupSize, standsAlone } from './probe-groups.ts'
import { usualRequestsPerApi } from './run.ts'

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
  /** The most that one place is asked with its first client. */
  readonly mostPerPlace: number
  readonly seconds: number
}

const survey: Text = { ja: '切符なし・でたらめな切符・無い道・良い切符', en: 'no ticket, random ticket, missing path, good ticket' }
const bothVersions: Text = { ja: 'TLS 1.2 と 1.3 のハンドシェイク', en: 'handshakes in TLS 1.2 and TLS 1.3' }
const twoFaults: Text = { ja: '二つの誤りを一度に送り、先に確かめるものを見る', en: 'two faults at once: which is looked at first' }
const statement: Text = {
  ja: '番人の申告（要約と、署名つきの全文）',
  en: 'what the guard says of itself: its digest, and the signed whole',
}
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
  const named = (id: string) => {
    const client = inventory.clients.find((entry) => entry.id === id)!
    const boundBy = boundByOf(client, inventory.issuers.find((entry) => entry.id === client.issuer)!)
    return { key: boundBy !== 'certificate', certificate: boundBy !== 'key' }
  }
  const handshakes = (target: string, client: string, url: string): PlannedStep[] =>
    url.startsWith('https:') && handshakeProbes.some(wants)
      ? [{ target, client, probe: 'handshakes', says: bothVersions, requests: named(client).certificate ? 4 : 2 }]
      : []
  const issuerProbes = probes.filter((probe) => probe.owner === 'AS' && wants(probe))
  const apiProbes = probesAt('api').filter(wants)
  const steps = [
    ...inventory.clients.flatMap((client) =>
      client.ticket.from === 'pasted'
        ? []
        : [
            ...handshakes(client.issuer, client.id, ticketUrl(inventory, client, named(client.id).certificate)),
            ...issuerProbes
              .filter((probe) => fits(probe, named(client.id)) && hasPlaceFor(probe, client))
              .map((probe) => asked(probe, client.issuer, client.id, probe.id === 'AS3' ? 3 : 2)),
            ...pushedCodeForms
              .filter((probe) => wants(probe) && fits(probe, named(client.id)) && hasPlaceFor(probe, client))
              .map(() => asked(unnamedPush, client.issuer, client.id, 4)),
          ],
    ),
    ...inventory.apis.flatMap((api) => [
      { target: api.id, client: api.clients[0]!, probe: 'survey', says: survey, requests: surveyRequests + sharedControls(apiProbes) },
      ...handshakes(api.id, api.clients[0]!, api.url),
      ...api.clients.flatMap((client, i) =>
        apiProbes
          .filter((probe) => fits(probe, named(client)) && (i === 0 || decidingProbes.has(probe.id)))
          .map((probe) => asked(probe, api.id, client, i === 0 ? costOf(probe) : 2)),
      ),
      ...sequences()
        .filter((probe) => wants(probe) && fits(probe, named(api.clients[0]!)) && (!probe.perNode || api.nodes.length > 0))
        .map((probe) => asked(probe, api.id, api.clients[0]!, 2 + probe.requests * (probe.perNode ? api.nodes.length : 1))),
    ]),
    ...orderSteps(inventory, options),
    ...plannedCredentials(inventory, wants),
    ...guardSteps(inventory),
    ...plannedEndings(inventory),
  ]
  const mostPerPlace = options.pace?.requestsPerApi ?? inventory.pace.requestsPerApi ?? usualRequestsPerApi
  const places = [...Map.groupBy(steps, ({ target, client }) => JSON.stringify([target, client])).values()]
  const requests = Math.min(
    total(places.map((place) => Math.min(mostPerPlace, total(place.map((step) => step.requests))))),
    options.pace?.budget ?? inventory.pace.budget,
  )
  const rate = options.pace?.requestsPerSecond ?? inventory.pace.requestsPerSecond
  return { hosts: hostsOf(inventory), steps, requests, mostPerPlace, seconds: Math.ceil(requests / rate) }
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0)

/** With the good request after it, where it does not share one. */
function costOf(probe: EditProbe<'api'>): number {
  const uses = probe.sends === 'twice' ? 2 : typeof probe.sends === 'number' ? probe.sends : 1
  return uses + (standsAlone(probe) ? 1 : 0)
}

function sharedControls(asked: readonly EditProbe<'api'>[]): number {
  return Math.ceil(asked.filter((probe) => !standsAlone(probe)).length / groupSize)
}

function hostsOf(inventory: Inventory): string[] {
  const hosts = new Set(
    [
      ...inventory.issuers.flatMap(({ url, tokenEndpoint, mtlsTokenEndpoint }) => [url, tokenEndpoint, mtlsTokenEndpoint ?? url]),
      ...inventory.issuers.flatMap(({ ownApis }) => ownApis.map(({ url }) => url)),
      ...inventory.guards.map((guard) => guard.statement),
      ...inventory.otherCredentials.flatMap(({ worksAt }) => worksAt ?? []),
      ...inventory.apis.flatMap(({ url, tls, nodes }) => [
        url,
        tls.otherAddress ?? url,
        tls.sessionsApart ?? url,
        ...nodes.map((node) => atAddress(url, node).href),
      ]),
    ].map((url) => new URL(url).host),
  )
  return [...hosts]
}

function orderSteps({ apis }: Inventory, { depth, only }: Pick<ObserveOptions, 'depth' | 'only'>): PlannedStep[] {
  if (depth !== 'full' || only !== undefined) return []
  return apis.map(({ id, clients }) => ({ target: id, client: clients[0]!, probe: 'order', says: twoFaults, requests: orderRequests }))
}

function guardSteps({ guards, clients }: Inventory): PlannedStep[] {
  return guards.map(({ id, client = clients[0]!.id }) => ({
    target: `guard:${id}`,
    client,
    probe: 'statement',
    says: statement,
    requests: 4,
  }))
}

function ticketUrl({ issuers }: Inventory, { issuer }: ClientEntry, byCertificate: boolean): string {
  const { tokenEndpoint, mtlsTokenEndpoint } = issuers.find(({ id }) => id === issuer)!
  return (byCertificate && mtlsTokenEndpoint) || tokenEndpoint
}
