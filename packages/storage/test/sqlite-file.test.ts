// Whose the file is: one owner, ours, of a version we know, readable by nobody else.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { Misuse } from '@kimei/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { migrations } from '../src/sql/migrations/index.ts'
import { openSqlite } from '../src/sql/sqlite.ts'
import { openFile } from '../src/sql/sqlite-file.ts'
import { committed, issuer, plan, sample } from '../src/testing/sample-records.ts'
import { numberedPlan } from './numbered-plan.ts'
import { scratchFolder } from './scratch-folder.ts'

const { path: folder, remove } = scratchFolder()
afterAll(remove)
const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url))

function misuseOf(attempt: () => unknown): string {
  try {
    attempt()
  } catch (error) {
    expect(error).toBeInstanceOf(Misuse)
    return (error as Misuse).message
  }
  throw new Error('it was accepted')
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('the SQLite file', () => {
  it('BCP-4.9-01: file, log and owner note are for their owner alone, in a folder made for them', async () => {
    const file = join(folder, 'new', 'deep', 'kimei.db')
    const storage = openSqlite({ file })
    await storage.commit(numberedPlan(1))
    expect([modeOf(file), modeOf(`${file}-wal`), modeOf(`${file}.owner`)]).toEqual(['600', '600', '600'])
    expect(modeOf(join(folder, 'new'))).toBe('700')
    await storage.close()
    expect(existsSync(`${file}.owner`)).toBe(false)
    expect(existsSync(`${file}-wal`)).toBe(false)
    chmodSync(file, 0o644)
    await openSqlite({ file }).close()
    expect(modeOf(file)).toBe('600')
  })

  it('DPOP-11.1-01: a second owner in the same process is refused, also through a link, and welcome after the first closed', async () => {
    const file = join(folder, 'mine.db')
    const first = openSqlite({ file })
    expect(misuseOf(() => openSqlite({ file }))).toMatch(/open in this process already/)
    symlinkSync(file, join(folder, 'link.db'))
    expect(misuseOf(() => openSqlite({ file: join(folder, 'link.db') }))).toMatch(/open in this process already/)
    expect(await first.commit(numberedPlan(1))).toEqual(committed)
    await first.close()
    const second = openSqlite({ file })
    expect(await second.records.grant(issuer, 'grant-1')).toBeDefined()
    await second.close()
  })

  it('DPOP-11.1-01: a second owning process is refused by name while the first works on, and welcome once it is gone', async () => {
    const file = join(folder, 'theirs.db')
    const child = spawn(process.execPath, [writer, file, '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const said = misuseOf(() => openSqlite({ file, busyTimeoutMs: 50 }))
    expect(said).toContain(`is owned by another process (pid ${child.pid})`)
    expect(said).toContain('stop that one first')
    // Still at work after our attempt: the next acknowledgement comes.
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')
    const storage = openSqlite({ file })
    expect(await storage.records.grant(issuer, 'grant-0')).toBeDefined()
    await storage.close()
  })

  it('DPOP-11.1-01: a file that another program holds is refused; once let go it opens', async () => {
    const file = join(folder, 'held.db')
    await openSqlite({ file }).close()
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    expect(misuseOf(() => openSqlite({ file, busyTimeoutMs: 20 }))).toMatch(/owned by another process/)
    other.exec('ROLLBACK')
    other.close()
    const storage = openSqlite({ file })
    expect(await storage.commit(numberedPlan(1))).toEqual(committed)
    // And while we own it nobody else so much as reads it.
    const reader = new DatabaseSync(file, { timeout: 20 })
    expect(() => reader.exec('SELECT * FROM grants')).toThrow(/locked/)
    reader.close()
    expect(await storage.commit(numberedPlan(2))).toEqual(committed)
    await storage.close()
  })

  it('SEED-TB-54: a foreign database is refused and left as it is', () => {
    const file = join(folder, 'foreign.db')
    const foreign = new DatabaseSync(file)
    foreign.exec('CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1')
    foreign.close()
    const before = readFileSync(file)
    expect(misuseOf(() => openSqlite({ file }))).toMatch(/database of another program/)
    expect(readFileSync(file).equals(before)).toBe(true)
    const marked = join(folder, 'marked.db')
    const other = new DatabaseSync(marked)
    other.exec('PRAGMA application_id = 77')
    other.close()
    expect(misuseOf(() => openSqlite({ file: marked }))).toMatch(/database of another program/)
  })

  it('SEED-TB-54: what is no database, no file or no path is refused in words', () => {
    const text = join(folder, 'text.db')
    writeFileSync(text, 'dear diary, this is long enough to be taken for the header of something. '.repeat(20))
    expect(misuseOf(() => openSqlite({ file: text }))).toMatch(/is not a SQLite database/)
    expect(readFileSync(text, 'utf8')).toMatch(/^dear diary/)
    mkdirSync(join(folder, 'folder.db'))
    expect(misuseOf(() => openSqlite({ file: join(folder, 'folder.db') }))).toMatch(/is not a file/)
    for (const file of ['', ':memory:', 'file:x.db']) expect(misuseOf(() => openSqlite({ file }))).toMatch(/no path of a file/)
    expect(misuseOf(() => openSqlite({ file: join(text, 'below.db') }))).toMatch(/cannot be made or read/)
    expect(misuseOf(() => openSqlite({ file: join(folder, 'pages.db'), maxPages: 0 }))).toMatch(/maxPages/)
  })

  it('SEED-TB-54: a file of a newer version is refused and left as it is', async () => {
    const file = join(folder, 'newer.db')
    const storage = openSqlite({ file })
    await storage.commit(numberedPlan(1))
    await storage.close()
    const later = new DatabaseSync(file)
    later.exec(`PRAGMA user_version = ${migrations.length + 1}`)
    later.close()
    expect(misuseOf(() => openSqlite({ file }))).toMatch(/written by a newer version of Kimei \(schema \d+; this one knows \d+\)/)
    const back = new DatabaseSync(file)
    expect(back.prepare('SELECT count(*) AS n FROM grants').get()?.['n']).toBe(1)
    back.exec(`PRAGMA user_version = ${migrations.length}`)
    back.close()
    await openSqlite({ file }).close()
  })

  it('DPOP-11.1-01: an acknowledged write has reached the disk: write-ahead log, full synchronization, one owner', () => {
    const { database, release } = openFile(join(folder, 'pragmas.db'), 100)
    const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('locking_mode')]).toEqual(['wal', 2, 'exclusive'])
    release()
  })

  it('SEED-TB-54: migrations are numbered without gaps', () => {
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1))
  })

  it('SEED-TB-54: what is still waiting when the storage is closed is committed first', async () => {
    const file = join(folder, 'closing.db')
    const storage = openSqlite({ file })
    const waiting = storage.commit(numberedPlan(1))
    await storage.close()
    expect(await waiting).toEqual(committed)
    const again = openSqlite({ file })
    expect(await again.records.grant(issuer, 'grant-1')).toBeDefined()
    await again.close()
  })

  it('SEED-TB-54: one plan that cannot be written down does not take its neighbours of the same turn with it', async () => {
    const storage = openSqlite({ file: join(folder, 'neighbours.db') })
    const circular: Record<string, unknown> = {}
    circular['itself'] = circular
    const [left, broken, lost, right] = await Promise.allSettled([
      storage.commit(numberedPlan(1)),
      storage.commit(plan([{ write: 'put-client', record: sample.client() }], { audit: [sample.event('r', circular)] })),
      storage.commit(plan([{ write: 'put-user', record: sample.user({ version: 5 }) }])),
      storage.commit(numberedPlan(2)),
    ])
    expect(left).toEqual({ status: 'fulfilled', value: committed })
    expect(right).toEqual({ status: 'fulfilled', value: committed })
    expect(lost).toEqual({ status: 'fulfilled', value: { done: 'lost', lost: 'put-user', index: 0 } })
    expect(broken.status === 'rejected' && broken.reason).toBeInstanceOf(TypeError)
    expect(await storage.records.client(issuer, 'client-1')).toBeUndefined()
    await storage.close()
  })

  it('SEED-TB-54: more plans in one turn than one transaction takes are all answered', async () => {
    const storage = openSqlite({ file: join(folder, 'many.db') })
    const answers = await Promise.all(Array.from({ length: 700 }, (_, index) => storage.commit(numberedPlan(index))))
    expect(answers.every(({ done }) => done === 'committed')).toBe(true)
    await storage.close()
  })
})
