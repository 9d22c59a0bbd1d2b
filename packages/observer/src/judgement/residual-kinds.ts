// What is wrong about access that was ended: that it goes on against a promise, or longer than it needs to; that the binding goes first;
// that the refresh token lives. A ticket that ends within what the owner says is no finding.
import type { Residual } from '../residual.ts'
import type { FindingKind } from './finding-kinds.ts'

interface Wrong {
  readonly kind: FindingKind
  readonly subject: string
}

const words = { 'access-token': '', 'refresh-token': 'refresh token revoked, ', 'sign-out': 'signed out, ' } as const

export function residualKinds(one: Residual): Wrong[] {
  const after = words[one.after]
  return [
    ...passing(one).map((kind): Wrong => ({ kind, subject: `${after}${secondsOf(one)} s` })),
    ...(one.binding === 'lapsed' ? [{ kind: 'binding-lapses', subject: `${after}without its key` } as const] : []),
    ...(one.refresh === 'accepted' ? [{ kind: 'refresh-survives', subject: `${after}refreshed` } as const] : []),
  ]
}

function passing({ promised, promisedSeconds, residualAccess, passedSeconds = 0 }: Residual): FindingKind[] {
  if (residualAccess === 'no') return []
  if (promised === 'immediate') return ['revoked-ticket-passes']
  if (promisedSeconds === undefined) return ['residual-access']
  return passedSeconds > promisedSeconds ? ['revoked-ticket-passes'] : []
}

function secondsOf({ refusedAfterSeconds, steps }: Residual): string {
  return refusedAfterSeconds === undefined ? `> ${steps.at(-1)!.seconds}` : `≤ ${refusedAfterSeconds}`
}
