// The switches of the lab: how the issuer binds, what each API demands, what stands in front of it. Their words, checks and defaults.
// What each switch does to the real product stands in the files beside this one.
import { Misuse, type RuleId } from '@kimei/protocol'

/** What the issuer binds tickets to. */
export const issuerModes = ['bearer', 'dpop', 'mtls'] as const
export type IssuerMode = (typeof issuerModes)[number]

/** web holds a key in a browser, mobile one on a phone, api a certificate (or, without mTLS, a key) on a server. */
export const clientNames = ['web', 'mobile', 'api'] as const
export type ClientName = (typeof clientNames)[number]

/** In falling privilege. */
export const apiNames = ['admin', 'payments', 'orders', 'graphql', 'batch'] as const
export type ApiName = (typeof apiNames)[number]

/** What stands before an API, or is wrong about how it is run. */
export const apiFronts = ['none', 'gateway-strips', 'gateway-ends', 'two-nodes', 'cache', 'client-exempt', 'trusted-header'] as const
export type ApiFront = (typeof apiFronts)[number]

export interface ApiSwitches {
  readonly id: ApiName
  /** Whether it demands a proof by the key of the ticket. */
  readonly dpop: 'on' | 'off'
  /** Whether it demands the certificate of the ticket; `accepted`: where the ticket names one. */
  readonly certificate: 'required' | 'accepted' | 'off'
  /** `bearer`: a deliberate exception, open to whoever has the ticket. */
  readonly exception: 'none' | 'bearer'
  readonly front: ApiFront
  /** Rules that are missing here alone. */
  readonly without: readonly RuleId[]
  /** When a revoked ticket ends here: `promised` at once, and nobody asks the issuer; `asked` on every request. */
  readonly revocation: 'at-expiry' | 'promised' | 'asked'
}

export interface SwitchedWorld {
  readonly plan: 'switched'
  readonly mode: IssuerMode
  readonly clients: readonly ClientName[]
  /** Clients whose tickets the issuer leaves unbound by permission. */
  readonly unbound: readonly ClientName[]
  readonly apis: readonly ApiSwitches[]
  /** Rules that are missing everywhere. */
  readonly without: readonly RuleId[]
}

export type ApiChange = Partial<Omit<ApiSwitches, 'id'>>
export interface WorldChange {
  readonly mode?: IssuerMode
  readonly clients?: readonly ClientName[]
  readonly unbound?: readonly ClientName[]
  readonly without?: readonly RuleId[]
  /** The same for every API. */
  readonly every?: ApiChange
  readonly apis?: Readonly<Partial<Record<ApiName, ApiChange>>>
}

/** The lab as it should be in that mode, with these changes. */
export function makeWorld(change: WorldChange = {}): SwitchedWorld {
  const { mode = 'dpop', every = {}, apis = {} } = change
  const api = (id: ApiName): ApiSwitches => ({
    id,
    dpop: mode === 'dpop' ? 'on' : 'off',
    certificate: mode === 'mtls' ? 'required' : 'off',
    exception: 'none',
    front: 'none',
    without: [],
    revocation: 'at-expiry',
    ...every,
    ...apis[id],
  })
  const unknown = wrong('apis', Object.keys(apis), apiNames)
  if (unknown.length > 0) throw new Misuse(unknown)
  return checkWorld({
    plan: 'switched',
    mode,
    // Browsers and phones hold keys; certificates are for servers.
    clients: change.clients ?? (mode === 'mtls' ? ['api'] : clientNames),
    unbound: change.unbound ?? [],
    apis: apiNames.map(api),
    without: change.without ?? [],
  })
}

/** For clients with keys beside clients with certificates: each ticket by what it names. */
export const bothNames: ApiChange = { dpop: 'on', certificate: 'accepted' }

/** The same lab with every hole closed. Bearer tickets cannot be mended without giving them names. */
export function mendedWorld({ mode, clients, apis }: SwitchedWorld): SwitchedWorld {
  const keyed = mode === 'mtls' && clients.some((client) => client !== 'api')
  const promised = apis.filter(({ revocation }) => revocation !== 'at-expiry').map(({ id }) => [id, { revocation: 'asked' }] as const)
  return makeWorld({
    mode: mode === 'bearer' ? 'dpop' : mode,
    clients,
    apis: Object.fromEntries(promised),
    ...(keyed && { every: bothNames }),
  })
}

/**
 * Switches as somebody wrote them.
 * @throws Misuse with every wrong value and the right ones.
 */
export function checkWorld(world: SwitchedWorld): SwitchedWorld {
  const mistakes = [
    ...wrong('mode', [world.mode], issuerModes),
    ...wrong('clients', world.clients, clientNames),
    ...wrong('unbound', world.unbound, clientNames),
    ...world.apis.flatMap((api) => [
      ...wrong('apis', [api.id], apiNames),
      ...wrong(`apis.${api.id}.dpop`, [api.dpop], ['on', 'off']),
      ...wrong(`apis.${api.id}.certificate`, [api.certificate], ['required', 'accepted', 'off']),
      ...wrong(`apis.${api.id}.exception`, [api.exception], ['none', 'bearer']),
      ...wrong(`apis.${api.id}.front`, [api.front], apiFronts),
      ...wrong(`apis.${api.id}.revocation`, [api.revocation], ['at-expiry', 'promised', 'asked']),
    ]),
  ]
  if (world.clients.length === 0) mistakes.push(`clients: at least one of ${clientNames.join(', ')}`)
  if (mistakes.length > 0) throw new Misuse(mistakes)
  return world
}

function wrong(where: string, values: readonly string[], known: readonly string[]): string[] {
  return values.filter((value) => !known.includes(value)).map((value) => `${where}: "${value}" is none of ${known.join(', ')}`)
}
