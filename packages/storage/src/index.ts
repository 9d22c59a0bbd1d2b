export * from './contract.ts'
export { createMemoryReplay, type MemoryReplay, type MemoryReplayOptions } from './memory/memory-replay.ts'
export { createMemoryStorage, type MemoryStorageOptions } from './memory/memory-storage.ts'
