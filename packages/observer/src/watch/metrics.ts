// The last observation as Prometheus text: for scraping, or for a file that the node exporter reads.
import type { Observation } from '../observation.ts'
import { isAccepted } from '../report/places.ts'
import type { CanaryState } from './canary.ts'

export interface WatchNumbers {
  readonly last: Observation | undefined
  readonly canaries: readonly CanaryState[]
  readonly runs: { readonly done: number; readonly failed: number }
  /** Events told everywhere, tries that failed somewhere, and events that wait for the next run. */
  readonly deliveries: { readonly done: number; readonly failed: number; readonly waiting: number }
}

type Labels = Readonly<Record<string, string>>

export function renderMetrics({ last, canaries, runs, deliveries }: WatchNumbers): string {
  const lines: string[] = []
  const metric = (name: string, type: 'gauge' | 'counter', help: string, samples: readonly (readonly [Labels, number])[]) => {
    if (samples.length === 0) return
    lines.push(
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}`),
    )
  }
  metric('kimei_observe_runs_total', 'counter', 'Observations by how they ended.', [
    [{ end: 'done' }, runs.done],
    [{ end: 'failed' }, runs.failed],
  ])
  metric('kimei_observe_change_events_total', 'counter', 'Change events that were told everywhere.', [[{}, deliveries.done]])
  metric('kimei_observe_change_events_waiting', 'gauge', 'Change events that could not be told somewhere; each run tries again.', [
    [{}, deliveries.waiting],
  ])
  metric('kimei_observe_failed_deliveries_total', 'counter', 'Tries to tell that failed somewhere.', [[{}, deliveries.failed]])
  metric(
    'kimei_observe_canary_heard',
    'gauge',
    '1 where the guard tells that it refused the canary proof: in its log, or in its signed counts.',
    canaries.map(({ api, state }) => [{ api }, state === 'heard' ? 1 : 0]),
  )
  if (last !== undefined) {
    metric('kimei_observe_last_run_timestamp_seconds', 'gauge', 'When the last observation ended.', [[{}, last.finishedAt]])
    metric('kimei_observe_requests', 'gauge', 'Requests of the last observation.', [[{}, last.counts.requests]])
    metric('kimei_observe_overall', 'gauge', '1 for what the last observation says.', [
      [{ overall: last.overall, posture: last.bindingKeyPosture }, 1],
    ])
    metric(
      'kimei_observe_findings',
      'gauge',
      'Open findings by priority.',
      (['P0', 'P1', 'P2'] as const).map((priority) => [
        { priority },
        last.findings.filter((one) => one.priority === priority && !isAccepted(one)).length,
      ]),
    )
    metric(
      'kimei_observe_api_enforced',
      'gauge',
      '1 enforced, 0.5 partly, 0 not; NaN unknown.',
      last.apis.map(({ api, client, rsEnforced }) => [{ api, client }, enforced[rsEnforced]]),
    )
  }
  return `${lines.join('\n')}\n`
}

const enforced = { yes: 1, partial: 0.5, no: 0, unknown: Number.NaN } as const

/** Backslash, quote and line break are escaped, as the text format wants it. */
function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
