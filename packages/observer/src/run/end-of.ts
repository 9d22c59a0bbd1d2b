// Why a step ended without an outcome: the budget, a host that was given up, an end of the run, a door that stays shut, no answer.
import { StationClosed } from '../stations/token-endpoint.ts'
import { HostGivenUp } from '../wire/host-health.ts'
import { BudgetSpent, RunStopped } from '../wire/pacer.ts'

/** What is our own mistake is thrown on. */
export function endOf(error: unknown): string {
  if (error instanceof BudgetSpent || error instanceof RunStopped || error instanceof HostGivenUp || error instanceof StationClosed)
    return error.message
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return `no answer: ${error.code}`
  if (error instanceof Error && error.message === 'no answer in time') return error.message
  throw error
}

/** A survey step whose failure leaves the rest possible. */
export async function quietly<T>(step: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await step()
  } catch (error) {
    endOf(error)
    return otherwise
  }
}
