// What the tokens of one request say about how the person signed in.
import { type Authentication, reachedLevel } from '@kimei/protocol'
import type { ServerContext } from '../context.ts'
import type { CheckedAuthorization, SignIn } from './contract.ts'

export async function authenticationOf(
  context: ServerContext,
  { acr }: Pick<CheckedAuthorization, 'acr'>,
  { amr }: SignIn,
): Promise<Authentication> {
  const { levels } = await context.directory.offer()
  return reachedLevel({ levels, wish: acr ?? { values: [], essential: false }, amr })
}
