// Opens the API of a lab with what stands before and beside it. In a lab without a house that is the guard alone.
import type { Server } from 'node:http'
import type { GuardConfigInput, GuardDeps } from '@kimei/guard'
import { catalogue, type RuleId } from '@kimei/protocol'
import { guardedNotes } from '../guarded-notes.ts'
import { lawWithout } from '../law-without.ts'
import { rulesOfNames } from '../world/api-doors.ts'
import type { Beside, Doors, Ground, HouseParts, HouseState } from './house.ts'

export interface Opening {
  readonly config: GuardConfigInput
  readonly parts: GuardDeps
  readonly label: string
  readonly ground: Ground
  readonly house: HouseParts
  readonly state: HouseState
}

/** The API answers from now on. What comes back is the server beside, where there is one. */
export async function openHouse(server: Server, { config, parts, label, ground, house, state }: Opening): Promise<Beside | undefined> {
  const guard = house.guard?.(config) ?? config
  const own = house.parts?.(parts) ?? parts
  const doors: Doors = {
    strict: guardedNotes(label, guard, own),
    open: guardedNotes(label, openGuard(guard), unnamed(own)),
    without: (rules) => guardedNotes(label, guard, minus(own, rules)),
  }
  const beside = await house.beside?.({ ground, guard, parts: own, doors, state })
  server.on('request', house.front?.(doors, beside) ?? doors.strict)
  return beside
}

/** The same routes, at which nobody looks at names. */
export function openGuard(config: GuardConfigInput): GuardConfigInput {
  const routes = config.routes.map(
    ({ name, path, methods, scopes }: { name?: string; path: string; methods?: string[]; scopes?: string[] }) => ({
      ...(name !== undefined && { name }),
      path,
      ...(methods && { methods }),
      ...(scopes && { scopes }),
      policy: 'optional' as const,
      constraint: 'either' as const,
      reason: 'the lab shows what an unbound ticket can do',
    }),
  )
  return { ...config, routes }
}

const minus = (parts: GuardDeps, rules: readonly RuleId[]): GuardDeps => ({ ...parts, law: lawWithout(rules, new Set(catalogue.keys())) })

/** For a guard that reads no names. */
export const unnamed = (parts: GuardDeps): GuardDeps => minus(parts, rulesOfNames)
