// Death at any moment: a killed process, a log cut anywhere, a disk that is full. Every plan is there as a whole or not at all.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { Storage } from '../src/index.ts'
import { StorageUnavailable } from '../src/index.ts'
import { openSqlite } from '../src/sql/sqlite.ts'
import { issuer, now } from '../src/testing/sample-records.ts'
import { heldOf, numberedPlan } from './numbered-plan.ts'
import { scratchFolder } from './scratch-folder.ts'

const { path: folder, remove } = scratchFolder()
afterAll(remove)
const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url))

interface Written {
  readonly acknowledged: readonly number[]
  readonly refused: readonly number[]
}

/** Collects what the writer says until it is gone. */
async function watch(child: ChildProcess, onAcknowledged?: () => void): Promise<Written> {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    if (chunk.includes('committed')) onAcknowledged?.()
  })
  await once(child, 'close')
  const numbers = (word: string) => [...text.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].map((match) => Number(match[1]))
  expect(numbers('lost')).toEqual([])
  return { acknowledged: numbers('committed'), refused: numbers('unavailable') }
}

/** Every plan whole or absent; answers the numbers that are there. */
async function wholePlans(storage: Storage, from: number, to: number): Promise<number[]> {
  const there: number[] = []
  for (let number = from; number <= to; number += 1) {
    const held = await heldOf(storage, number)
    if (typeof held === 'number') throw new Error(`plan ${number} is half-written: ${held} parts`)
    if (held === 'all') there.push(number)
  }
  return there
}

describe('SQLite storage after death', () => {
  it('O21-4.1.3-02, O21-4.3.1-01: killed at random moments, every plan is whole or absent and every acknowledged one is there', async () => {
    const file = join(folder, 'killed.db')
    let first = 0
    for (let round = 0; round < 8; round += 1) {
      const child = spawn(process.execPath, [writer, file, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] })
      let doomed = false
      const { acknowledged } = await watch(child, () => {
        if (doomed) return
        doomed = true
        setTimeout(() => child.kill('SIGKILL'), Math.random() * 25)
      })
      expect(child.signalCode).toBe('SIGKILL')
      expect(acknowledged.length).toBeGreaterThan(0)
      const last = Math.max(...acknowledged) + 32
      const storage = openSqlite({ file })
      const there = await wholePlans(storage, first, last)
      expect(acknowledged.filter((number) => !there.includes(number))).toEqual([])
      await storage.close()
      first = last + 1
    }
  })

  it('O21-4.1.3-02, O21-4.3.1-01: a write-ahead log cut at any byte leaves whole plans only, in the order they were committed', async () => {
    const file = join(folder, 'cut.db')
    openSqlite({ file }).close()
    const child = spawn(process.execPath, [writer, file, '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    await watch(child, () => child.kill('SIGKILL'))
    const length = statSync(`${file}-wal`).size
    expect(length).toBeGreaterThan(8192)
    let before = -1
    for (let cut = 0; cut <= 20; cut += 1) {
      const copy = join(folder, `cut-${cut}.db`)
      copyFileSync(file, copy)
      copyFileSync(`${file}-wal`, `${copy}-wal`)
      truncateSync(`${copy}-wal`, Math.floor((length * cut) / 20))
      const storage = openSqlite({ file: copy })
      const there = await wholePlans(storage, 0, 150)
      expect(there).toEqual(there.map((_, index) => index))
      expect(there.length).toBeGreaterThanOrEqual(before)
      before = there.length
      await storage.close()
    }
    expect(before).toBeGreaterThan(0)
  })

  it('DPOP-11.1-01: a full database answers StorageUnavailable, keeps what it acknowledged and works again with room', async () => {
    const file = join(folder, 'full.db')
    const small = openSqlite({ file, maxPages: 120 })
    const acknowledged: number[] = []
    let refusedAt = -1
    for (let number = 0; number < 5000 && refusedAt < 0; number += 1) {
      try {
        expect(await small.commit(numberedPlan(number))).toEqual({ done: 'committed' })
        acknowledged.push(number)
      } catch (error) {
        expect(error).toBeInstanceOf(StorageUnavailable)
        refusedAt = number
      }
    }
    expect(refusedAt).toBeGreaterThan(0)
    expect(await heldOf(small, refusedAt)).toBe('none')
    // Several at once on a full disk: all of them are told, none is half there.
    const refused = await Promise.allSettled([6001, 6002, 6003].map((number) => small.commit(numberedPlan(number))))
    for (const each of refused) expect(each.status === 'rejected' && each.reason).toBeInstanceOf(StorageUnavailable)
    await expect(async () => {
      for (let i = 0; i < 3000; i += 1) await small.replay.claim('proof', `filler-${i}`, now + 60, now)
    }).rejects.toBeInstanceOf(StorageUnavailable)
    expect(await wholePlans(small, 0, refusedAt)).toEqual(acknowledged)
    await small.close()

    const roomy = openSqlite({ file })
    expect(await wholePlans(roomy, 0, refusedAt)).toEqual(acknowledged)
    expect(await wholePlans(roomy, 6001, 6003)).toEqual([])
    expect(await roomy.commit(numberedPlan(refusedAt))).toEqual({ done: 'committed' })
    expect(await heldOf(roomy, refusedAt)).toBe('all')
    await roomy.close()
  })

  it('DPOP-11.1-01: where the system refuses to write more, the plan is refused and nothing of it stays', async () => {
    const file = join(folder, 'limited.db')
    // A limit on file size makes the kernel refuse writes in the middle of a commit, as a full disk does.
    const child = spawn('sh', ['-c', 'ulimit -f 1500 && exec "$0" "$@"', process.execPath, writer, file, '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const { acknowledged, refused } = await watch(child)
    expect(child.exitCode).toBe(0)
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(refused.length).toBeGreaterThan(0)
    const storage = openSqlite({ file })
    const there = await wholePlans(storage, 0, Math.max(...refused) + 16)
    expect(there).toEqual([...acknowledged].sort((a, b) => a - b))
    await storage.close()
  })

  it('SEED-TB-54: a damaged page is noticed at the start and nothing is written over it', async () => {
    const file = join(folder, 'damaged.db')
    const storage = openSqlite({ file })
    for (let number = 0; number < 50; number += 1) await storage.commit(numberedPlan(number))
    expect(await storage.records.grant(issuer, 'grant-1')).toBeDefined()
    await storage.close()
    const bytes = readFileSync(file)
    bytes.fill(0xa5, 4096 * 4, 4096 * 20)
    writeFileSync(file, bytes)
    expect(() => openSqlite({ file })).toThrow(/is damaged .*restore a backup/)
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })
})
