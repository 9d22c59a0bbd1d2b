// What a browser lends a holder: IndexedDB for keys and sessions, Web Locks between tabs.
import type { Device, DeviceOptions } from '../contract.ts'
import { HolderError, isHolderError } from '../holder-error.ts'
import { createBrowserKeyStore } from '../key-store/browser.ts'
import { createWebLock } from '../lock/web-locks.ts'
import { createBrowserShelf } from '../shelf/browser.ts'
import { openDatabase } from './indexed-db.ts'
import { createMemoryDevice } from './memory.ts'

/**
 * Where IndexedDB is missing, the key has no home that outlives the page: by default that is an error the application can
 * explain. With `keep-in-memory` key and tickets end with the page, so that sign-in works only without leaving it (a popup).
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  // Browsers give keys to https and loopback pages only; nothing below would work.
  if (globalThis.crypto?.subtle === undefined) throw new HolderError('holder.key-has-a-home', 'this page came over plain http')
  const name = options.database ?? 'kimei'
  try {
    const database = await openDatabase(name)
    return { keys: createBrowserKeyStore(database, options.algorithm), shelf: createBrowserShelf(database), lock: createWebLock(name) }
  } catch (error) {
    if (options.withoutStorage === 'keep-in-memory' && isHolderError(error, 'holder.key-has-a-home'))
      return createMemoryDevice(options.algorithm)
    throw error
  }
}
