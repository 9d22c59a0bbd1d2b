// A map that forgets its least recently used entry: for results of pure computations, never for verdicts.

export interface BoundedMemory<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
  readonly size: number
}

/** @param entries more than these and the least recently used goes. */
export function boundedMemory<V>(entries: number): BoundedMemory<V> {
  // Two generations instead of a reordering on every hit: never more than `entries`, and a hit is one look-up.
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  const half = Math.max(1, entries >> 1)
  const set = (key: string, value: V): void => {
    if (young.size >= half && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  return {
    get(key) {
      const value = young.get(key)
      if (value !== undefined) return value
      const aged = old.get(key)
      if (aged !== undefined) {
        old.delete(key)
        set(key, aged)
      }
      return aged
    },
    set(key, value) {
      old.delete(key)
      set(key, value)
    },
    delete(key) {
      young.delete(key)
      old.delete(key)
    },
    get size() {
      return young.size + old.size
    },
  }
}
