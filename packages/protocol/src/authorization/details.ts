// Reads `authorization_details` (RFC 9396 §2), judges it against registered types, compares and narrows what was granted.
import { isJsonObject, jsonLimits, readJson } from '../jose/index.ts'
import type { AuthorizationDetail, ClientRecord } from '../records.ts'
import { type Broken, broke, judge, type Law } from '../rule.ts'
import type { Offer } from './ask-rules.ts'
import { type DetailTypes, detailRules, detailsShapeRules, locationsOf } from './details-rules.ts'

const mostCharacters = 8192
const mostObjects = 32

/** The parameter as text; an absent one, like an empty list, asks for nothing. */
export function parseDetails(text: string | undefined): readonly AuthorizationDetail[] | Broken {
  if (text === undefined) return []
  if (text.length > mostCharacters) return broke(detailsShapeRules, 'details.are-bounded')
  // The strict reader takes objects: the list becomes the only member of one, which costs a level of depth.
  const { value, flaw } = readJson(`{"list":${text}}`, { ...jsonLimits, depth: jsonLimits.depth + 1 })
  if (flaw === 'too-deep') return broke(detailsShapeRules, 'details.are-bounded')
  const list = value['list']
  if (flaw !== undefined || Object.keys(value).length !== 1 || !Array.isArray(list) || !list.every(isDetail)) {
    return broke(detailsShapeRules, 'details.are-a-list')
  }
  return list.length > mostObjects ? broke(detailsShapeRules, 'details.are-bounded') : list
}

function isDetail(value: unknown): value is AuthorizationDetail {
  return isJsonObject(value) && typeof value['type'] === 'string' && value['type'] !== ''
}

export interface DetailsAsk {
  readonly client: ClientRecord
  readonly details: readonly AuthorizationDetail[]
  readonly resources: readonly string[]
}

/** Judges each object against its type, the client and the audience. */
export function checkDetails({ client, details, resources }: DetailsAsk, types: DetailTypes, law: Law): Broken | undefined {
  for (const detail of details) {
    const type = types.get(detail.type)
    const assigned = client.authorizationDetailsTypes?.includes(detail.type) === true
    const facts = { detail, known: type !== undefined, assigned, flaw: type?.flawOf(detail), resources, apis: type?.apis ?? [] }
    const broken = judge(detailRules, facts, law)
    if (broken) return broken
  }
  return undefined
}

/**
 * Where no `resource` was sent, details imply the audience: their locations, else an API of their type.
 * Only what the client may ask tokens for; the rest is for {@link checkDetails} to refuse.
 */
export function impliedTargets(
  sent: readonly string[],
  ask: Omit<DetailsAsk, 'resources'>,
  openid: boolean,
  offer: Offer,
): readonly string[] {
  if (sent.length > 0) return sent
  const { client, details } = ask
  const targets = details.flatMap((detail) => {
    const locations = locationsOf(detail)
    const may = (api: string) => client.resources.includes(api)
    return locations.length > 0 ? locations.filter(may) : (offer.details.get(detail.type)?.apis ?? []).filter(may).slice(0, 1)
  })
  if (targets.length === 0) return sent
  return [...new Set(openid ? [...targets, offer.issuer] : targets)]
}

/** RFC 9396 §6.1, without guessing: every object asked for equals one that was granted. */
export function areAmong(asked: readonly AuthorizationDetail[], granted: readonly AuthorizationDetail[]): boolean {
  return asked.every((one) => granted.some((other) => sameJson(one, other)))
}

/** The same objects, in whatever order. */
export function sameDetails(a: readonly AuthorizationDetail[], b: readonly AuthorizationDetail[]): boolean {
  return a.length === b.length && areAmong(a, b) && areAmong(b, a)
}

/** What a token for this audience may carry (RFC 9396 §9.1): nothing that is for other APIs, nothing of a type that is gone. */
export function detailsFor(
  details: readonly AuthorizationDetail[],
  audience: readonly string[],
  types: DetailTypes,
): readonly AuthorizationDetail[] {
  return details.filter((detail) => {
    const type = types.get(detail.type)
    if (type === undefined) return false
    const locations = locationsOf(detail)
    const places = locations.length > 0 ? locations : type.apis
    return places.length === 0 || places.some((place) => audience.includes(place))
  })
}

/** For the member of that name, which is absent where there are none. */
export function issuedDetails(
  details: readonly AuthorizationDetail[],
  audience: readonly string[],
  types: DetailTypes,
): { readonly details?: readonly AuthorizationDetail[] } {
  const fit = detailsFor(details, audience, types)
  return fit.length > 0 ? { details: fit } : {}
}

/** Deep equality of JSON; the order of members is not part of it. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((one, at) => sameJson(one, b[at]))
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]))
}
