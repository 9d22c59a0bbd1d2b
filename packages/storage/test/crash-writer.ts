// Run as a process of its own and killed: commits plan after plan, 16 at a time, and writes each number once it is acknowledged.
// Arguments: file, first number, last number (absent: for ever).
import { writeSync } from 'node:fs'
import { StorageUnavailable } from '../src/index.ts'
import { openSqlite } from '../src/sql/sqlite.ts'
import { numberedPlan } from './numbered-plan.ts'

const [file = '', first = '0', last = 'Infinity'] = process.argv.slice(2)
const storage = openSqlite({ file })
let next = Number(first)

async function lane(): Promise<void> {
  while (next <= Number(last)) {
    const number = next
    next += 1
    try {
      const { done } = await storage.commit(numberedPlan(number))
      writeSync(1, `${done} ${number}\n`)
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error
      writeSync(1, `unavailable ${number}\n`)
      return
    }
  }
}

writeSync(1, 'ready\n')
await Promise.all(Array.from({ length: 16 }, lane))
await storage.close()
