// Saved values in the private folder, one file a slot.
import type { Shelf } from '../contract.ts'
import { HolderError } from '../holder-error.ts'
import type { PrivateFolder } from '../private-folder.ts'

export function createFileShelf(folder: PrivateFolder): Shelf {
  const fileOf = (slot: string): string => folder.fileFor('slot', slot)
  return {
    read: async (slot) => parse(await folder.read(fileOf(slot)), fileOf(slot)),
    write: (slot, value) => folder.write(fileOf(slot), JSON.stringify(value)),
    take: async (slot) => parse(await folder.take(fileOf(slot)), fileOf(slot)),
    remove: (slot) => folder.remove(fileOf(slot)),
  }
}

function parse(text: string | undefined, file: string): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new HolderError('holder.key-is-readable', `${file} is damaged; remove it to sign in anew`)
  }
}
