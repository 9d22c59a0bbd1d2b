// The key commands against a running issuer: what the control socket answers, and the shape of its answers.
import type { KeyRecord, Seconds } from '@kimei/protocol'
import type { IssuerServer, Rotation } from '@kimei/server'
import type { ControlAsk } from './control-socket.ts'

/** A key as it may be shown: everything but its private half. */
export interface KeyView {
  readonly kid: string
  readonly alg: string
  readonly state: KeyRecord['state']
  readonly createdAt: Seconds
  readonly signingSince: Seconds | null
  readonly retiredAt: Seconds | null
  readonly removeAt: Seconds | null
}

export type KeyRotation = Rotation

export function answerControl(issuer: IssuerServer): (ask: ControlAsk) => Promise<readonly KeyView[] | readonly KeyRotation[]> {
  return async (ask) => {
    if (ask.do === 'rotate-keys') return issuer.rotateKeys({ force: ask.force })
    return viewKeys(await issuer.context.storage.records.keys(issuer.context.issuer))
  }
}

const stateOrder = { signing: 0, published: 1, retired: 2 } as const

export function viewKeys(records: readonly KeyRecord[]): KeyView[] {
  const views = records.map(({ kid, alg, state, createdAt, signingSince, retiredAt, removeAt }) => ({
    kid,
    alg,
    state,
    createdAt,
    signingSince,
    retiredAt,
    removeAt,
  }))
  return views.sort((a, b) =>
    a.alg === b.alg ? stateOrder[a.state] - stateOrder[b.state] || a.createdAt - b.createdAt : a.alg < b.alg ? -1 : 1,
  )
}
