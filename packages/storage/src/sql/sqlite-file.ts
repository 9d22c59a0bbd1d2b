// Opening the one file: whose it is, whether it is ours, sound, and of a version we know.
// What is done with it once open stands in `sqlite.ts`.
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Misuse } from '@kimei/protocol'
import { migrations } from './migrations/index.ts'
import { primaryCode, sqliteCode } from './sqlite-faults.ts'

/** "KMEI": written into the header, so that a foreign database is never taken for ours. */
const applicationId = 0x4b4d4549
/** Checking every page of a larger file would delay every start. */
const checkedWholeBytes = 16 * 1024 * 1024
/** Files this process owns: SQLite's locks are per process and would not keep a second opener here out in words. */
const ownedHere = new Set<string>()

export interface OpenFile {
  readonly database: DatabaseSync
  /** Closes it and lets others own it. */
  release(): void
}

/** @throws Misuse where it cannot be owned or must not be touched; the sentence says what to do. */
export function openFile(file: string, busyTimeoutMs: number): OpenFile {
  const path = placeOf(file)
  if (ownedHere.has(path)) throw new Misuse([`${file} is open in this process already: one owner, share the storage object`])
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs, allowExtension: false })
  try {
    claimFile(database, file, path)
    ownedHere.add(path)
    writeFileSync(`${path}.owner`, `${process.pid}\n`, { mode: 0o600 })
  } catch (cause) {
    ownedHere.delete(path)
    database.close()
    throw cause instanceof Misuse ? cause : unusable(file, path, cause)
  }
  return {
    database,
    release() {
      database.close()
      rmSync(`${path}.owner`, { force: true })
      ownedHere.delete(path)
    },
  }
}

/** Makes folder and file where they are missing: 0700 and 0600, before SQLite could make them wider. */
function placeOf(file: string): string {
  if (file === '' || file === ':memory:' || file.startsWith('file:')) {
    throw new Misuse([`"${file}" is no path of a file: use createMemoryStorage() to keep nothing`])
  }
  const wanted = resolve(file)
  try {
    mkdirSync(dirname(wanted), { recursive: true, mode: 0o700 })
    const folder = realpathSync(dirname(wanted))
    const known = statSync(wanted, { throwIfNoEntry: false })
    if (known === undefined) closeSync(openSync(wanted, 'wx', 0o600))
    else if (!known.isFile()) throw new Misuse([`${file} is not a file`])
    return known === undefined ? join(folder, basename(wanted)) : realpathSync(wanted)
  } catch (cause) {
    if (cause instanceof Misuse) throw cause
    throw new Misuse([`${file} cannot be made or read: ${(cause as Error).message}`])
  }
}

function claimFile(database: DatabaseSync, file: string, path: string): void {
  // Exclusive before the first access: the lock is the kernel's, so a killed owner never leaves one behind.
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  mustBeOurs(database, file)
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
  const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
  if (mode !== 'wal') throw new Misuse([`${file} lies on a file system without write-ahead logging (journal mode "${mode}")`])
  database.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = FAST;
    PRAGMA trusted_schema = OFF;
    PRAGMA journal_size_limit = 16777216;
  `)
  // Takes the write lock now, not at the first write: two owners must not both come this far.
  database.exec('BEGIN IMMEDIATE; COMMIT')
  if (statSync(path).size <= checkedWholeBytes) {
    const verdict = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
    if (verdict !== 'ok') throw damaged(file, String(verdict))
  }
  migrate(database)
}

function mustBeOurs(database: DatabaseSync, file: string): void {
  const number = (sql: string, column: string) => Number(database.prepare(sql).get()?.[column] ?? 0)
  const id = number('PRAGMA application_id', 'application_id')
  const tables = number('SELECT count(*) AS n FROM sqlite_schema', 'n')
  if (id !== applicationId && (id !== 0 || tables > 0)) {
    throw new Misuse([`${file} is a database of another program: Kimei does not touch it, give another path`])
  }
  const version = number('PRAGMA user_version', 'user_version')
  if (version > migrations.length) {
    const words = `written by a newer version of Kimei (schema ${version}; this one knows ${migrations.length})`
    throw new Misuse([`${file} was ${words}: run that version, or restore a backup`])
  }
}

function migrate(database: DatabaseSync): void {
  const reached = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
  for (const migration of migrations.slice(reached)) {
    database.exec('BEGIN IMMEDIATE')
    try {
      database.exec(migration.sqlite)
      database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migration.number}`)
      database.exec('COMMIT')
    } catch (cause) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw cause
    }
  }
}

function unusable(file: string, path: string, cause: unknown): Error {
  const code = primaryCode(cause)
  if (code === sqliteCode.busy || code === sqliteCode.locked) {
    return new Misuse([`${file} is owned by ${ownerOf(path)}: one process per file, stop that one first`])
  }
  if (code === sqliteCode.notADatabase) return new Misuse([`${file} is not a SQLite database: give another path, or restore a backup`])
  if (code === sqliteCode.corrupt) return damaged(file, (cause as Error).message)
  return new Misuse([`${file} cannot be opened: ${(cause as Error).message}`])
}

function damaged(file: string, verdict: string): Misuse {
  return new Misuse([`${file} is damaged (${verdict.replace(/\s+/g, ' ')}): restore a backup, nothing was changed`])
}

/** The note beside the file serves this sentence alone; the lock decides. */
function ownerOf(path: string): string {
  try {
    const pid = Number.parseInt(readFileSync(`${path}.owner`, 'utf8'), 10)
    return Number.isInteger(pid) ? `another process (pid ${pid})` : 'another process'
  } catch {
    return 'another process'
  }
}
