// The figures as text: one line per control, the rows where truth and observer differ, and the closing figures.
import { confusionOf, type Judged, scoreOf } from './score.ts'

export interface Figures {
  readonly judged: readonly Judged[]
  readonly targets: readonly string[]
  /** Which were left out, and why. */
  readonly leftOut: readonly string[]
  readonly maxRequestsPerApi: number
}

const percent = (share: number) => share.toFixed(3)

export function renderAccuracy(figures: Figures): string {
  const { judged, targets, leftOut, maxRequestsPerApi } = figures
  const groups = [...Map.groupBy(judged, ({ control }) => control)].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  const rows = groups.map(([control, own]) => {
    const { hit, alarm, miss, right, silent, unfounded, precision, recall } = scoreOf(own)
    return [control, hit, alarm, miss, right, silent, unfounded, percent(precision), percent(recall)].map(String)
  })
  const whole = scoreOf(judged)
  const confusion = confusionOf(judged).map(({ target, place, control, actual, said, why }) => [target, place, control, actual, said, why])
  return [
    table([['control', 'hits', 'alarms', 'misses', 'right', 'silent', 'unfounded', 'precision', 'recall'], ...rows]),
    '',
    confusion.length === 0
      ? 'Nothing was said otherwise than it is.'
      : table([['target', 'place', 'control', 'is', 'said', 'why'], ...confusion]),
    '',
    ...leftOut.map((line) => `left out: ${line}`),
    `${targets.length} targets, ${judged.length} statements`,
    `at most ${maxRequestsPerApi} requests to one API`,
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
    max_requests_per_api: figures.maxRequestsPerApi,
    confusion: confusionOf(figures.judged),
    controls,
    left_out: figures.leftOut,
  })
}
