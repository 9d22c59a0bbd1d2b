import { spine } from './0001-spine.ts'
import type { Migration } from './migration.ts'

export type { Migration } from './migration.ts'

/** In order of their numbers. */
export const migrations: readonly Migration[] = [spine]
