// What an app asks for, in the words that pages show: permissions, and how long they last. Consent and device pages share it.
import { type ClientRecord, type Form, isWorthAsking, type Language, mayBeTold, type Offer } from '@kimei/protocol'
import { claimName, sentence } from 'look'
import type { ServerContext } from '../context.ts'
import type { ConsentModel, Permission } from './consent-page.ts'

/** Scopes that give the client anything; offline access is a matter of how long, not of what. */
export function scopesToShow(
  context: ServerContext,
  client: ClientRecord | undefined,
  scopes: readonly string[],
  offer: Offer,
): readonly string[] {
  const tells = (scope: string) => client === undefined || isWorthAsking(client, offer.scopes.get(scope)?.claims ?? [], context.law)
  return scopes.filter((scope) => scope !== 'offline_access' && tells(scope))
}

/** A scope in words; where its client hears a part of it alone, that part by name. */
export function describeScope(
  context: ServerContext,
  client: ClientRecord | undefined,
  { scope, claims }: { readonly scope: string; readonly claims: readonly string[] },
  language: Language,
): string {
  const told = client ? claims.filter((claim) => mayBeTold(client, claim, context.law)) : claims
  if (told.length === claims.length) return context.texts.scope(scope)?.[language] ?? scope
  const names = told.map((claim) => claimName(language, claim)).join(language === 'ja' ? '、' : ', ')
  return sentence(language, 'consent.see-only', { claims: names })
}

export function permissionOf(
  context: ServerContext,
  client: ClientRecord,
  { scope, claims }: { readonly scope: string; readonly claims: readonly string[] },
  language: Language,
): Permission {
  const { purposes = {}, optionalScopes = [] } = client
  const purpose = purposes[scope]?.[language]
  const explained = claims.flatMap((claim) => {
    const why = mayBeTold(client, claim, context.law) ? purposes[claim]?.[language] : undefined
    // A scope and its claim may have one name: one purpose is told once.
    return why === undefined || claim === scope ? [] : [{ name: claimName(language, claim), purpose: why }]
  })
  return {
    scope,
    description: describeScope(context, client, { scope, claims }, language),
    ...(purpose !== undefined && { purpose }),
    ...(explained.length > 0 && { claims: explained }),
    ...(optionalScopes.includes(scope) && { optional: true }),
  }
}

/** Everything asked for, but what was declared optional and is not ticked any more. Nothing can be added. */
export function keptScopes(asked: readonly string[], client: ClientRecord, form: Form): readonly string[] {
  const optional = new Set(client.optionalScopes)
  return asked.filter((scope) => !optional.has(scope) || form.get(`scope:${scope}`) === 'on')
}

/** Of the shortest-lived ticket: a token for several APIs is as strict as the strictest. */
export function accessMinutesOf({ config: { lifetimes } }: ServerContext, offer: Offer, resources: readonly string[]): number {
  const lives = resources.map((resource) => offer.resources.get(resource)?.accessTokenLifetimeSeconds ?? lifetimes.accessTokenSeconds)
  return Math.max(1, Math.round(Math.min(...lives, lifetimes.accessTokenSeconds) / 60))
}

/** Offline access lasts by itself; any other renewal ends with the sign-in it came from. */
export function renewalOf({ config: { lifetimes } }: ServerContext, client: ClientRecord, offline: boolean): ConsentModel['renewal'] {
  if (!client.grants.includes('refresh_token')) return null
  const endsOnSignOut = client.offlineOnLogout === 'end'
  if (offline) return { endsOnSignOut, days: Math.max(1, Math.round(lifetimes.refreshAbsoluteSeconds / 86_400)) }
  return { hours: Math.max(1, Math.round(Math.min(lifetimes.refreshAbsoluteSeconds, lifetimes.sessionAbsoluteSeconds) / 3600)) }
}
