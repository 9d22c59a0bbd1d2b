// A house: the whole lab with something beside it, and the one mistake that somebody made there. Shapes only.
// Which houses there are stands in `houses.ts`; each has a scenario of its own in `scenarios/`.
import type { RequestListener } from 'node:http'
import type { GuardConfigInput, GuardDeps } from '@kimei/guard'
import type { ForgeAccessToken, InventoryInput } from '@kimei/observer'
import type { RuleId } from '@kimei/protocol'
import type { FetchApp, IssuerConfigInput } from '@kimei/server'
import type { LabSecrets } from '../lab-secrets.ts'

/** What whoever builds a house finds there. */
export interface Ground {
  readonly issuerUrl: string
  readonly apiUrl: string
  readonly secrets: LabSecrets
  readonly clock: () => number
  readonly random: (bytes: number) => Uint8Array
  readonly forge: ForgeAccessToken
  /** Of a guard that knows the issuer's keys. */
  readonly parts: GuardDeps
}

/** The same API behind the guard as it should be, and behind one that looks at the ticket alone. */
export interface Doors {
  readonly strict: RequestListener
  readonly open: RequestListener
  /** The guard as it should be, but for these rules. */
  readonly without: (rules: readonly RuleId[]) => RequestListener
}

/** A server of its own beside the lab's. */
export interface Beside {
  readonly url: string
  /** Of an API that takes its tickets. */
  readonly door?: RequestListener
  close(): Promise<void>
}

export interface Building {
  readonly ground: Ground
  readonly guard: GuardConfigInput
  readonly parts: GuardDeps
  readonly doors: Doors
  readonly state: HouseState
}

/** As somebody built it, or as it should be. */
export type HouseState = 'faulty' | 'mended'

/** The API behind certificates, where it is another one than usual. */
export interface SealedParts {
  /** Whether its handshakes ask for a certificate: not at all, or only once a request for it has come. */
  readonly asks?: 'never' | 'later'
  /** Whether there is another place that takes any certificate; `shared`: its sessions are taken here as well. */
  readonly elsewhere?: 'apart' | 'shared'
  /** What stands before the API. */
  readonly front?: (doors: Pick<Doors, 'strict' | 'open'>) => RequestListener
}

/** Everything of a lab that can be another one than usual. */
export interface HouseParts {
  readonly issuer?: (config: IssuerConfigInput, secrets: LabSecrets) => IssuerConfigInput
  /** Rules that the issuer alone does not keep. */
  readonly issuerWithout?: readonly RuleId[]
  /** What stands before the issuer. */
  readonly office?: (app: FetchApp, ground: Ground) => FetchApp
  readonly guard?: (config: GuardConfigInput) => GuardConfigInput
  readonly parts?: (parts: GuardDeps) => GuardDeps
  readonly beside?: (building: Building) => Promise<Beside>
  readonly sealed?: SealedParts
  /** What stands before the API. */
  readonly front?: (doors: Doors, beside: Beside | undefined) => RequestListener
}

export interface House {
  /** Whether there is mutual TLS. */
  readonly certificates?: 'yes'
  /** What it has beside the usual, right as it is. */
  readonly has?: HouseParts
  /** What is wrong about it; made anew for each lab where its parts share something. */
  readonly fault: HouseParts | (() => HouseParts)
  /** What of it is observed. */
  readonly inventory: (input: InventoryInput, urls: HouseUrls) => InventoryInput
}

export interface HouseUrls {
  readonly issuerUrl: string
  readonly apiUrl: string
  readonly secrets: LabSecrets
  /** Of the server beside. */
  readonly besideUrl: string | undefined
  /** Another place over TLS, whose sessions are none of the API's. */
  readonly elsewhereUrl: string | undefined
}

/** The parts of a house in that state: the fault is put in the place of what was right. */
export function partsOf({ has, fault }: House, state: HouseState): HouseParts {
  return state === 'mended' ? { ...has } : { ...has, ...(typeof fault === 'function' ? fault() : fault) }
}

type ClientEntry = InventoryInput['clients'][number]
type ApiEntry = InventoryInput['apis'][number]

/** The part of a lab's inventory that a house is about: these clients and these APIs. */
export function only(
  input: InventoryInput,
  { clients, apis }: { readonly clients: readonly string[]; readonly apis: readonly string[] },
): InventoryInput {
  return {
    ...input,
    clients: input.clients.filter(({ id }: ClientEntry) => clients.includes(id)),
    apis: input.apis
      .filter(({ id }: ApiEntry) => apis.includes(id))
      .map((api) => ({ ...api, ...(api.clients && { clients: api.clients.filter((id) => clients.includes(id)) }) })),
  }
}
