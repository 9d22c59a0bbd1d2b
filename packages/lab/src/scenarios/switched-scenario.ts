// A scenario of the switched lab from what is written by hand; what is not in force follows from its switches.
import { makeWorld, type WorldChange } from '../world/switches.ts'
import { notInForce } from './not-in-force.ts'
import type { Scenario, Truth } from './scenario.ts'

export type Written = Omit<Scenario, 'world' | 'truth'> & {
  readonly switches: WorldChange
  readonly truth: Omit<Truth, 'notInForce'>
}

export function switchedScenario({ switches, truth, ...written }: Written): Scenario {
  const world = makeWorld(switches)
  return { ...written, world, truth: { ...truth, notInForce: notInForce(world) } }
}
