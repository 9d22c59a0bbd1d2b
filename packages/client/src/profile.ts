// UserInfo, reduced to the claims that the application has declared a purpose for.
import * as oauth from 'oauth4webapi'
import type { Fetch, KeyOwner, Profile } from './contract.ts'
import { HolderError } from './holder-error.ts'
import type { IssuerLink } from './issuer-link.ts'
import { within } from './library-errors.ts'
import type { SavedTicket } from './saved-ticket.ts'

type Purposes = Readonly<Record<string, readonly string[]>>

/** Asks UserInfo and keeps what was declared. Throws `holder.subject-is-the-same` where it speaks of somebody else. */
export async function readProfile(link: IssuerLink, purposes: Purposes, saved: SavedTicket | undefined, fetch: Fetch): Promise<Profile> {
  if (saved === undefined) throw new HolderError('holder.session-lives', 'nobody is signed in')
  const { subject } = saved
  if (subject === undefined)
    throw new HolderError('holder.subject-is-the-same', 'no ID token has said who signed in: ask for the scope openid')
  const { as, client } = await link.plainly()
  const endpoint = link.endpoint(as, 'userinfo_endpoint')
  if (endpoint === undefined) throw new HolderError('holder.metadata-is-complete', 'there is no userinfo_endpoint')
  const response = await fetch(endpoint, { headers: { accept: 'application/json' }, redirect: 'manual' })
  const claims = await within('holder.subject-is-the-same', () => oauth.processUserInfoResponse(as, client, subject, response))
  return { issuer: link.owner.issuer, subject, claims: keepDeclared(claims, purposes) }
}

/** Each kept claim is linked to the purposes it serves; the rest is gone when this returns. */
export function keepDeclared(claims: Readonly<Record<string, unknown>>, purposes: Purposes): Profile['claims'] {
  const kept: Record<string, { value: unknown; purposes: string[] }> = {}
  for (const [purpose, names] of Object.entries(purposes)) {
    for (const name of names) {
      if (!Object.hasOwn(claims, name)) continue
      kept[name] ??= { value: claims[name], purposes: [] }
      kept[name].purposes.push(purpose)
    }
  }
  return kept
}

/** The one name of a person: `sub` alone means nothing without its issuer, path included (OIDC Core §5.7). */
export function accountName({ issuer, subject }: Pick<Profile, 'issuer' | 'subject'>): string {
  return JSON.stringify([issuer, subject] satisfies [KeyOwner['issuer'], string])
}
