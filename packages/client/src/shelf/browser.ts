// Saved values in IndexedDB, shared by the tabs of the origin.
import type { Shelf } from '../contract.ts'
import type { Database } from '../device/indexed-db.ts'

export function createBrowserShelf(database: Database): Shelf {
  return {
    read: (slot) => database.read('shelf', slot),
    write: (slot, value) => database.write('shelf', slot, value),
    take: (slot) => database.take('shelf', slot),
    remove: (slot) => database.remove('shelf', slot),
  }
}
