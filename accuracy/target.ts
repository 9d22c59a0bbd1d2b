// What a target of the accuracy run is: a stack on loopback, how it is set up, and what is true of it.
// The truth is written by hand from the stack's source, manual and setting; nothing here asks the observer.
import type { Inventory, Observation, ObserveOptions, Posture } from '@kimei/observer'
import type { RuleId } from '@kimei/protocol'

type Priority = Observation['record']['action_priority']

/** What is true of one API, or of one client at its issuer. Controls that are not named are enforced. */
export interface Truth {
  /** Controls that are missing, by their id in the catalogue of probes. */
  readonly broken: readonly string[]
  /** Controls that do not exist here, or that nobody outside can see: a verdict on them would be unfounded. */
  readonly unseen: readonly string[]
}

/** What is true of the seven fields, where the setting decides them. */
export type KnownPosture = Partial<Posture>

export interface RemovedRules {
  readonly removed: readonly RuleId[]
  /** Place and probe, as in `tool AS2`: what the setting permits there by name. */
  readonly permitted: readonly string[]
  /** The same, where nobody outside can tell. */
  readonly unseen: readonly string[]
  /** Probes that ask for a rule at another place than the probe that is named after it. */
  readonly asksToo: Readonly<Record<string, RuleId | undefined>>
}

/** A rule that is not in force at one place, or a control that no rule of the product says; `*` is everywhere. */
type Hole = { readonly at: string } & ({ readonly rule: RuleId } | { readonly probe: string })

/** A lab of switches: what must be found, and what else is not in force there. */
export interface KnownScenario {
  readonly holes: readonly Hole[]
  readonly notInForce: readonly Hole[]
  /** Of which nobody outside can tell. */
  readonly unseen?: readonly { readonly probe: string; readonly at: string }[]
  /** How its holes name the issuer. */
  readonly issuer: string
  /** Whether its tickets are bound at all. */
  readonly binds: boolean
}

export interface Running {
  readonly inventory: Inventory
  readonly options: ObserveOptions
  /** By id of the API, seen with its first client. */
  readonly apis: Readonly<Record<string, Truth>>
  /** By id of the client at its issuer. */
  readonly issuers: Readonly<Record<string, Truth>>
  readonly posture?: KnownPosture
  /** How urgent the worst of it is. */
  readonly priority?: Priority
  /** Where the truth is a list of removed rules: what is missing everywhere, and what is permitted at some places. */
  readonly rules?: RemovedRules
  /** Where the truth is a list of holes, place by place. */
  readonly scenario?: KnownScenario
  close(): Promise<void>
}

/** Of the machine, by the names of Debian's packages. */
export type Need = 'nginx' | 'apache2' | 'libapache2-mod-oauth2'

export interface Target {
  readonly name: string
  /** Good configuration, or deliberately bad. */
  readonly setting: 'good' | 'bad'
  /** Also part of the short run. */
  readonly quick: boolean
  /** Where one of them is missing, the target is left out, and the run says so. */
  readonly needs: readonly Need[]
  start(): Promise<Running>
}

/** One truth made of parts, each with its reason where it is written. */
export function truth(...parts: readonly Partial<Truth>[]): Truth {
  return { broken: parts.flatMap(({ broken = [] }) => broken), unseen: parts.flatMap(({ unseen = [] }) => unseen) }
}
