export { createMemoryReplay, type MemoryReplay, type MemoryReplayOptions } from './memory-replay.ts'
export { createMemoryStorage, type MemoryStorageOptions } from './memory-storage.ts'
