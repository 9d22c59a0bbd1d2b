// What Node lends a holder: files that only this account can read, or memory.
import type { Device, DeviceOptions } from '../contract.ts'
import { createFileKeyStore } from '../key-store/node.ts'
import { createFileLock } from '../lock/lock-file.ts'
import { openPrivateFolder } from '../private-folder.ts'
import { createFileShelf } from '../shelf/node.ts'
import { createMemoryDevice } from './memory.ts'

/** With `folder`, keys and sessions last and are shared by processes; without, they end with this one. */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  if (options.folder === undefined) return createMemoryDevice(options.algorithm)
  const folder = await openPrivateFolder(options.folder)
  return { keys: createFileKeyStore(folder, options.algorithm), shelf: createFileShelf(folder), lock: createFileLock(folder) }
}
