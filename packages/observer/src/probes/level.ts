// The level of a probe is that of the rules it attacks: a probe never demands more than the law.
import { catalogue, type Level, type RuleId } from '@kimei/protocol'

const order: readonly Level[] = ['MUST', 'SHOULD', 'PRODUCT', 'MAY']

/** The strictest level among the rules. */
export function levelOf(attacks: readonly RuleId[]): Level {
  const levels = attacks.map((id) => catalogue.get(id)?.level)
  return order.find((level) => levels.includes(level)) ?? 'PRODUCT'
}
