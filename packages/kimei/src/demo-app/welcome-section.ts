// What a person sees before signing in: the two kinds of ticket side by side, and the way to get one.
import { ticketSvg } from 'look'
import type { Demo } from './app.ts'
import { drawing, element } from './elements.ts'

export async function welcomeSection(demo: Demo): Promise<HTMLElement> {
  const { say, language, session } = demo
  const result = element('div', { class: 'result', 'aria-live': 'polite' })
  const button = element('button', { type: 'button', id: 'sign-in' }, say('sign-in'))
  button.addEventListener('click', () =>
    demo.run(button, result, async () => {
      const { url } = await session.begin({ uiLocales: language })
      location.assign(url)
    }),
  )
  const { jkt } = await session.key()
  const title = say('ticket.title')
  return element(
    'section',
    { class: 'card' },
    element('p', {}, say('lead')),
    element(
      'div',
      { class: 'compare' },
      element('figure', {}, element('figcaption', {}, say('compare.bearer')), drawing(ticketSvg({ kind: 'bearer' }, language, title))),
      element(
        'figure',
        {},
        element('figcaption', {}, say('compare.named')),
        drawing(ticketSvg({ kind: 'named', thumbprint: jkt }, language, title)),
      ),
    ),
    element('p', { class: 'soft' }, say('compare.key')),
    element('div', { class: 'buttons' }, button),
    element('p', { class: 'soft last' }, say('sign-in-note')),
    result,
  )
}
