// The exchanges in their order: one strip for each place, and the table behind it.
import { type StripTick, strip } from 'look'
import type { Evidence, Observation } from '../../observation.ts'
import { answerLine } from '../exchange-text.ts'
import { placeOf } from '../places.ts'
import { roleTold } from '../role-words.ts'
import { html } from '../written-safely.ts'
import { drawing, h, type Markup, when } from './markup.ts'
import { phrase } from './phrases.ts'

type Language = 'ja' | 'en'

interface Lane {
  readonly name: string
  readonly exchanges: readonly Evidence[]
}

const mostLanes = 20
const mostExchanges = 400

/** More marks than this in one strip could not be told apart: neighbours share one. */
const mostTicks = 240

export function timelineSection(observation: Observation, language: Language): Markup {
  const { evidence } = observation
  const proofs = new Set(observation.findings.flatMap((finding) => finding.evidence))
  const states = statesOf(observation)
  const rows = fewLanes(lanesOf(observation, language), proofs, language).map(({ name, exchanges }) => {
    const tall = exchanges.filter(({ id }) => proofs.has(id)).length
    const counted = phrase(tall === 0 ? 'timelineLabel' : 'timelineProofs', language, { count: exchanges.length, proofs: tall })
    const ticks = exchanges.map(({ id }): StripTick => ({ state: states.get(id) ?? 'not-asked', tall: proofs.has(id) }))
    return h`<div class="lane"><span class="mono">${name}<span class="who">${counted}</span></span>${drawing(strip(thinned(ticks), html(`${name}: ${counted}`)))}</div>`
  })
  return h`<section><h2>${phrase('timeline', language)}</h2><p>${phrase('timelineLead', language)}</p>
${rows}
<details><summary>${phrase('allExchanges', language, { count: evidence.length })}</summary>${exchangeTable(evidence, language)}</details></section>`
}

/** What each exchange showed: the mutated one carries the verdict, the controls around it nothing. */
function statesOf({ issuers, apis }: Observation): ReadonlyMap<string, StripTick['state']> {
  const states = new Map<string, StripTick['state']>()
  for (const { verdict, evidence } of [...issuers, ...apis].flatMap(({ probes }) => probes)) {
    const middle = evidence.length > 2 ? evidence.slice(1, -1) : evidence
    const state = ({ holds: 'refused', violated: 'accepted', inconclusive: 'unclear', 'not-applicable': 'not-applicable' } as const)[
      verdict
    ]
    for (const id of middle) if (states.get(id) !== 'accepted') states.set(id, state)
  }
  return states
}

/** The places where a finding is, and as many others as one looks at; what remains shares one strip. */
function fewLanes(lanes: readonly Lane[], proofs: ReadonlySet<string>, language: Language): readonly Lane[] {
  if (lanes.length <= mostLanes) return lanes
  const proves = ({ exchanges }: Lane) => exchanges.some(({ id }) => proofs.has(id))
  const chosen = new Set([...lanes.filter(proves), ...lanes.filter((lane) => !proves(lane))].slice(0, mostLanes - 1))
  const rest = lanes.filter((lane) => !chosen.has(lane))
  const name = phrase('otherPlaces', language, { count: rest.length })
  return [...lanes.filter((lane) => chosen.has(lane)), { name, exchanges: rest.flatMap(({ exchanges }) => exchanges) }]
}

function lanesOf({ issuers, apis, evidence }: Observation, language: Language): readonly Lane[] {
  const laneOf = new Map<string, string>()
  for (const record of [...apis, ...issuers]) {
    const { kind, at, method } = placeOf(record)
    const name = kind === 'api' ? `${method} ${at} (${record.client})` : `${at} (${record.client})`
    for (const id of [...record.evidence, ...record.probes.flatMap((probe) => probe.evidence)]) if (!laneOf.has(id)) laneOf.set(id, name)
  }
  const grouped = Map.groupBy(evidence, ({ id }) => laneOf.get(id) ?? phrase('elsewhere', language))
  return [...grouped].map(([name, exchanges]) => ({ name, exchanges }))
}

const weight = { accepted: 4, unclear: 3, refused: 2, 'not-applicable': 1, 'not-asked': 0 } as const

/** Neighbours become one mark that shows the worst of them. */
function thinned(ticks: readonly StripTick[]): readonly StripTick[] {
  const size = Math.ceil(ticks.length / mostTicks)
  if (size <= 1) return ticks
  return Array.from({ length: Math.ceil(ticks.length / size) }, (_, index) => {
    const group = ticks.slice(index * size, (index + 1) * size)
    const [worst] = [...group].sort((a, b) => weight[b.state] - weight[a.state])
    return { state: worst!.state, tall: group.some(({ tall }) => tall) }
  })
}

function exchangeTable(evidence: readonly Evidence[], language: Language): Markup {
  const row = ({
    id,
    role,
    request,
    response,
  }: Evidence) => h`<tr><th scope="row"><span class="mono">${id}</span></th><td>${roleTold(role, language)}</td>
<td class="mono" data-label="${phrase('request', language)}">${request.method} ${request.url}${request.authorization.map(({ scheme }) => ` [${scheme}]`)}${request.proofs.map(() => ' [DPoP]')}</td>
<td class="mono" data-label="${phrase('answer', language)}">${answerLine(response)}</td></tr>`
  return h`<div class="wide"><table class="cards"><tbody>${evidence.slice(0, mostExchanges).map(row)}</tbody></table></div>
${when(evidence.length > mostExchanges, () => h`<p class="soft">${phrase('restOfExchanges', language, { count: mostExchanges })}</p>`)}`
}
