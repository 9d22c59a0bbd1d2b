// The memory engine: every plan is one synchronous turn, undone as a whole where a condition fails.
// For tests, the lab and trying things out: it forgets everything at the end of the process.
import type { Storage } from '../contract.ts'

export interface MemoryStorageOptions {
  /** As in `createMemoryReplay`. */
  readonly maxReplayEntries?: number
  /** Audit events kept; the oldest go first. Default 10,000. */
  readonly maxAuditEvents?: number
}

export function createMemoryStorage(_options: MemoryStorageOptions = {}): Storage {
  throw new Error('under way')
}
