// The lab's page on loopback: routes, what may be posted, and the headers that keep everybody else out.
import { Misuse } from '@kimei/protocol'
import { listen } from '@kimei/server'
import { Hono } from 'hono'
import { chooseLanguage, icon, type Language } from 'look'
import { findScenario } from '../scenarios/catalogue.ts'
import type { MoveStep, Scenario, World } from '../scenarios/scenario.ts'
import type { Stage } from '../scenarios/start-stage.ts'
import { type ApiName, makeWorld } from '../world/switches.ts'
import { type LabState, openLabState } from './lab-state.ts'
import { labScript, labStylesheet } from './page-style.ts'
import { readSwitchForm } from './read-switches.ts'
import { renderLabPage } from './render-page.ts'

export interface LabPage {
  readonly url: string
  /** The lab that runs now. */
  stage(): Stage
  close(): Promise<void>
}

export interface LabPageOptions {
  /** 0 takes any free port. */
  readonly port: number
  readonly scenario?: Scenario
  readonly world?: World
}

const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

export async function openLabPage({ port, scenario, world }: LabPageOptions): Promise<LabPage> {
  const state = await openLabState(scenario ? { scenario } : { world: world ?? makeWorld() })
  let host = ''
  const app = pageApp(state, () => host)
  const door = await listen({ fetch: (request) => app.fetch(request) }, { host: '127.0.0.1', port })
  host = new URL(door.url).host
  return {
    url: `${door.url}/`,
    stage: () => state.view().stage,
    async close() {
      await door.close()
      await state.close()
    },
  }
}

function pageApp(state: LabState, ownHost: () => string): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    const { host } = new URL(context.req.url)
    const origin = context.req.header('origin')
    // A name that leads here from elsewhere, or a form of another page, moves nothing.
    const own = host === ownHost() && (context.req.method === 'GET' || origin === `http://${host}`)
    if (!own) return context.text('This page is for this machine alone.\n', 403)
    await next()
    context.header('Content-Security-Policy', policy)
    context.header('X-Content-Type-Options', 'nosniff')
    context.header('Referrer-Policy', 'same-origin')
    context.header('Cache-Control', 'no-store')
    context.header('Kimei-Lab', 'page')
  })
  app.get('/lab.css', (context) => context.body(labStylesheet, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  app.get('/lab.js', (context) => context.body(labScript, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }))
  app.get('/icon.svg', (context) => context.body(icon, 200, { 'Content-Type': 'image/svg+xml' }))
  app.get('/', (context) => {
    const language = languageOf(context.req.raw)
    const asked = new URL(context.req.url).searchParams.get('lang')
    if (asked !== null) context.header('Set-Cookie', `lab-lang=${language}; Path=/; SameSite=Strict; Max-Age=31536000`)
    return context.html(renderLabPage(state.view(), language))
  })
  app.post('/:act', async (context) => {
    const form = new URLSearchParams(await context.req.text())
    const language = languageOf(context.req.raw)
    try {
      if (!(await act(state, context.req.param('act'), form))) return context.text('Not found\n', 404)
    } catch (error) {
      if (!(error instanceof Misuse)) throw error
      return context.html(renderLabPage(state.view(), language, error.mistakes), 422)
    }
    return context.redirect(/^(?:attack|move)$/.test(context.req.param('act')) ? '/#last' : '/', 303)
  })
  return app
}

/** `false`: no such act. */
async function act(state: LabState, name: string, form: URLSearchParams): Promise<boolean> {
  switch (name) {
    case 'scenario': {
      const scenario = findScenario(form.get('scenario') ?? '')
      if (scenario) await state.start({ scenario })
      return true
    }
    case 'switch':
      await state.start({ world: readSwitchForm(form) })
      return true
    case 'attack':
      await state.play(state.view().scenario?.attack ?? [])
      return true
    case 'move':
      await state.play([readMove(state, form)])
      return true
    case 'mend':
      await state.mend()
      return true
    case 'ask':
      await state.ask()
      return true
    default:
      return false
  }
}

const moves =
  /^(?:holder:(?:get-ticket|use-ticket|sign-out|use-revoked)|thief:(?:no-ticket|ticket-alone|ticket-without-proof|proof-by-own-key|proof-that-is-none|same-proof-again|proof-of-other-api|other-certificate|certificate-in-header))$/

/** @throws Misuse for what no button says. */
function readMove(state: LabState, form: URLSearchParams): MoveStep {
  const { running } = state.view().stage
  const move = form.get('move') ?? ''
  const client = running?.world.clients.find((one) => one === form.get('client'))
  const place = running?.places.find(({ id }) => id === form.get('api'))
  if (!moves.test(move) || client === undefined || place === undefined) throw new Misuse([`no such move here: ${move.slice(0, 60)}`])
  const [who, name] = move.split(':')
  const inside = place.boundary === 'internal' ? { inside: true } : {}
  // What a person tries by hand has no right or wrong outcome.
  return { who, move: name, client, api: place.api satisfies ApiName, ...inside, passes: true } as MoveStep
}

function languageOf(request: Request): Language {
  const asked = new URL(request.url).searchParams.get('lang')
  const chosen = /(?:^|;\s*)lab-lang=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1]
  return chooseLanguage({ chosen: asked ?? chosen, acceptLanguage: request.headers.get('accept-language') })
}
