// What the contract suite needs of an engine, and how its cases look. No test framework: a case is a title and a function that throws.
import type { Storage } from '../contract.ts'

export interface EngineUnderTest {
  /** A fresh, empty storage. Its replay memory holds at least 1,000 entries. */
  open(): Promise<Storage>
  /** Ends the storage and opens what it kept. Absent where the engine keeps nothing. */
  reopen?(storage: Storage): Promise<Storage>
  /** A fresh storage whose replay memory holds so many entries. Absent where only the disk bounds it. */
  openWithReplayRoom?(entries: number): Promise<Storage>
}

export type Need = 'reopen' | 'openWithReplayRoom'

export interface ContractCase {
  /** Begins with the requirement ids it shows. */
  readonly title: string
  /** Where the engine offers none, the case does not apply. */
  readonly needs?: Need
  readonly run: (engine: EngineUnderTest) => Promise<void>
}

/** A case on a fresh storage that is closed afterwards. */
export function onFresh(title: string, check: (storage: Storage) => Promise<void>): ContractCase {
  return {
    title,
    async run(engine) {
      const storage = await engine.open()
      try {
        await check(storage)
      } finally {
        await storage.close()
      }
    },
  }
}
