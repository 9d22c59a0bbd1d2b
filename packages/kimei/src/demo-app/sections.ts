// The four sections that a signed-in person sees: the ticket, its key, its use, its theft.
import type { Ticket } from '@kimei/client'
import { catalogue, wireSentence } from '@kimei/protocol'
import { stampOf, ticketSvg } from 'look'
import type { Demo } from './app.ts'
import { drawing, element } from './elements.ts'
import { scopeWords } from './texts.ts'
import { type Theft, tryThefts } from './thefts.ts'
import type { Tapped } from './wire-tap.ts'

function actionButton(demo: Demo, id: string, label: string, result: HTMLElement, work: () => Promise<void>, look = ''): HTMLButtonElement {
  const button = element('button', { type: 'button', id, class: look }, label)
  button.addEventListener('click', () => demo.run(button, result, work))
  return button
}

function resultBox(id: string): HTMLElement {
  return element('div', { class: 'result', id, 'aria-live': 'polite' })
}

export function ticketSection(demo: Demo, ticket: Ticket, name: string | undefined): HTMLElement {
  const { say } = demo
  const result = resultBox('ticket-result')
  const renew = actionButton(
    demo,
    'renew',
    say('ticket.renew'),
    result,
    async () => {
      await demo.session.renew()
      await demo.redraw()
      document.querySelector('#ticket-result')?.replaceChildren(element('p', {}, say('ticket.renewed')))
    },
    'plain',
  )
  const leave = actionButton(
    demo,
    'sign-out',
    say('sign-out'),
    result,
    async () => {
      await demo.session.signOut()
      await demo.redraw()
    },
    'plain',
  )
  const time = new Intl.DateTimeFormat(demo.language, { timeStyle: 'medium' })
  const row = (label: string, value: Node | string): HTMLElement[] => [element('dt', {}, label), element('dd', {}, value)]
  return element(
    'section',
    { class: 'card', id: 'ticket' },
    element('h2', {}, say('ticket.heading')),
    name === undefined ? undefined : element('p', { id: 'greeting' }, say('ticket.greeting', { name })),
    element(
      'div',
      { class: 'ticket-row' },
      drawing(ticketSvg({ kind: 'named', thumbprint: ticket.jkt }, demo.language, say('ticket.title'))),
      element(
        'dl',
        {},
        ...row(say('ticket.scopes'), scopeList(demo, ticket.scopes)),
        ...(ticket.expiresAt === undefined ? [] : row(say('ticket.expires'), time.format(ticket.expiresAt * 1_000))),
        ...row(say('ticket.issuer'), ticket.issuer),
        ...row(say('ticket.key'), element('code', { id: 'jkt', title: stampOf(ticket.jkt ?? '') }, ticket.jkt ?? '')),
      ),
    ),
    element('div', { class: 'buttons' }, ticket.renewable ? renew : undefined, leave),
    result,
  )
}

function scopeList({ language }: Demo, scopes: readonly string[]): HTMLElement {
  return element('ul', { class: 'none' }, ...scopes.map((scope) => element('li', { title: scope }, scopeWords(language, scope))))
}

export function keySection(demo: Demo): HTMLElement {
  const { say } = demo
  const result = resultBox('key-result')
  const attempt = actionButton(demo, 'take-key', say('key.try'), result, async () => {
    const { privateKey } = await demo.session.key()
    const [verdict, words] = await crypto.subtle.exportKey('jwk', privateKey).then(
      () => ['key.came-out', ''] as const,
      (error: Error) => ['key.refused', `${error.name}: ${error.message}`] as const,
    )
    result.replaceChildren(
      element('p', { class: 'verdict' }, say(verdict)),
      element('div', { class: 'exchange' }, element('pre', {}, `crypto.subtle.exportKey('jwk', privateKey)\n→ ${words}`)),
    )
  })
  return element(
    'section',
    { class: 'card', id: 'key' },
    element('h2', {}, say('key.heading')),
    element('p', {}, say('key.text')),
    element('div', { class: 'buttons' }, attempt),
    result,
  )
}

export function useSection(demo: Demo): HTMLElement {
  const { say } = demo
  const result = resultBox('use-result')
  const call = async (init?: RequestInit): Promise<void> => {
    const response = await demo.session.fetch(new URL('notes', demo.api), init)
    result.replaceChildren(exchange(demo, demo.tap.last(), response, await response.text()))
  }
  const write = (): Promise<void> => {
    const note = say('use.note', { time: new Intl.DateTimeFormat(demo.language, { timeStyle: 'medium' }).format(new Date()) })
    return call({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text: note }) })
  }
  return element(
    'section',
    { class: 'card', id: 'use' },
    element('h2', {}, say('use.heading')),
    element('p', {}, say('use.text')),
    element(
      'div',
      { class: 'buttons' },
      actionButton(demo, 'read', say('use.read'), result, () => call()),
      actionButton(demo, 'write', say('use.write'), result, write, 'plain'),
    ),
    result,
  )
}

function exchange({ say }: Demo, sent: Tapped | undefined, response: Response, body: string): HTMLElement {
  const short = (value: string): string => (value.length > 44 ? `${value.slice(0, 40)}…` : value)
  return element(
    'div',
    { class: 'exchange' },
    element('h3', {}, say('use.sent')),
    sent && element('pre', {}, `${sent.method} ${sent.url}\nAuthorization: ${short(sent.authorization)}\nDPoP: ${short(sent.proof)}`),
    element('h3', {}, say('use.proof')),
    sent && element('pre', {}, proofClaims(sent.proof)),
    element('h3', {}, say('use.answered')),
    element('pre', { id: 'answer' }, `${response.status}\n${readable(body)}`),
  )
}

/** The proof is ours to read; the access token is not. */
function proofClaims(proof: string): string {
  const base64 = (proof.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
  return readable(new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))))
}

function readable(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    return json
  }
}

export function stealSection(demo: Demo): HTMLElement {
  const { say } = demo
  const result = resultBox('steal-result')
  const steal = actionButton(demo, 'steal', say('steal.try'), result, async () => {
    // The thief needs something on the wire to pick up.
    await (await demo.session.fetch(new URL('notes', demo.api))).text()
    const stolen = demo.tap.last()
    if (stolen === undefined) return
    const thefts = await tryThefts(stolen, (input, init) => fetch(input, init))
    const admitted = thefts.filter((theft) => theft.admitted).length
    result.replaceChildren(
      element(
        'p',
        { class: 'verdict', id: 'steal-verdict' },
        admitted === 0 ? say('steal.all-refused', { count: thefts.length }) : say('steal.some-admitted', { count: admitted }),
      ),
      element('ul', { class: 'thefts' }, ...thefts.map((theft) => theftItem(demo, theft))),
    )
  })
  return element(
    'section',
    { class: 'card', id: 'theft' },
    element('h2', {}, say('steal.heading')),
    element('p', {}, say('steal.text')),
    element('div', { class: 'buttons' }, steal),
    result,
  )
}

function theftItem({ say }: Demo, theft: Theft): HTMLElement {
  const rule = ruleSaying(theft.sentence)
  const fold = [`${theft.status} ${theft.error ?? ''}`.trim(), theft.sentence, rule].filter((line) => line !== undefined)
  return element(
    'li',
    { class: theft.admitted ? 'admitted' : 'refused', 'data-theft': theft.name },
    element('p', { class: 'mark' }, theft.admitted ? `✗ ${say('steal.admitted')}` : `✓ ${say('steal.refused')}`),
    element(
      'div',
      {},
      element('p', {}, element('strong', {}, say(`theft.${theft.name}`))),
      theft.admitted ? undefined : element('p', { class: 'soft' }, say(`theft.${theft.name}.why`)),
      element('details', {}, element('summary', {}, say('steal.rule')), ...fold.map((line) => element('p', {}, element('code', {}, line)))),
    ),
  )
}

/** The API says the rule's own sentence; the law knows its name and where it comes from. */
function ruleSaying(sentence: string | undefined): string | undefined {
  if (sentence === undefined) return undefined
  for (const [id, rule] of catalogue) if (wireSentence(rule.says) === sentence) return `${id} (${rule.cite})`
  return undefined
}
