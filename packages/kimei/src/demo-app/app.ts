// The demo app: sign in, look at the ticket, use it, steal it. Runs in a browser, on an origin of its own.
import { createSession, isHolderError, openDevice, type Session, type Ticket } from '@kimei/client'
import type { Language } from 'look'
import { element } from './elements.ts'
import { keySection, stealSection, ticketSection, useSection } from './sections.ts'
import { pickLanguage, type TextKey, text } from './texts.ts'
import { welcomeSection } from './welcome-section.ts'
import { tapWire, type WireTap } from './wire-tap.ts'

const { issuer = '', api = '', clientId = '' } = document.documentElement.dataset
const languageSlot = 'kimei-demo-language'

/** What the sections share. */
export interface Demo {
  readonly language: Language
  readonly session: Session
  readonly tap: WireTap
  /** Base URL of the API. */
  readonly api: string
  say(key: TextKey, names?: Readonly<Record<string, string | number>>): string
  /** Runs what a button does: the button waits, and trouble is told in `result`. */
  run(button: HTMLButtonElement, result: HTMLElement, work: () => Promise<void>): Promise<void>
  redraw(): Promise<void>
}

const signInErrors: Readonly<Record<string, TextKey>> = {
  'holder.sign-in-is-granted': 'error.denied',
  'holder.state-is-ours': 'error.callback',
  'holder.iss-is-ours': 'error.callback',
  'holder.key-has-a-home': 'error.home',
  'holder.session-lives': 'error.ended',
}

function errorBox(language: Language, error: unknown): HTMLElement {
  const network = error instanceof TypeError
  const key = isHolderError(error) ? (signInErrors[error.code] ?? 'error.other') : network ? 'error.issuer' : 'error.other'
  const code = isHolderError(error) ? error.code : undefined
  return element(
    'div',
    { class: 'message bad', role: 'alert' },
    element('p', {}, element('strong', {}, text(language, 'error.heading'))),
    element('p', {}, text(language, key)),
    code === undefined ? undefined : element('p', {}, element('code', {}, code)),
  )
}

function frame(language: Language): void {
  document.documentElement.lang = language
  document.title = `${text(language, 'title')} — Kimei`
  const link = (to: Language, label: string): HTMLElement =>
    element('a', { href: `/?lang=${to}`, lang: to, 'aria-current': to === language ? 'true' : undefined }, label)
  document.querySelector('nav.languages')?.replaceChildren(link('ja', '日本語'), ' ', link('en', 'English'))
  document.querySelector('footer.site')?.replaceChildren(element('span', {}, text(language, 'footer')))
}

async function draw(demo: Demo, ticket: Ticket | undefined, name: string | undefined, trouble?: HTMLElement): Promise<void> {
  const sections =
    ticket === undefined
      ? [await welcomeSection(demo)]
      : [ticketSection(demo, ticket, name), keySection(demo), useSection(demo), stealSection(demo)]
  const heading = element('h1', {}, demo.say('title'))
  document.querySelector('main')?.replaceChildren(heading, ...(trouble ? [trouble] : []), ...sections)
}

/** Finishes a sign-in that has just come back, and takes code and state out of the address bar and the history. */
async function finish(session: Session): Promise<void> {
  if (location.pathname !== '/callback') return
  const callback = location.href
  history.replaceState(null, '', '/')
  await session.complete(callback)
}

async function greetingName(session: Session): Promise<string | undefined> {
  try {
    const name = (await session.profile()).claims['name']?.value
    return typeof name === 'string' ? name : undefined
  } catch {
    return undefined
  }
}

async function start(): Promise<void> {
  const asked = new URLSearchParams(location.search).get('lang')
  const language = pickLanguage(asked, localStorage.getItem(languageSlot), navigator.languages)
  if (asked !== null) localStorage.setItem(languageSlot, language)
  frame(language)
  const tap = tapWire(new URL(api).origin, (input, init) => fetch(input, init))
  try {
    const session = createSession({
      issuer,
      clientId,
      redirectUri: `${location.origin}/callback`,
      scopes: ['openid', 'profile', 'notes:read', 'notes:write'],
      purposes: { greeting: ['name'] },
      device: await openDevice({ database: 'kimei-demo' }),
      fetch: tap.fetch,
    })
    const demo: Demo = {
      language,
      session,
      tap,
      api,
      say: (key, names) => text(language, key, names),
      async run(button, result, work) {
        button.disabled = true
        result.replaceChildren(element('p', { class: 'soft' }, text(language, 'busy')))
        try {
          await work()
        } catch (error) {
          result.replaceChildren(errorBox(language, error))
        } finally {
          button.disabled = false
        }
      },
      async redraw() {
        const ticket = await session.ticket()
        await draw(demo, ticket, ticket && (await greetingName(session)))
      },
    }
    let trouble: HTMLElement | undefined
    await finish(session).catch((error: unknown) => {
      trouble = errorBox(language, error)
    })
    const ticket = trouble ? undefined : await session.ticket()
    await draw(demo, ticket, ticket && (await greetingName(session)), trouble)
  } catch (error) {
    document.querySelector('main')?.replaceChildren(element('h1', {}, text(language, 'title')), errorBox(language, error))
  }
}

await start()
