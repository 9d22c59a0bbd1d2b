// What a request without scope asks for, where the profile has a default (OAuth 2.1 §1.4.1). Everywhere else it is refused.
import { type Form, formEncode, parseForm } from '../form.ts'
import type { Profile } from '../profiles/index.ts'
import type { ClientRecord } from '../records.ts'
import { isBroken } from '../rule.ts'
import type { Offer } from './ask-rules.ts'

/** Whatever the targeted APIs offer, as far as the client may ask for it: the person sees each and decides. Never offline access. */
export function withDefaultScope(form: Form, client: ClientRecord, offer: Offer, profile: Profile): Form {
  if (!profile.scopeOfTheApi || form.get('scope') !== undefined || form.repeated.has('scope')) return form
  const sent = form.all('resource')
  const targets = sent.length > 0 ? sent : client.resources.slice(0, 1)
  const scopes = client.scopes.filter((scope) => targets.some((resource) => offer.homes.get(scope)?.has(resource)))
  if (scopes.length === 0) return form
  // An empty one is an absent one, and must not stand beside ours.
  const rest = form.text.split('&').filter((pair) => pair !== 'scope' && pair !== 'scope=')
  const filled = parseForm([...rest, formEncode([['scope', scopes.join(' ')]])].join('&'))
  return isBroken(filled) ? form : filled
}
