// Every house, by the id of its scenario. A new one is a line in the file of its kind.
import type { House } from './house.ts'
import { housesOfApis } from './houses-of-apis.ts'
import { housesOfIssuers } from './houses-of-issuers.ts'

const byName = { ...housesOfApis, ...housesOfIssuers }

export type HouseName = keyof typeof byName
export const houses: Readonly<Record<HouseName, House>> = byName
