// The contract of storage on the SQLite engine, with restarts.
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import type { Storage } from '../src/index.ts'
import { openSqlite } from '../src/sql/sqlite.ts'
import { contractCasesFor, type EngineUnderTest } from '../src/testing/contract-suite.ts'
import { scratchFolder } from './scratch-folder.ts'

const { path, remove } = scratchFolder()
afterAll(remove)

let count = 0
const files = new WeakMap<Storage, string>()
const openAt = (file: string, maxReplayEntries?: number): Storage => {
  const storage = openSqlite({ file, ...(maxReplayEntries !== undefined && { maxReplayEntries }) })
  files.set(storage, file)
  return storage
}
const sqlite: EngineUnderTest = {
  async open() {
    count += 1
    return openAt(join(path, `${count}.db`))
  },
  async openWithReplayRoom(entries) {
    count += 1
    return openAt(join(path, `${count}.db`), entries)
  },
  async reopen(storage) {
    await storage.close()
    return openAt(files.get(storage) as string)
  },
}

describe('SQLite storage keeps the contract', () => {
  for (const { title, run } of contractCasesFor(sqlite)) it(title, () => run(sqlite))
})
