import { spine } from './0001-spine.ts'
import { pushedRequests } from './0002-pushed-requests.ts'
import { deviceCodes } from './0003-device-codes.ts'
import { signingOut } from './0004-signing-out.ts'
import { opaqueTokens } from './0005-opaque-tokens.ts'
import { registrations } from './0006-registrations.ts'
import type { Migration } from './migration.ts'

export type { Migration } from './migration.ts'

/** In order of their numbers. */
export const migrations: readonly Migration[] = [spine, pushedRequests, deviceCodes, signingOut, opaqueTokens, registrations]
