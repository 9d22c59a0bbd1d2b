// Every house, by the id of its scenario. A new one is a line in the file of its kind.
import type { House } from './house.ts'
import { housesOfApis } from './houses-of-apis.ts'

const byName = { ...housesOfApis }

export type HouseName = keyof typeof byName
export const houses: Readonly<Record<HouseName, House>> = byName
