// Authentication levels (OpenID Connect Core §2 acr, RFC 9470): which are asked for, which a person can reach, which was reached.
import type { Authentication, ClaimsRequest } from '../records.ts'
import { namedRules } from '../rule.ts'

/** A level, and the methods (RFC 8176) that reach it. */
export interface AuthLevel {
  readonly acr: string
  readonly amr: readonly string[]
}
/** Weakest first. */
export type AuthLevels = readonly AuthLevel[]

export const levelRules = namedRules('insufficient-authentication', {
  'authorize.demanded-acr-is-known': {
    cite: 'OIDC-Core§5.5.1.1',
    level: 'MUST',
    says: 'an acr that is demanded as essential is one that this issuer knows',
    rows: ['OIDC-5.5-01', 'STEP-5-01'],
  },
  'authorize.demanded-acr-is-within-reach': {
    cite: 'RFC9470§5',
    level: 'MUST',
    says: 'the person has the means to sign in at the level that is demanded',
    rows: ['STEP-5-01', 'OIDC-5.5-01'],
    unseen: 'a probe would need a test person who lacks a factor',
  },
})

/** What the request says about acr. */
export interface AcrWish {
  /** In order of preference; empty: nothing is said. */
  readonly values: readonly string[]
  /** Unmet, it is refused instead of gone on with. */
  readonly essential: boolean
}

/**
 * OIDC Core §5.5.1.1: acr_values is a wish, unless the issuer takes it as a demand (RFC 9470 §5); an essential claim with
 * values is a demand, and outweighs it.
 */
export function acrWish(acrValues: readonly string[], claims: ClaimsRequest, wishesAreDemands: boolean): AcrWish {
  const ask = Object.hasOwn(claims.id_token, 'acr') ? claims.id_token['acr'] : undefined
  const named = [...(ask?.value === undefined ? [] : [ask.value]), ...(ask?.values ?? [])]
  if (ask?.essential === true && named.length > 0) {
    return { values: named.filter((value) => typeof value === 'string'), essential: true }
  }
  const values = [...new Set([...acrValues, ...named.filter((value) => typeof value === 'string')])]
  return { values, essential: wishesAreDemands && values.length > 0 }
}

export function knowsAny(levels: AuthLevels, values: readonly string[]): boolean {
  return levels.some(({ acr }) => values.includes(acr))
}

export interface LevelFacts {
  readonly levels: AuthLevels
  readonly wish: AcrWish
  /** Methods that the person could use here. */
  readonly means: readonly string[]
  /** Methods of this sign-in. */
  readonly amr: readonly string[]
}

/** The methods still to be asked for, or that no level asked for can be reached; none left: it is reached, or nobody knows it. */
export function missingMethods({ levels, wish, means, amr }: LevelFacts): readonly string[] | 'out of reach' {
  if (!knowsAny(levels, wish.values)) return []
  // The order of the wish is its preference: the first that this person can reach is the one to reach.
  const target = wish.values
    .map((value) => levels.find(({ acr }) => acr === value))
    .find((level) => level?.amr.every((method) => means.includes(method) || amr.includes(method)))
  return target ? target.amr.filter((method) => !amr.includes(method)) : 'out of reach'
}

/** What tokens say: the first level asked for that was reached, else the strongest that was. */
export function reachedLevel({ levels, wish, amr }: Omit<LevelFacts, 'means'>): Authentication {
  const reached = levels.filter((level) => level.amr.every((method) => amr.includes(method)))
  const asked = wish.values.find((value) => reached.some(({ acr }) => acr === value))
  const acr = asked ?? reached.at(-1)?.acr
  return { ...(acr !== undefined && { acr }), amr }
}
