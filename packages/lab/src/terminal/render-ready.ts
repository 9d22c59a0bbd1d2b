// What is said when a lab is up, and when a theft is over.
import { columns } from 'look'
import type { Scenario } from '../scenarios/scenario.ts'
import { type Look, renderMend } from './render.ts'
import { word } from './words.ts'

export interface Ready {
  readonly page: string
  readonly issuer: string
  readonly api: string
  /** How the person calls us. */
  readonly command: string
  readonly scenario: Scenario | undefined
  /** A file that was written for the observer. */
  readonly inventory: string | undefined
  /** Whether clients stay out of that file because a person signs in to them. */
  readonly signsIn: boolean
}

export function renderReady({ page, issuer, api, command, scenario, inventory, signsIn }: Ready, { language, paint }: Look): string {
  const steps: [string, string][] = [[word(language, 'ready.page'), page]]
  if (scenario) steps.push([word(language, 'ready.attack'), `${command} lab attack ${scenario.id}`])
  // Over TLS the lab's own authority signs, which no other program on the machine knows.
  if (api.startsWith('http:')) steps.push([word(language, 'ready.curl'), `curl -i ${api}/admin`])
  if (inventory !== undefined) steps.push([word(language, 'ready.observe'), `${command} observe ${inventory} --full`])
  if (inventory !== undefined && signsIn && scenario)
    steps.push([word(language, 'ready.grade'), `${command} lab grade --only ${scenario.id}`])
  return [
    paint('bold', word(language, 'ready.title')),
    ...(scenario ? [scenario.title[language]] : []),
    '',
    columns([
      [word(language, 'ready.issuer'), issuer],
      ['API', api],
    ]),
    '',
    word(language, 'ready.try'),
    '',
    columns(steps.map(([says, what]) => [says, paint('cyan', what)])),
    '',
    paint('dim', word(language, 'ready.stop')),
    '',
  ].join('\n')
}

export function renderEnding(
  scenario: Scenario,
  { stolen, mended }: { readonly stolen: boolean; readonly mended: boolean },
  look: Look,
): string {
  const { language, paint } = look
  // What the observer asks is no theft yet: it shows what one would find.
  const asked = scenario.attack.every((step) => 'probe' in step)
  const words = asked ? (['ending.open', 'ending.holds'] as const) : (['ending.stolen', 'ending.kept'] as const)
  const end = paint(stolen ? 'red' : 'green', word(language, words[stolen ? 0 : 1]))
  return mended || scenario.kind === 'setup' ? end : `${end}\n\n${renderMend(scenario, look)}`
}
