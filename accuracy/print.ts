// The figures as text: one line per control, the rows where truth and observer differ, and the closing figures.
import type { MostRequests } from './judge-target.ts'
import { confusionOf, isAccurate, type Judged, scoreOf } from './score.ts'

export interface Figures {
  readonly judged: readonly Judged[]
  readonly targets: readonly string[]
  /** Which were left out, because something of the machine is missing. */
  readonly leftOut: readonly { readonly target: string; readonly missing: readonly string[] }[]
  /** Which could not be run, though nothing was missing. */
  readonly faults: readonly { readonly target: string; readonly fault: string }[]
  /** Which were not reached, because somebody ended the run. */
  readonly notRun: readonly string[]
  readonly requests: MostRequests
  /** Where an API was asked more often than the limits allow. */
  readonly tooOften: readonly { readonly target: string; readonly requests: MostRequests }[]
}

/** How often one API may be asked, at most. */
const limits: MostRequests = { whole: 40, known: 6 }

export function isGentle({ whole, known }: MostRequests): boolean {
  return whole <= limits.whole && known <= limits.known
}

export function isGood({ judged, targets, faults, notRun, requests }: Figures): boolean {
  return targets.length > 0 && faults.length + notRun.length === 0 && isGentle(requests) && isAccurate(scoreOf(judged))
}

const percent = (share: number) => share.toFixed(3)

export function renderAccuracy(figures: Figures): string {
  const { judged, targets, leftOut, faults, notRun, requests, tooOften } = figures
  const groups = [...Map.groupBy(judged, ({ control }) => control)].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  const rows = groups.map(([control, own]) => {
    const { hit, alarm, miss, right, unasked, silent, unfounded, precision, recall } = scoreOf(own)
    return [control, hit, alarm, miss, right, unasked, silent, unfounded, percent(precision), percent(recall)].map(String)
  })
  const whole = scoreOf(judged)
  const confusion = confusionOf(judged).map(({ target, place, control, actual, said, why }) => [target, place, control, actual, said, why])
  return [
    table([['control', 'hits', 'alarms', 'misses', 'right', 'unasked', 'silent', 'unfounded', 'precision', 'recall'], ...rows]),
    '',
    confusion.length === 0
      ? 'Nothing was said otherwise than it is.'
      : table([['target', 'place', 'control', 'is', 'said', 'why'], ...confusion]),
    '',
    ...faults.map(({ target, fault }) => `could not be run: ${target}: ${fault}`),
    ...leftOut.map(({ target, missing }) => `left out: ${target} (not on this machine: ${missing.join(', ')})`),
    ...(notRun.length > 0 ? [`ended early: ${notRun.length} targets were not run`] : []),
    ...tooOften.map(({ target, requests: { whole, known } }) => `asked too often: ${target} (${whole}, ${known} where known)`),
    `${targets.length} targets, ${judged.length} statements`,
    `at most ${requests.whole} requests to one API, ${requests.known} for each further client and where its guard was known`,
    `precision ${percent(whole.precision)}, recall ${percent(whole.recall)}`,
  ].join('\n')
}

/** Numbers to the right, words to the left. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const numeric = rows[0]!.map((_, column) => rows.slice(1).every((row) => /^[\d.]+$/.test(row[column]!)))
  const cell = (text: string, column: number) => (numeric[column] ? text.padStart(widths[column]!) : text.padEnd(widths[column]!))
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n')
}

export function accuracyJson(figures: Figures): string {
  const { precision, recall } = scoreOf(figures.judged)
  const controls = [...Map.groupBy(figures.judged, ({ control }) => control)].map(([control, own]) => ({ control, ...scoreOf(own) }))
  return JSON.stringify({
    precision,
    recall,
    targets: figures.targets.length,
    max_requests_per_api: figures.requests.whole,
    max_requests_per_known_api: figures.requests.known,
    confusion: confusionOf(figures.judged),
    controls,
    left_out: figures.leftOut,
    faults: figures.faults,
    not_run: figures.notRun,
  })
}
