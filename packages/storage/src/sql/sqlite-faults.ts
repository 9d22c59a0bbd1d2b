// What SQLite says when it cannot, and which of it means "not now" rather than "our mistake".
import { StorageUnavailable } from '../contract.ts'

/** Primary result codes (sqlite.org/rescode.html). */
export const sqliteCode = {
  busy: 5,
  locked: 6,
  outOfMemory: 7,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  protocol: 15,
  notADatabase: 26,
} as const

const unavailable = new Set<number>(Object.values(sqliteCode))

/** The primary code of an error SQLite raised; extended codes carry it in their low byte. */
export function primaryCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code & 0xff : undefined
}

/** Full, locked, damaged or unreadable becomes `StorageUnavailable`; anything else stays what it is. */
export function asStorageFault(error: unknown): unknown {
  const code = primaryCode(error)
  if (code === undefined || !unavailable.has(code)) return error
  return new StorageUnavailable(`SQLite: ${(error as Error).message}`, { cause: error })
}
