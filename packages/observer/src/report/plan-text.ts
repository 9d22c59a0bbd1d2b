// The plan of a dry run as text: which hosts, how many requests to each place, what is tried. The same tried at many places is said once.
import type { Text } from '@kimei/protocol'
import type { ReportOptions } from '../observation.ts'
import type { ObservationPlan } from '../run/plan.ts'
import { lineWidth, rows, wrapped, wrappedRows } from './columns.ts'
import { painter } from './paint.ts'
import { head } from './words.ts'

const words = {
  places: { ja: '場所ごとの要求の数（多くて）', en: 'Requests to each place, at the most' },
  tried: { ja: '試すこと', en: 'What is tried' },
  by: { ja: 'クライアント', en: 'as' },
  on: { ja: '対象', en: 'at' },
  and: {
    ja: '前後に正しい要求を送り、いつもどおり通ることを確かめます。',
    en: 'Before and after each, a good request shows that all is as it was.',
  },
  ends: {
    ja: '不調の答え（429、5xx）や無応答が三回続いた相手には、そこでやめ、残りを続けます。少し待ってほしいと言われれば（Retry-After）、決めた長さまで待ちます。',
    en: 'Whoever answers 429 or 5xx, or not at all, three times in a row is asked no further; the rest goes on. Who asks for rest (Retry-After) gets it, within bounds.',
  },
} as const satisfies Record<string, Text>

export function renderPlan(plan: ObservationPlan, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const width = lineWidth(options)
  const paint = painter(options.colour)
  const of = (name: Parameters<typeof head>[0]) => head(name, language)
  const places = [...Map.groupBy(plan.steps, ({ target, client }) => JSON.stringify([target, client])).values()]
  const lists = [...Map.groupBy(places, (steps) => steps.map(({ probe }) => probe).join(' ')).values()]
  const lines = [
    paint('bold', of('plan')),
    ...wrappedRows(
      [
        [of('hosts'), plan.hosts.join(' ')],
        [of('requests'), `≤ ${plan.requests}`],
        [of('seconds'), String(plan.seconds)],
      ],
      width,
    ),
    '',
    paint('bold', words.places[language]),
    ...rows(
      places.map((steps) => [
        steps[0]!.target,
        `${words.by[language]} ${steps[0]!.client}`,
        String(
          Math.min(
            plan.mostPerPlace,
            steps.reduce((sum, { requests }) => sum + requests, 0),
          ),
        ),
      ]),
    ),
    ...lists.flatMap((same) => [
      '',
      ...wrapped(
        `${words.tried[language]} (${words.on[language]} ${[...new Set(same.map(([first]) => first!.target))].join(', ')})`,
        width,
        '',
      ).map((line) => paint('bold', line)),
      ...wrappedRows(
        same[0]!.map(({ probe, says }) => [probe, says[language]]),
        width,
      ),
    ]),
    '',
    ...wrapped(words.and[language], width, ''),
    ...wrapped(words.ends[language], width, ''),
  ]
  return `${lines.join('\n')}\n`
}
