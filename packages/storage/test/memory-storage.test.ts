// The contract of storage on the memory engine.
import { describe, it } from 'vitest'
import { createMemoryStorage } from '../src/index.ts'
import { contractCasesFor, type EngineUnderTest } from '../src/testing/contract-suite.ts'

const memory: EngineUnderTest = {
  open: async () => createMemoryStorage(),
  openWithReplayRoom: async (entries) => createMemoryStorage({ maxReplayEntries: entries }),
}

describe('memory storage keeps the contract', () => {
  for (const { title, run } of contractCasesFor(memory)) it(title, () => run(memory))
})
