// Switches as a form or a command line gives them, made into a lab.
import {
  type ApiChange,
  type ApiFront,
  type ApiName,
  apiNames,
  bothNames,
  type IssuerMode,
  makeWorld,
  type SwitchedWorld,
} from '../world/switches.ts'

/** What one API demands, as one choice. */
export const demands = ['as-issued', 'dpop', 'certificate', 'both', 'either', 'off', 'exception'] as const
export type Demand = (typeof demands)[number]

const changes: Readonly<Record<Demand, ApiChange>> = {
  'as-issued': {},
  dpop: { dpop: 'on', certificate: 'off' },
  certificate: { dpop: 'off', certificate: 'required' },
  both: { dpop: 'on', certificate: 'required' },
  either: bothNames,
  off: { dpop: 'off', certificate: 'off' },
  exception: { exception: 'bearer' },
}

export interface SwitchWords {
  readonly mode?: string | undefined
  readonly exceptions?: readonly string[]
  readonly without?: readonly string[]
}

/** @throws Misuse with every wrong value and the right ones. */
export function readSwitches({ mode, exceptions = [], without = [] }: SwitchWords): SwitchedWorld {
  return makeWorld({
    ...(mode !== undefined && { mode: mode as IssuerMode }),
    apis: Object.fromEntries(exceptions.map((api) => [api, changes.exception])),
    without: without as SwitchedWorld['without'],
  })
}

/** Fields of the form of switches. */
export function readSwitchForm(form: URLSearchParams): SwitchedWorld {
  const apis: Partial<Record<ApiName, ApiChange>> = {}
  for (const id of apiNames) {
    const demand = demands.find((one) => one === form.get(`demand.${id}`)) ?? 'as-issued'
    const front = (form.get(`front.${id}`) ?? 'none') as ApiFront
    apis[id] = { ...changes[demand], front }
  }
  const rule = form.get('rule') ?? ''
  return makeWorld({
    mode: (form.get('mode') ?? 'dpop') as IssuerMode,
    apis,
    without: rule === '' ? [] : [rule as `${string}.${string}`],
  })
}

export function demandOf({ mode, apis }: SwitchedWorld, id: ApiName): Demand {
  const api = apis.find((one) => one.id === id)!
  if (api.exception === 'bearer') return 'exception'
  const usual = makeWorld({ mode }).apis.find((one) => one.id === id)!
  if (api.certificate === 'accepted') return 'either'
  if (api.dpop === usual.dpop && api.certificate === usual.certificate) return 'as-issued'
  if (api.dpop === 'on') return api.certificate === 'required' ? 'both' : 'dpop'
  return api.certificate === 'required' ? 'certificate' : 'off'
}
