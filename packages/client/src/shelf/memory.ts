// Saved values that live as long as this process or page.
import type { Shelf } from '../contract.ts'

export function createMemoryShelf(): Shelf {
  const values = new Map<string, string>()
  const read = (slot: string): unknown => {
    const text = values.get(slot)
    return text === undefined ? undefined : JSON.parse(text)
  }
  return {
    read: async (slot) => read(slot),
    async write(slot, value) {
      values.set(slot, JSON.stringify(value))
    },
    async take(slot) {
      const value = read(slot)
      values.delete(slot)
      return value
    },
    async remove(slot) {
      values.delete(slot)
    },
  }
}
