// A Law with named rules removed. Only the lab can make one; no configuration file reaches it.
import { type Law, Misuse, type RuleId } from '@kimei/protocol'

/** Waives exactly these rules. `waived` tells which of them were really asked for and let something through. */
export interface LabLaw extends Law {
  readonly without: readonly RuleId[]
  readonly waived: ReadonlySet<RuleId>
}

/**
 * @param without rules to remove; each must stand in `catalogue`.
 * @throws Misuse naming the ids that no table has.
 */
export function lawWithout(without: readonly RuleId[], catalogue: ReadonlySet<RuleId>): LabLaw {
  const unknown = without.filter((id) => !catalogue.has(id))
  if (unknown.length > 0) throw new Misuse(unknown.map((id) => `no rule ${id}`))
  const removed = new Set(without)
  const waived = new Set<RuleId>()
  return {
    without: [...without],
    waived,
    waives(id) {
      if (!removed.has(id)) return false
      waived.add(id)
      return true
    },
  }
}
