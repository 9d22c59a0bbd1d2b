// One piece of work at a time by name, across processes: a lock file that names its owner.
// The owner's death frees it; Node only.
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Lock } from '../contract.ts'
import { HolderError } from '../holder-error.ts'
import { codeOf, type PrivateFolder } from '../private-folder.ts'
import { createInProcessLock } from './in-process.ts'

export interface LockFileTimes {
  /** How long to wait for a turn. */
  readonly patienceMs: number
  /** How often the owner shows that it lives. */
  readonly heartbeatMs: number
  /** After how long without a sign of life an owner counts as gone. */
  readonly staleMs: number
  readonly pollMs: number
}

const usualTimes: LockFileTimes = { patienceMs: 60_000, heartbeatMs: 5_000, staleMs: 30_000, pollMs: 25 }

/** A takeover is a few file calls in one turn of the event loop; one this old died in between. */
const takeoverStaleMs = 10_000

interface Owner {
  readonly pid: number
  readonly host: string
  readonly token: string
}

export function createFileLock(folder: PrivateFolder, times: LockFileTimes = usualTimes): Lock {
  const here = createInProcessLock()
  return (name, work) =>
    here(name, async () => {
      const file = `${folder.fileFor('lock', name)}.lock`
      const text = JSON.stringify({ pid: process.pid, host: hostname(), token: randomBytes(16).toString('hex') })
      await acquire(folder, file, text, times)
      const path = join(folder.path, file)
      const heartbeat = setInterval(() => beat(path), times.heartbeatMs)
      heartbeat.unref()
      try {
        return await work()
      } finally {
        clearInterval(heartbeat)
        if (readNow(path) === text) await rm(path, { force: true })
      }
    })
}

async function acquire(folder: PrivateFolder, file: string, text: string, times: LockFileTimes): Promise<void> {
  const giveUpAt = performance.now() + times.patienceMs
  const path = join(folder.path, file)
  while (readNow(path) !== undefined || !(await folder.create(file, text))) {
    if (isStale(path, times)) removeStale(path, times)
    else if (performance.now() > giveUpAt) {
      throw new HolderError('holder.lock-is-granted', `another process has held ${path} for over ${Math.ceil(times.patienceMs / 1000)} s`)
    } else await pause(times.pollMs)
  }
}

/** Stale: its process on this host is gone, or nobody has touched it for long. */
function isStale(path: string, times: LockFileTimes): boolean {
  const text = readNow(path)
  if (text === undefined) return false
  const owner = parseOwner(text)
  if (owner !== undefined && owner.host === hostname() && !isAlive(owner.pid)) return true
  return ageMs(path) > times.staleMs
}

/**
 * Two waiters may both have seen the dead owner; the slower one must not remove the lock that the faster has just taken.
 * So removal has a lock of its own, and looks again under it, all in one turn of the event loop.
 */
function removeStale(path: string, times: LockFileTimes): void {
  const takeover = `${path}.takeover`
  try {
    writeFileSync(takeover, '', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if (ageMs(takeover) > takeoverStaleMs) rmSync(takeover, { force: true })
    return
  }
  try {
    if (isStale(path, times)) rmSync(path, { force: true })
  } finally {
    rmSync(takeover, { force: true })
  }
}

function readNow(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    const { pid, host, token } = JSON.parse(text) as Record<string, unknown>
    return Number.isSafeInteger(pid) && typeof host === 'string' && typeof token === 'string'
      ? { pid: pid as number, host, token }
      : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, under another account.
    return codeOf(error) !== 'ESRCH'
  }
}

function ageMs(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return 0
  }
}

function beat(path: string): void {
  try {
    const now = new Date()
    utimesSync(path, now, now)
  } catch {
    // Taken over: the work under way will notice at its own write.
  }
}
