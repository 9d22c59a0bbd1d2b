// The four panels of the lab's page: issuer, APIs, holder and thief, and the wire. Pure: view in, HTML out, everything escaped.
import { html, raw } from 'hono/html'
import { type Language, stateMark, ticketSvg } from 'look'
import type { PlayedStep } from '../attack/play-attack.ts'
import { removableRules } from '../scenarios/rule-scenarios.ts'
import { word } from '../terminal/words.ts'
import { type ApiName, apiFronts, apiNames, issuerModes, makeWorld, type SwitchedWorld } from '../world/switches.ts'
import type { LabView } from './lab-state.ts'
import { type PageWord, say } from './page-words.ts'
import { demandOf, demands } from './read-switches.ts'

export type Markup = ReturnType<typeof html>

const selected = (yes: boolean) => (yes ? raw(' selected') : '')
const checked = (yes: boolean) => (yes ? raw(' checked') : '')

/** The switches shown: those of the lab, or the usual ones beside a scenario of the whole product. */
const switchesOf = ({ world }: LabView): SwitchedWorld => (world.plan === 'switched' ? world : makeWorld())

export function issuerPanel(view: LabView, language: Language): Markup {
  const world = switchesOf(view)
  const missing = view.world.without[0]
  const modes = issuerModes.map(
    (mode) => html`<label class="choice"><input type="radio" name="mode" value="${mode}" form="switches"${checked(world.mode === mode)}>
<span>${say(language, `mode.${mode}`)}</span></label>`,
  )
  const topics = Map.groupBy(removableRules(), ({ id }) => id.split('.', 1)[0]!)
  const rules = [...topics].map(
    ([topic, list]) =>
      html`<optgroup label="${topic}">${list.map(
        ({ id }) => html`<option value="${id}"${selected(id === missing)}>${id}</option>`,
      )}</optgroup>`,
  )
  return html`<section class="panel" aria-labelledby="issuer"><h2 id="issuer">${say(language, 'issuer.title')}</h2>
<p class="soft mono">${view.stage.issuerUrl}</p>
${view.world.plan !== 'switched' ? html`<p class="soft">${say(language, view.world.plan === 'house' ? 'issuer.house' : 'issuer.whole')}</p>` : ''}
<fieldset><legend>${say(language, 'issuer.mode')}</legend>${modes}</fieldset>
<label for="rule">${say(language, 'issuer.rule')}</label>
<select id="rule" name="rule" form="switches"><option value="">${say(language, 'issuer.no-rule')}</option>${rules}</select>
<p class="actions"><button class="plain" form="switches">${say(language, 'switch.apply')}</button></p>
</section>`
}

const privileges = { admin: 'high', payments: 'high', orders: 'mid', graphql: 'mid', batch: 'mid' } as const

export function apiPanel(view: LabView, language: Language): Markup {
  if (view.world.plan !== 'switched') return wholeApis(view, language)
  const world = switchesOf(view)
  const rows = apiNames.map((id) => {
    const api = world.apis.find((one) => one.id === id)!
    const demand = demandOf(world, id)
    const options = (kind: 'demand' | 'front', values: readonly string[], current: string) =>
      values.map(
        (value) => html`<option value="${value}"${selected(value === current)}>${say(language, `${kind}.${value}` as PageWord)}</option>`,
      )
    return html`<li><div class="api"><strong class="mono">/${id}</strong> <span class="soft">${say(language, `privilege.${privileges[id]}`)}</span>
${stateOf(view, id, language)}</div>
<div class="pair"><div><label for="demand-${id}">${say(language, 'api.demand')}</label>
<select id="demand-${id}" name="demand.${id}" form="switches">${options('demand', demands, demand)}</select></div>
<div><label for="front-${id}">${say(language, 'api.front')}</label>
<select id="front-${id}" name="front.${id}" form="switches">${options('front', apiFronts, api.front)}</select></div></div></li>`
  })
  return html`<section class="panel" aria-labelledby="apis"><h2 id="apis">${say(language, 'api.title')}</h2>
<p class="soft mono">${view.stage.apiUrl}</p>
<form id="switches" method="post" action="/switch"><ul class="rows">${rows}</ul>
<p class="actions"><button class="plain">${say(language, 'switch.apply')}</button></p></form></section>`
}

/** The APIs of the whole product: there is nothing to switch. */
function wholeApis({ stage }: LabView, language: Language): Markup {
  const rows = stage.inventory.apis.map(
    ({ url, method, privilege }) =>
      html`<li><div class="api"><strong class="mono">${method} ${new URL(url).pathname}</strong> <span class="soft">${say(language, `privilege.${privilege}`)}</span></div></li>`,
  )
  return html`<section class="panel" aria-labelledby="apis"><h2 id="apis">${say(language, 'api.title')}</h2>
<p class="soft mono">${stage.apiUrl}</p><ul class="rows">${rows}</ul>
<form id="switches" method="post" action="/switch"></form></section>`
}

/** What thefts at this API came to so far. */
function stateOf({ played }: LabView, id: ApiName, language: Language): Markup {
  const tried = played.filter(({ step }) => step.who === 'thief' && 'api' in step && step.api === id)
  const state = tried.length === 0 ? 'untried' : tried.some(({ passed }) => passed) ? 'stolen' : 'kept'
  const mark = { untried: 'not-asked', stolen: 'accepted', kept: 'refused' } as const
  return html`<span class="state ${state}">${raw(stateMark(mark[state]))} ${say(language, `api.${state}`)}</span>`
}

const holderMoves = ['get-ticket', 'use-ticket', 'sign-out', 'use-revoked'] as const
const thiefMoves = [
  'ticket-alone',
  'ticket-without-proof',
  'proof-by-own-key',
  'proof-that-is-none',
  'same-proof-again',
  'proof-of-other-api',
  'no-ticket',
] as const
const certificateMoves = ['ticket-alone', 'other-certificate', 'certificate-in-header', 'no-ticket'] as const

export function peoplePanel(view: LabView, language: Language): Markup {
  const { running } = view.stage
  if (running === undefined) return byHandPanel(view, language)
  const last = view.played.findLast(({ step }) => 'client' in step)?.step
  const [client, api] = last && 'client' in last ? [last.client, last.api] : [running.world.clients[0]!, 'admin' as const]
  const moves = (who: 'holder' | 'thief', list: readonly string[]) =>
    list.map(
      (move) => html`<button class="small ${who}" name="move" value="${who}:${move}">${say(language, `move.${move}` as PageWord)}</button>`,
    )
  return html`<section class="panel" aria-labelledby="people"><h2 id="people">${say(language, 'people.title')}</h2>
${ticketOf(view.played, language)}
<form method="post" action="/move"><div class="pair"><div><label for="client">${say(language, 'people.client')}</label>
<select id="client" name="client">${running.world.clients.map(
    (one) => html`<option value="${one}"${selected(one === client)}>${say(language, `client.${one}`)}</option>`,
  )}</select></div><div><label for="api">${say(language, 'people.api')}</label>
<select id="api" name="api">${running.places.map(({ id }) => html`<option value="${id}"${selected(id === api)}>/${id}</option>`)}</select></div></div>
<h3>${say(language, 'people.holder')}</h3><div class="moves">${moves('holder', holderMoves)}</div>
<h3>${say(language, 'people.thief')}</h3><div class="moves">${moves('thief', running.world.mode === 'mtls' ? certificateMoves : thiefMoves)}</div></form></section>`
}

/** From the whole product to a lab with holder and thief, with the same rule missing. */
function byHandPanel({ world }: LabView, language: Language): Markup {
  if (world.plan === 'house')
    return html`<section class="panel" aria-labelledby="people"><h2 id="people">${say(language, 'people.title')}</h2>
<p>${say(language, 'people.observer-asks')}</p></section>`
  return html`<section class="panel" aria-labelledby="people"><h2 id="people">${say(language, 'people.title')}</h2>
<p>${say(language, 'people.observer-plays')}</p>
<form method="post" action="/switch"><input type="hidden" name="mode" value="dpop"><input type="hidden" name="rule" value="${world.without[0] ?? ''}">
<p class="actions"><button class="plain">${say(language, 'people.by-hand')}</button></p></form></section>`
}

function ticketOf(played: readonly PlayedStep[], language: Language): Markup {
  const got = played.findLast(({ step, passed }) => 'move' in step && step.move === 'get-ticket' && passed)
  if (got?.ticket === undefined) return html`<p class="soft">${say(language, 'people.no-ticket')}</p>`
  const client = 'client' in got.step ? got.step.client : ''
  return html`<figure class="ticket">${raw(ticketSvg(got.ticket, language, say(language, 'people.ticket', { client })))}</figure>`
}

export function wirePanel({ played }: LabView, language: Language): Markup {
  const items = played.map((one, index) => stepItem(one, index === played.length - 1, language))
  return html`<section class="panel wire" aria-labelledby="wire" aria-live="polite"><h2 id="wire">${say(language, 'wire.title')}</h2>
${played.length === 0 ? html`<p class="soft">${say(language, 'wire.empty')}</p>` : html`<ol class="steps">${items}</ol>`}
<p class="soft">${say(language, 'wire.lab')}</p></section>`
}

function stepItem({ step, says, passed, exchanges, audit }: PlayedStep, last: boolean, language: Language): Markup {
  const kind = `${step.who}-${passed ? 'passed' : 'refused'}` as const
  const events = audit.map(({ event, mode, rule }) => [event, mode, rule].filter(Boolean).join(' '))
  return html`<li class="${kind}"${last ? raw(' id="last"') : ''}><p>${says[language]} <strong class="badge">${word(language, 'probe' in step ? `attack.probe-${passed ? 'passed' : 'refused'}` : `attack.${kind}`)}</strong></p>
${events.length === 0 ? '' : html`<ul class="events">${events.map((event) => html`<li class="mono">${event}</li>`)}</ul>`}
${
  exchanges.length === 0
    ? ''
    : html`<details${last ? raw(' open') : ''}><summary>${say(language, 'wire.show', { count: exchanges.length })}</summary>${exchanges.map(
        ({ label, request, answer, status }) =>
          html`${label === undefined ? '' : html`<p class="soft label mono">${label}</p>`}<pre class="sent">${request.join('\n')}</pre><pre class="${status < 300 ? 'good' : 'bad'}">${answer.join('\n')}</pre>`,
      )}</details>`
}</li>`
}
