// What a scenario is: a lab with a known hole, its story, the theft step by step, and the exact truth about it. Shapes only.
// The scenarios stand in `catalogue.ts`, how one is started in `start-scenario.ts`.
import type { BindingMode, Owner, Posture, Priority } from '@kimei/observer'
import type { RuleId, Text } from '@kimei/protocol'
import type { HouseState } from '../houses/house.ts'
import type { HouseName } from '../houses/houses.ts'
import type { ApiName, ClientName, SwitchedWorld } from '../world/switches.ts'

/** The whole product with its loop of clients, minus rules. */
export interface WholeWorld {
  readonly plan: 'whole'
  readonly without: readonly RuleId[]
  /** Whether one route and two clients may do with unbound tickets. Default `no`. */
  readonly permits?: 'yes' | 'no'
  /** Whether there is mutual TLS beside: clients with certificates, and an API for them. Default `no`. */
  readonly certificates?: 'yes' | 'no'
}

/** The whole product with something beside it, and what somebody made wrong there. */
export interface HouseWorld {
  readonly plan: 'house'
  readonly house: HouseName
  readonly state: HouseState
  /** No rule is missing everywhere. */
  readonly without: readonly []
}

export type World = WholeWorld | SwitchedWorld | HouseWorld

/** What the holder of the ticket does, rightly. */
export type HolderMove = 'get-ticket' | 'use-ticket' | 'sign-out' | 'use-revoked'

/** What somebody does who read a log of the holder's traffic. */
export type ThiefMove =
  | 'no-ticket'
  | 'ticket-alone'
  | 'ticket-without-proof'
  | 'proof-by-own-key'
  | 'proof-that-is-none'
  | 'same-proof-again'
  | 'proof-of-other-api'
  | 'other-certificate'
  | 'certificate-in-header'

export type MoveStep = {
  readonly client: ClientName
  readonly api: ApiName
  /** At the door behind the gateway. */
  readonly inside?: true
  /** Whether it gets through, in this lab. */
  readonly passes: boolean
} & ({ readonly who: 'holder'; readonly move: HolderMove } | { readonly who: 'thief'; readonly move: ThiefMove })

/** An attack that the observer knows: every place of the lab where it applies, between two right requests. */
export interface ProbeStep {
  readonly who: 'thief'
  readonly probe: string
  readonly passes: true
}

export type AttackStep = MoveStep | ProbeStep

/** A rule that is not in force at one place: the issuer, or an API by its id; `*` is everywhere. */
export interface RuleHole {
  readonly rule: RuleId
  readonly at: string
}

/** A control that does not hold at one place, where no rule of the product says it: by the id of the probe that asks about it. */
export interface ControlHole {
  readonly probe: string
  readonly at: string
}

export type Hole = RuleHole | ControlHole

/** What is so. The lab knows it because it made it. */
export interface Truth {
  readonly posture: Posture
  readonly priority: Priority
  /** What a right observation must find. */
  readonly holes: readonly Hole[]
  /** Everything that is not in force, holes included: whatever else is called violated is a false alarm. */
  readonly notInForce: readonly Hole[]
  /** Controls of which nobody outside can tell here, and a right observation says so. */
  readonly unseen?: readonly ControlHole[]
  /** By API id: whether it takes a ticket only from its holder. */
  readonly apis: Readonly<Record<string, { readonly enforced: 'yes' | 'partial' | 'no'; readonly mode: BindingMode }>>
}

export interface Scenario {
  /** Kebab-case; a missing rule's id with `.` as `-`. */
  readonly id: string
  /** `setup`: no hole. `rule`: one rule is missing. `compound`: a mistake as it is made in real houses. */
  readonly kind: 'setup' | 'rule' | 'compound'
  readonly title: Text
  readonly story: Text
  /** What to do about it. */
  readonly mend: Text
  /** Who has to. */
  readonly owner: Owner | 'nobody'
  readonly world: World
  readonly attack: readonly AttackStep[]
  readonly truth: Truth
}
