// The SQLite engine on `node:sqlite`: one owner process, one file, plans of one turn of the event loop in one transaction.
// The SQL text itself stands in `statements.ts`.
import type { Storage } from '../contract.ts'

export interface SqliteOptions {
  /** Path of the database; made with mode 0600 where it does not exist. */
  readonly file: string
  /** How long opening waits for a file that somebody else holds, in milliseconds. Default 2,000. */
  readonly busyTimeoutMs?: number
}

/**
 * Opens, or makes, the file and brings it to the newest schema.
 * @throws Misuse where another process owns it, where it is not Kimei's, damaged, or written by a newer version.
 */
export function openSqlite(_options: SqliteOptions): Storage {
  throw new Error('under way')
}
