// The key commands against a running issuer: what the control socket answers, and the shape of its answers.
import type { KeyRecord, Seconds } from '@kimei/protocol'
import type { IssuerServer, IssuersServer, Rotation } from '@kimei/server'
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

/** Finds the issuer that is asked about. Throws where there is none, with a sentence that says so. */
export type FindIssuer = (name: string | undefined) => Promise<IssuerServer>

export function answerControl(find: FindIssuer): (ask: ControlAsk) => Promise<readonly KeyView[] | readonly KeyRotation[]> {
  return async (ask) => {
    const issuer = await find(ask.issuer)
    if (ask.do === 'rotate-keys') return issuer.rotateKeys({ force: ask.force })
    return viewKeys(await issuer.context.storage.records.keys(issuer.context.issuer))
  }
}

/** Where one is served: it needs no name, and has no other. */
export function theOne(issuer: IssuerServer): FindIssuer {
  return async (name) => {
    if (name !== undefined && name !== issuer.context.issuer) throw new Error(`the issuer here is ${issuer.context.issuer}`)
    return issuer
  }
}

export function oneOf(issuers: IssuersServer): FindIssuer {
  return async (name) => {
    if (name === undefined) throw new Error('several issuers are served here: say which with --issuer')
    const found = await issuers.issuer(name)
    if (!found) throw new Error(`there is no issuer ${name} here`)
    return found
  }
}

const stateOrder = { signing: 0, published: 1, retired: 2, kept: 3 } as const

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
