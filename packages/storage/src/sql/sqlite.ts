// The SQLite engine on `node:sqlite`: one owner process, one file, plans of one turn of the event loop in one transaction.
// The SQL text stands in `statements.ts`, the verbs in `verbs.ts`, opening the file in `sqlite-file.ts`.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { AuditEvent, Write, WritePlan } from '@kimei/protocol'
import { Misuse } from '@kimei/protocol'
import type { CommitAnswer, Storage } from '../contract.ts'
import { StorageUnavailable } from '../contract.ts'
import { createMemoryReplay } from '../memory/memory-replay.ts'
import { mustBeOfOneIssuer } from '../plan-shape.ts'
import { type ClaimLog, makeClaimLog } from './claim-log.ts'
import { GroupCommit } from './group-commit.ts'
import type { Row, SqlValue } from './rows.ts'
import { sqlReader } from './sql-reader.ts'
import { asStorageFault } from './sqlite-faults.ts'
import { openFile } from './sqlite-file.ts'
import { type StatementName, statements } from './statements.ts'
import { sweepSteps } from './sweep-steps.ts'
import { type Ask, type Ran, sqlVerbs, type VerbSteps } from './verbs.ts'

export interface SqliteOptions {
  /** Path of the database; made with mode 0600 where it does not exist. */
  readonly file: string
  /** How long opening waits for a file that somebody else holds, in milliseconds. Default 2,000. */
  readonly busyTimeoutMs?: number
  /** Bound of the file in pages of 4,096 bytes: beyond it every write is `StorageUnavailable`. Default: none. */
  readonly maxPages?: number
  /** As `maxEntries` of `createMemoryReplay`. */
  readonly maxReplayEntries?: number
}

/**
 * Opens, or makes, the file and brings it to the newest schema.
 * @throws Misuse where another process owns it, where it is not Kimei's, damaged, or written by a newer version.
 */
export function openSqlite(options: SqliteOptions): Storage {
  const { database, release } = openFile(options.file, options.busyTimeoutMs ?? 2000)
  if (options.maxPages !== undefined) limitPages(database, options.maxPages, release)
  const driver = new SqliteDriver(database)
  const memory = createMemoryReplay(options.maxReplayEntries === undefined ? {} : { maxEntries: options.maxReplayEntries })
  const claims = makeClaimLog(memory, driver.read('allClaims', []), driver.read('replayHorizon', []))
  const group = new GroupCommit(database, claims)
  let closed = false
  const mustBeOpen = () => {
    if (closed) throw new StorageUnavailable('this storage was closed')
  }

  return {
    records: {
      ...sqlReader((name, values) => {
        mustBeOpen()
        return driver.read(name, values)
      }),
      claimed(space, id, now) {
        mustBeOpen()
        return claims.claimed(space, id, now)
      },
    },
    replay: {
      // The file outlives the process, but only one process may own it.
      reach: 'process',
      async claim(space, id, until, now) {
        mustBeOpen()
        // Known already: nothing is written, nobody waits.
        if (claims.claimed(space, id, now)) return 'seen'
        const claim = () => (driver.finish(claims.claim(space, id, until, now)) ? 'first' : 'seen')
        return group.run<'first' | 'seen'>(claim, { alone: true })
      },
    },
    async commit(plan) {
      mustBeOpen()
      mustBeOfOneIssuer(plan)
      return group.run(() => driver.apply(plan, claims), { keep: (answer) => answer.done === 'committed' })
    },
    async appendAudit(events) {
      mustBeOpen()
      if (events.length > 0) await group.run(() => driver.appendAudit(events))
    },
    async sweep(now, limit = 1000) {
      mustBeOpen()
      return group.run(() => driver.finish(sweepSteps(claims, now, limit)))
    },
    async close() {
      if (closed) return
      closed = true
      group.flush()
      release()
    },
  }
}

/** Runs statements, each prepared once. */
class SqliteDriver {
  private readonly database: DatabaseSync
  private readonly prepared = new Map<StatementName, StatementSync>()

  constructor(database: DatabaseSync) {
    this.database = database
  }

  read(name: StatementName, values: readonly SqlValue[]): Row[] {
    try {
      return this.statement(name).all(...values) as Row[]
    } catch (error) {
      throw asStorageFault(error)
    }
  }

  apply(plan: WritePlan, claims: ClaimLog): CommitAnswer {
    for (const [index, write] of plan.writes.entries()) {
      const answer = this.finish(stepsOf(write, plan, claims))
      if (answer === false) return { done: 'lost', lost: write.write, index }
      if (answer !== true) return { done: 'repeat', ...answer }
    }
    this.appendAudit(plan.audit)
    return { done: 'committed' }
  }

  appendAudit(events: readonly AuditEvent[]): void {
    for (const event of events) {
      this.statement('appendAudit').run(event.issuer, event.at, event.event, event.subject ?? null, JSON.stringify(event))
    }
  }

  /** Answers every question of the steps until they end. */
  finish<T>(steps: Generator<Ask, T, Ran>): T {
    let step = steps.next()
    while (step.done !== true) step = steps.next(this.run(step.value))
    return step.value
  }

  private run({ name, values }: Ask): Ran {
    const statement = this.statement(name)
    if (statements[name].answers === 'rows') return { rows: statement.all(...values) as Row[], changes: 0 }
    return { rows: [], changes: Number(statement.run(...values).changes) }
  }

  private statement(name: StatementName): StatementSync {
    let statement = this.prepared.get(name)
    if (statement === undefined) {
      statement = this.database.prepare(statements[name].text)
      this.prepared.set(name, statement)
    }
    return statement
  }
}

function stepsOf(write: Write, plan: WritePlan, claims: ClaimLog): VerbSteps {
  if (write.write === 'claim-once') return claims.claim(write.space, write.id, write.until, plan.now)
  // The table is total over the verbs; only the compiler cannot see that name and write belong together.
  const verb = sqlVerbs[write.write] as (of: typeof write, plan: WritePlan) => VerbSteps
  return verb(write, plan)
}

function limitPages(database: ReturnType<typeof openFile>['database'], maxPages: number, release: () => void): void {
  if (!Number.isInteger(maxPages) || maxPages < 1) {
    release()
    throw new Misuse(['maxPages must be a positive integer'])
  }
  database.exec(`PRAGMA max_page_count = ${maxPages}`)
}
