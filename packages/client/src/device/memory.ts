// A device that remembers nothing beyond this process or page.
import type { Device, HolderAlgorithm } from '../contract.ts'
import { createMemoryKeyStore } from '../key-store/memory.ts'
import { createInProcessLock } from '../lock/in-process.ts'
import { createMemoryShelf } from '../shelf/memory.ts'

export function createMemoryDevice(algorithm?: HolderAlgorithm): Device {
  return { keys: createMemoryKeyStore(algorithm), shelf: createMemoryShelf(), lock: createInProcessLock() }
}
