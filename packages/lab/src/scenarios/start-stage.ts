// A running lab as attacks and the observer need it, whichever plan it was made by.
import { type Inventory, type ObserveOptions, probes } from '@kimei/observer'
import type { AuditEvent, RuleId } from '@kimei/protocol'
import { houses } from '../houses/houses.ts'
import { type LabOptions, startLab } from '../start-lab.ts'
import { type RunningWorld, startWorld } from '../world/start-world.ts'
import { mendedWorld } from '../world/switches.ts'
import type { Hole, World } from './scenario.ts'

export interface Stage {
  readonly issuerUrl: string
  readonly apiUrl: string
  readonly inventory: Inventory
  /** For `observe(inventory, observing)`: the lab's clock, its person, and which probes show its holes. */
  readonly observing: ObserveOptions
  readonly audit: readonly AuditEvent[]
  /** Holders, thief and wire, where the lab is one of switches. */
  readonly running: RunningWorld | undefined
  close(): Promise<void>
}

const unbounded = { requestsPerSecond: Number.POSITIVE_INFINITY, requestsPerApi: 5000, budget: 50_000 }
const core = probes.filter(({ depth }) => depth === 'core').map(({ id }) => id)

export async function startStage(world: World, holes: readonly Hole[] = []): Promise<Stage> {
  const running = world.plan === 'switched' ? await startWorld(world) : undefined
  const lab = running ?? (await startLab(optionsOf(world)))
  const { clock, signIn, signOut, wait, forgeAccessToken, inventory, issuerUrl, apiUrl, audit } = lab
  const only = probesFor(holes)
  const allowDevice = 'allowDevice' in lab ? lab.allowDevice : undefined
  return {
    issuerUrl,
    apiUrl,
    inventory,
    observing: {
      pace: unbounded,
      clock,
      signIn,
      signOut,
      wait,
      forgeAccessToken,
      ...(allowDevice && { allowDevice }),
      ...(only && { only }),
    },
    audit,
    running,
    close: () => lab.close(),
  }
}

function optionsOf(world: World): LabOptions {
  if (world.plan === 'house') {
    const house = houses[world.house]
    return { without: [], permits: 'no', certificates: house.certificates ?? 'no', house: { house, name: world.house, state: world.state } }
  }
  const { permits = 'no', certificates = 'no' } = world.plan === 'whole' ? world : {}
  return { without: world.without, permits, certificates }
}

export function mendedOf(world: World): World {
  if (world.plan === 'house') return { ...world, state: 'mended' }
  if (world.plan === 'switched') return mendedWorld(world)
  const { certificates } = world
  return { plan: 'whole', without: [], ...(certificates && { certificates }) }
}

/** The core, and what missing rules need that no probe of the core attacks; `undefined` where the core is enough. */
function probesFor(holes: readonly Hole[]): readonly string[] | undefined {
  const rules = [...new Set<RuleId>(holes.flatMap((hole) => ('rule' in hole ? [hole.rule] : [])))]
  const needed = [
    ...holes.flatMap((hole) => ('probe' in hole && !core.includes(hole.probe) ? [hole.probe] : [])),
    ...rules.flatMap((rule) => {
      const own = probes.filter(({ attacks }) => attacks.includes(rule))
      return own.some(({ depth }) => depth === 'core') ? [] : own.map(({ id }) => id)
    }),
  ]
  return needed.length === 0 ? undefined : [...new Set([...core, ...needed])]
}
