// The few IndexedDB operations a holder needs, as promises. Browser only.
import { HolderError } from '../holder-error.ts'

export const storeNames = ['keys', 'shelf'] as const
export type StoreName = (typeof storeNames)[number]

export interface Database {
  read(store: StoreName, key: string): Promise<unknown>
  write(store: StoreName, key: string, value: unknown): Promise<void>
  /** Writes only where nothing stands; answers what stands afterwards. One transaction. */
  writeFirst(store: StoreName, key: string, value: unknown): Promise<unknown>
  /** Reads and removes in one transaction. */
  take(store: StoreName, key: string): Promise<unknown>
  remove(store: StoreName, key: string): Promise<void>
}

/** Throws `holder.key-has-a-home` where the browser has no IndexedDB or forbids it (private or locked-down modes). */
export async function openDatabase(name: string): Promise<Database> {
  const database = await open(name)
  const run = (store: StoreName, mode: IDBTransactionMode, work: (objects: IDBObjectStore, done: (value: unknown) => void) => void) =>
    new Promise<unknown>((resolve, reject) => {
      const transaction = database.transaction(store, mode, { durability: 'strict' })
      let result: unknown
      transaction.oncomplete = () => resolve(result)
      transaction.onabort = () => reject(homeless(transaction.error))
      work(transaction.objectStore(store), (value) => {
        result = value
      })
    })
  return {
    read: (store, key) => run(store, 'readonly', (objects, done) => whenRead(objects.get(key), done)),
    async write(store, key, value) {
      await run(store, 'readwrite', (objects) => objects.put(value, key))
    },
    writeFirst: (store, key, value) =>
      run(store, 'readwrite', (objects, done) =>
        whenRead(objects.get(key), (found) => {
          if (found === undefined) objects.put(value, key)
          done(found ?? value)
        }),
      ),
    take: (store, key) =>
      run(store, 'readwrite', (objects, done) =>
        whenRead(objects.get(key), (found) => {
          objects.delete(key)
          done(found)
        }),
      ),
    async remove(store, key) {
      await run(store, 'readwrite', (objects) => objects.delete(key))
    },
  }
}

function whenRead(request: IDBRequest, then: (value: unknown) => void): void {
  request.onsuccess = () => then(request.result)
}

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    if (globalThis.indexedDB === undefined) throw homeless(undefined)
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => {
      for (const store of storeNames) request.result.createObjectStore(store)
    }
    request.onerror = () => reject(homeless(request.error))
    request.onsuccess = () => {
      // A newer version of the application may ask for the database in another tab: never stand in its way.
      request.result.onversionchange = () => request.result.close()
      resolve(request.result)
    }
  })
}

function homeless(error: DOMException | null | undefined): HolderError {
  return new HolderError('holder.key-has-a-home', `this browser keeps no IndexedDB for this page${error ? ` (${error.name})` : ''}`)
}
