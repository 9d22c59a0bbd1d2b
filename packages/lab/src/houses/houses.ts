// Every house, by the id of its scenario. A new one is a line in the file of its kind.
import type { House } from './house.ts'
import { housesOfApis } from './houses-of-apis.ts'
import { housesOfCertificates } from './houses-of-certificates.ts'
import { housesOfIssuers } from './houses-of-issuers.ts'
import { housesOfOthers } from './other-credentials.ts'

const byName = { ...housesOfApis, ...housesOfOthers, ...housesOfIssuers, ...housesOfCertificates }

export type HouseName = keyof typeof byName
export const houses: Readonly<Record<HouseName, House>> = byName
