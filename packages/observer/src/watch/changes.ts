// From two observations to what somebody has to hear: one event for each thing that is new, gone, worse, or not known any more.
// Pure. Where events go stands in `webhook.ts` and `ocsf.ts`.
import type { Seconds } from '@kimei/protocol'
import type { Finding, Observation, Priority } from '../observation.ts'
import { compareObservations, type Difference } from '../report/compare.ts'
import { isAccepted } from '../report/places.ts'
import type { CanaryState } from './canary.ts'

export const changeKinds = [
  'watch-began',
  'finding-new',
  'finding-changed',
  'finding-gone',
  'posture-changed',
  'control-lost',
  'canary-silent',
  'canary-accepted',
  'canary-heard-again',
  'run-failed',
] as const

export interface ChangeEvent {
  readonly format: 'kimei-change/1'
  /** The same for the same thing in the same run, so that a repeated delivery is recognized. */
  readonly id: string
  readonly at: Seconds
  readonly kind: (typeof changeKinds)[number]
  /** Somebody has to look. */
  readonly alert: boolean
  readonly priority: Priority
  /** API, issuer or field. */
  readonly place: string
  /** One sentence, in English, without anything secret. */
  readonly says: string
}

/** The first run has no run before it: its findings are new. */
export function changesOf(before: Observation | undefined, after: Observation): readonly ChangeEvent[] {
  const at = after.finishedAt
  if (before === undefined) {
    const began = event(at, 'watch-began', { place: 'posture', says: `${after.bindingKeyPosture}, ${after.overall}` })
    return [began, ...after.findings.filter((finding) => !isAccepted(finding)).map((finding) => newFinding(at, finding))]
  }
  // What was cut short saw less; that is no change of the other side.
  if (after.stopped === 'cancelled') return []
  return differenceEvents(compareObservations(before, after), at)
}

function differenceEvents({ fields, findings, controls }: Difference, at: Seconds): ChangeEvent[] {
  return [
    ...findings.new.filter((finding) => !isAccepted(finding)).map((finding) => newFinding(at, finding)),
    ...findings.changed.map(({ after, what, turn }) =>
      event(at, 'finding-changed', {
        place: placeIn(after),
        says: what.join(', '),
        priority: after.priority,
        alert: turn === 'worse',
      }),
    ),
    ...findings.gone.map((finding) => event(at, 'finding-gone', { place: placeIn(finding), says: finding.title.en })),
    ...fields.map(({ field, before, after, turn }) =>
      event(at, 'posture-changed', { place: field, says: `${before} → ${after}`, alert: turn === 'worse' }),
    ),
    ...controls
      .filter(({ turn }) => turn === 'lost')
      .map(({ place, probe, after }) => event(at, 'control-lost', { place: `${place} ${probe}`, says: `held before, now ${after}` })),
  ]
}

function placeIn({ kind, at, credential }: Finding): string {
  return [kind, at, ...(credential === undefined ? [] : [credential])].join(' ')
}

function newFinding(at: Seconds, finding: Finding): ChangeEvent {
  return event(at, 'finding-new', {
    place: placeIn(finding),
    says: finding.title.en,
    priority: finding.priority,
    alert: true,
  })
}

/** What became of the canaries, where it is not what became of them before. */
export function canaryEvents(
  states: readonly CanaryState[],
  known: ReadonlyMap<string, CanaryState['state']>,
  at: Seconds,
): readonly ChangeEvent[] {
  return states.flatMap(({ api, state }): ChangeEvent[] => {
    if (state === known.get(api)) return []
    if (state === 'accepted')
      return [event(at, 'canary-accepted', { place: api, says: 'a proof of another key was accepted', priority: 'P0', alert: true })]
    if (state === 'silent') return [event(at, 'canary-silent', { place: api, says: silence, priority: 'P1', alert: true })]
    return known.get(api) === 'silent' ? [event(at, 'canary-heard-again', { place: api, says: 'refusals are told of again' })] : []
  })
}

const silence = 'a proof of another key was refused, and the guard tells of no refusal'

export function runFailed(at: Seconds, says: string): ChangeEvent {
  return event(at, 'run-failed', { place: 'run', says: says.replace(/[\p{Cc}]/gu, ' ').slice(0, 200), alert: true })
}

type Said = Pick<ChangeEvent, 'place' | 'says'> & Partial<Pick<ChangeEvent, 'priority' | 'alert'>>

function event(at: Seconds, kind: ChangeEvent['kind'], { place, says, priority = 'none', alert = false }: Said): ChangeEvent {
  return { format: 'kimei-change/1', id: `${at}-${kind}-${place}`.replace(/\s+/g, '-'), at, kind, alert, priority, place, says }
}
