// What arrives in one turn of the event loop shares one transaction, a savepoint each, and is answered after its commit.
// One write to the disk for many requests; a request that is lost takes back only its own.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ClaimLog } from './claim-log.ts'
import { asStorageFault, primaryCode } from './sqlite-faults.ts'

/** More would hold the event loop for too long; the rest goes into the next transaction. */
const jobsPerTransaction = 256
/** Under load one more turn usually brings more: waiting is cheaper than one more commit. Never longer than this. */
const turnsToGather = 4

interface Job {
  /** Runs inside the transaction; answers how to settle once it is committed. */
  readonly attempt: () => () => void
  readonly fail: (error: unknown) => void
  /** One statement, atomic by itself: no savepoint needed. */
  readonly alone: boolean
}

interface RunOptions<T> {
  readonly alone?: boolean
  /** Whether what the work wrote stays. Default: it does. */
  readonly keep?: (answer: T) => boolean
}

/** Thrown through a savepoint to take it back; the work itself succeeded in finding out that it must not stay. */
class TakeBack {
  readonly settle: () => void
  constructor(settle: () => void) {
    this.settle = settle
  }
}

export class GroupCommit {
  private queue: Job[] = []
  private scheduled = false
  /** Work of the last transaction: more than one piece means that several callers are busy. */
  private lastJobs = 0
  private readonly database: DatabaseSync
  private readonly claims: ClaimLog
  private readonly verbs: Readonly<Record<'begin' | 'commit' | 'savepoint' | 'release' | 'rollbackTo', StatementSync>>

  constructor(database: DatabaseSync, claims: ClaimLog) {
    this.database = database
    this.claims = claims
    this.verbs = {
      begin: database.prepare('BEGIN IMMEDIATE'),
      commit: database.prepare('COMMIT'),
      savepoint: database.prepare('SAVEPOINT plan'),
      release: database.prepare('RELEASE plan'),
      rollbackTo: database.prepare('ROLLBACK TO plan'),
    }
  }

  /** Resolves after the commit that holds the work; rejects where nothing of it was kept. */
  run<T>(work: () => T, { alone = false, keep }: RunOptions<T> = {}): Promise<T> {
    return new Promise((resolve, fail) => {
      const attempt = () => {
        const answer = work()
        const settle = () => resolve(answer)
        if (keep && !keep(answer)) throw new TakeBack(settle)
        return settle
      }
      this.queue.push({ attempt, fail, alone })
      this.schedule()
    })
  }

  /** Commits what waits, now. */
  flush(): void {
    while (this.queue.length > 0) this.transaction(this.queue.splice(0, jobsPerTransaction))
  }

  /** After the poll phase: everything that one turn of the event loop brought is here by then. */
  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => this.gather(this.queue.length, 1))
  }

  /** Commits as soon as a turn brings nothing new; a lone caller does not wait at all. */
  private gather(before: number, turns: number): void {
    const { length } = this.queue
    const busy = length > 1 || this.lastJobs > 1
    const grew = turns === 1 || length > before
    if (busy && grew && turns < turnsToGather && length < jobsPerTransaction) {
      setImmediate(() => this.gather(length, turns + 1))
      return
    }
    this.scheduled = false
    this.lastJobs = Math.min(length, jobsPerTransaction)
    this.transaction(this.queue.splice(0, jobsPerTransaction))
    if (this.queue.length > 0) this.schedule()
  }

  private transaction(jobs: readonly Job[]): void {
    if (jobs.length === 0) return
    const settled: (() => void)[] = []
    try {
      this.verbs.begin.run()
      for (const job of jobs) settled.push(this.inSavepoint(job))
      this.verbs.commit.run()
      this.claims.settle()
    } catch (error) {
      this.abandon()
      this.claims.takeBack(0)
      // A full disk or a failed write may have ended the whole transaction: nobody's work is kept, everybody is told.
      const fault = asStorageFault(error)
      for (const job of jobs) job.fail(fault)
      return
    }
    for (const settle of settled) settle()
  }

  private inSavepoint({ attempt, fail, alone }: Job): () => void {
    if (!alone) this.verbs.savepoint.run()
    const claimed = this.claims.pending
    try {
      const settle = attempt()
      if (!alone) this.verbs.release.run()
      return settle
    } catch (error) {
      if (!(error instanceof TakeBack) && this.endedBy(error)) throw error
      this.claims.takeBack(claimed)
      if (!alone) {
        this.verbs.rollbackTo.run()
        this.verbs.release.run()
      }
      return error instanceof TakeBack ? error.settle : () => fail(error)
    }
  }

  /** Whether the fault is the disk's, which all jobs share, rather than this job's own. */
  private endedBy(error: unknown): boolean {
    return !this.database.isTransaction || (primaryCode(error) !== undefined && asStorageFault(error) !== error)
  }

  private abandon(): void {
    try {
      if (this.database.isTransaction) this.database.exec('ROLLBACK')
    } catch {
      // SQLite rolled back by itself; the next BEGIN says so if not.
    }
  }
}
