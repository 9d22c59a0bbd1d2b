// What is asked for: scopes and resources (OAuth 2.1 §1.4.1, RFC 8707 §2, RFC 9068 §3), at every endpoint that takes them.

import type { Issuer } from '../ids.ts'
import type { ClientRecord, ResourceRecord, ScopeRecord } from '../records.ts'
import { type Broken, judge, type Law, must, namedRules, rulesFor } from '../rule.ts'
import { type DetailTypes, noDetailTypes } from './details-rules.ts'
import type { AuthLevels } from './levels.ts'

/** What the issuer knows to give. Made once by {@link makeOffer}, read on every request. */
export interface Offer {
  readonly issuer: Issuer
  readonly resources: ReadonlyMap<string, ResourceRecord>
  readonly scopes: ReadonlyMap<string, ScopeRecord>
  /** For each scope of an API, the APIs that offer it. */
  readonly homes: ReadonlyMap<string, ReadonlySet<string>>
  /** Registered types of authorization details. */
  readonly details: DetailTypes
  /** Authentication levels, weakest first. */
  readonly levels: AuthLevels
  /** acr_values is a demand here, not a wish. */
  readonly acrValuesAreDemands: boolean
}

export function makeOffer(
  issuer: Issuer,
  resources: readonly ResourceRecord[],
  scopes: readonly ScopeRecord[],
  {
    details = noDetailTypes,
    levels = [],
    acrValuesAreDemands = false,
  }: Partial<Pick<Offer, 'details' | 'levels' | 'acrValuesAreDemands'>> = {},
): Offer {
  const homes = new Map<string, Set<string>>()
  for (const api of resources) {
    for (const scope of api.scopes) homes.set(scope, (homes.get(scope) ?? new Set()).add(api.resource))
  }
  return {
    issuer,
    resources: new Map(resources.map((api) => [api.resource, api])),
    scopes: new Map(scopes.map((scope) => [scope.scope, scope])),
    homes,
    details,
    levels,
    acrValuesAreDemands,
  }
}

interface ScopeFacts {
  readonly asked: readonly string[]
  readonly text: string | undefined
  readonly client: ClientRecord
  /** Asked scopes that some API offers, but none of the targeted ones. */
  readonly astray: readonly string[]
}

export const scopeRules = rulesFor<ScopeFacts>()('scope', {
  'scope.is-well-formed': {
    cite: 'OAuth2.1§1.4.1',
    level: 'MUST',
    says: 'scope is a list of printable ASCII names separated by single spaces',
    fixed: 'anything else is not a list of names',
    holds: (f) => f.text === undefined || /^[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*$/.test(f.text),
  },
  'scope.is-assigned-to-the-client': {
    cite: 'OAuth2.1§4.1.2.1',
    level: 'MUST',
    says: 'every scope asked for is assigned to the client',
    rows: ['ASVS-10.4.11', 'O21-4.1.2.1-02'],
    holds: (f) => f.asked.every((scope) => f.client.scopes.includes(scope)),
    seen: (f) => ({ expected: f.client.scopes, received: f.asked.slice(0, 20).map((scope) => scope.slice(0, 100)) }),
  },
  'scope.fits-the-target': {
    cite: 'RFC9068§3',
    level: 'SHOULD',
    says: 'every scope asked for means something at one of the APIs the token is for',
    rows: ['AT-3-01', 'BCP-2.3-01'],
    holds: (f) => f.astray.length === 0,
    seen: (f) => ({ expected: 'scopes of the targeted APIs', received: f.astray }),
  },
})

export const scopePresenceRules = namedRules('scope', {
  'scope.is-asked-for': {
    cite: 'OAuth2.1§1.4.1',
    level: 'PRODUCT',
    says: 'an authorization request says which scopes it wants: a person is not asked for an unnamed default',
    rows: ['O21-1.4.1-01'],
  },
})

export interface ResourceFacts {
  readonly resource: string
  readonly client: ClientRecord
  readonly offer: Offer
  readonly openid: boolean
}

const isAbsolute = (uri: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]*:[\x21\x24-\x3B\x3D\x3F-\x5B\x5D\x5F\x61-\x7A\x7E]+$/.test(uri)
const isKnown = (f: ResourceFacts): boolean => (f.resource === f.offer.issuer && f.openid) || f.offer.resources.has(f.resource)

/** Each judges only what the one before has let through: each can be removed alone. */
export const resourceRules = rulesFor<ResourceFacts>()('target', {
  'resource.is-an-absolute-uri': {
    cite: 'RFC8707§2',
    level: 'MUST',
    says: 'resource is an absolute URI without fragment',
    rows: ['RES-2-01'],
    holds: (f) => isAbsolute(f.resource),
  },
  'resource.is-known': {
    cite: 'RFC8707§2',
    level: 'MUST',
    says: 'resource is an API of this issuer, or the issuer itself where openid is asked for',
    rows: ['RES-2-01', 'ASVS-9.2.4'],
    holds: (f) => !isAbsolute(f.resource) || isKnown(f),
    seen: (f) => ({ expected: [...f.offer.resources.keys()], received: f.resource.slice(0, 200) }),
  },
  'resource.is-assigned-to-the-client': {
    cite: 'RFC8707§2',
    level: 'MUST',
    says: 'the client may ask tokens for this API',
    holds: (f) => !isKnown(f) || f.resource === f.offer.issuer || f.client.resources.includes(f.resource),
    seen: (f) => ({ expected: f.client.resources, received: f.resource.slice(0, 200) }),
  },
})

export const targetRules = namedRules('target', {
  'resource.there-is-one': {
    cite: 'RFC9068§3',
    level: 'MUST',
    says: 'the token has a target: a resource asked for, a default one of the client, or the issuer for openid',
    rows: ['AT-3-01'],
    unseen: 'a client without any target cannot be declared',
    fixed: 'a token for nobody has no audience to write',
  },
})

/** `scope` split; empty when absent. Duplicates are one. */
export function splitScope(scope: string | undefined): readonly string[] {
  return scope === undefined ? [] : scope.includes(' ') ? [...new Set(scope.split(' ').filter((name) => name !== ''))] : [scope]
}

/**
 * The audience of an ask. Without `resource` it is the client's default API, plus the issuer itself (UserInfo)
 * when openid is asked for; with it, exactly what was sent.
 */
export function resolveResources(
  client: ClientRecord,
  sent: readonly string[],
  openid: boolean,
  offer: Offer,
  law: Law,
): readonly string[] | Broken {
  if (sent.length === 0) {
    const resources = defaultResources(client, openid, offer.issuer)
    return must(targetRules, 'resource.there-is-one', resources.length > 0, law) ?? resources
  }
  for (const resource of sent) {
    const broken = judge(resourceRules, { resource, client, offer, openid }, law)
    if (broken) return broken
  }
  return sent.length === 1 ? sent : [...new Set(sent)]
}

/** What is judged of `scope`: `asked` is the list, `text` the parameter as sent. */
export interface ScopeAsk {
  readonly client: ClientRecord
  readonly asked: readonly string[]
  readonly text: string | undefined
  readonly resources: readonly string[]
}

/** Judges scopes against the client and the audience. */
export function checkScopes({ client, asked, text, resources }: ScopeAsk, offer: Offer, law: Law): Broken | undefined {
  const astray = asked.filter((scope) => {
    const homes = offer.homes.get(scope)
    return homes !== undefined && !resources.some((resource) => homes.has(resource))
  })
  return judge(scopeRules, { asked, text, client, astray }, law)
}

function defaultResources(client: ClientRecord, openid: boolean, issuer: Issuer): readonly string[] {
  const first = client.resources[0]
  if (first === undefined) return openid ? [issuer] : []
  return openid ? [first, issuer] : [first]
}
