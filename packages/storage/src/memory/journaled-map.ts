// A map that can take back what a lost plan did to it. Records go in as frozen copies, so nobody changes them from outside.

/** Undoes one change. */
export type Undo = () => void

/** Changes of the plan under way, oldest first. */
export interface Journal {
  readonly undos: Undo[]
}

export class JournaledMap<T> {
  private readonly entries = new Map<string, T>()
  private readonly journal: Journal

  constructor(journal: Journal) {
    this.journal = journal
  }

  get(key: string): T | undefined {
    return this.entries.get(key)
  }

  values(): IterableIterator<T> {
    return this.entries.values()
  }

  pairs(): IterableIterator<[string, T]> {
    return this.entries.entries()
  }

  set(key: string, value: T): void {
    const before = this.entries.get(key)
    this.entries.set(key, frozenCopy(value))
    this.journal.undos.push(() => {
      if (before === undefined) this.entries.delete(key)
      else this.entries.set(key, before)
    })
  }

  delete(key: string): void {
    const before = this.entries.get(key)
    if (before === undefined) return
    this.entries.delete(key)
    this.journal.undos.push(() => this.entries.set(key, before))
  }
}

/** As it would come back from a file: no `undefined` members, no shared references. */
export function frozenCopy<T>(value: T): T {
  return deepFreeze(JSON.parse(JSON.stringify(value)))
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
