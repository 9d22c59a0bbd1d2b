// What the page is about: one running lab, who played in it, what was seen. One change at a time; each restart is a new lab.
import { observe, type Priority } from '@kimei/observer'
import { type Cast, openCast, type PlayedStep, playSteps } from '../attack/play-attack.ts'
import { notInForce } from '../scenarios/not-in-force.ts'
import type { AttackStep, Scenario, World } from '../scenarios/scenario.ts'
import { mendedOf, type Stage, startStage } from '../scenarios/start-stage.ts'

export interface Observed {
  readonly key: string
  readonly priority: Priority
  readonly requests: number
}

export interface LabView {
  /** Absent: switches of one's own. */
  readonly scenario: Scenario | undefined
  readonly world: World
  readonly mended: boolean
  readonly stage: Stage
  readonly played: readonly PlayedStep[]
  readonly observed: Observed | undefined
}

export interface LabState {
  view(): LabView
  start(what: { readonly scenario: Scenario } | { readonly world: World }): Promise<void>
  mend(): Promise<void>
  play(steps: readonly AttackStep[]): Promise<void>
  ask(): Promise<void>
  close(): Promise<void>
}

interface Current {
  readonly scenario: Scenario | undefined
  readonly world: World
  readonly mended: boolean
  readonly stage: Stage
  readonly cast: Cast | undefined
  played: readonly PlayedStep[]
  observed: Observed | undefined
}

/** Enough for a lesson; older steps go. */
const most = 60

export async function openLabState(first: { readonly scenario: Scenario } | { readonly world: World }): Promise<LabState> {
  let current = await begin(first, false)
  let turn: Promise<unknown> = Promise.resolve()
  /** Two people who press at once take turns. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work, work)
    turn = next.catch(() => undefined)
    return next
  }
  const replace = async (next: Promise<Current>): Promise<void> => {
    const old = current
    current = await next
    await old.stage.close()
  }
  return {
    view: () => current,
    start: (what) => inTurn(() => replace(begin(what, false))),
    mend: () => inTurn(() => replace(begin(current.scenario ? { scenario: current.scenario } : { world: current.world }, !current.mended))),
    play: (steps) =>
      inTurn(async () => {
        for await (const step of playSteps(current.stage, current.cast, steps)) current.played = [...current.played, step].slice(-most)
      }),
    ask: () =>
      inTurn(async () => {
        const { stage } = current
        const { bindingKeyPosture, record, counts } = await observe(stage.inventory, stage.observing)
        current.observed = { key: bindingKeyPosture, priority: record.action_priority, requests: counts.requests }
      }),
    close: () => inTurn(() => current.stage.close()),
  }
}

async function begin(what: { readonly scenario: Scenario } | { readonly world: World }, mended: boolean): Promise<Current> {
  const scenario = 'scenario' in what ? what.scenario : undefined
  const world = 'scenario' in what ? what.scenario.world : what.world
  const holes =
    scenario?.truth.holes ?? (world.plan === 'switched' ? notInForce(world).filter(({ rule }) => world.without.includes(rule)) : [])
  const stage = await startStage(mended ? mendedOf(world) : world, holes)
  return { scenario, world, mended, stage, cast: stage.running && openCast(stage.running), played: [], observed: undefined }
}
