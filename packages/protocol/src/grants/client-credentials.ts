// client_credentials (OAuth 2.1 §4.2): the client asks for itself.
import {
  checkDetails,
  checkScopes,
  impliedTargets,
  issuedDetails,
  type Offer,
  parseDetails,
  resolveResources,
  splitScope,
} from '../authorization/index.ts'
import type { AuthenticatedClient } from '../client-auth/index.ts'
import type { Refusal } from '../refusal.ts'
import { isBroken, judge, type Law, rulesFor } from '../rule.ts'
import { type MatchedGrant, mintGrant } from './matched-grant.ts'

export interface ClientCredentialsFacts {
  readonly client: AuthenticatedClient
  readonly scope: string | undefined
  readonly resources: readonly string[]
  /** `authorization_details` as sent. */
  readonly details: string | undefined
  readonly offer: Offer
}

interface OwnFacts {
  readonly client: AuthenticatedClient
  /** Scopes that only a person can give: those of no API. */
  readonly personal: readonly string[]
}

export const clientCredentialsRules = rulesFor<OwnFacts>()('scope', {
  'client-credentials.client-is-confidential': {
    cite: 'OAuth2.1§4.2',
    level: 'MUST',
    says: 'only an authenticated, confidential client asks for itself',
    rows: ['O21-4.2-01'],
    family: 'unauthorized-client',
    unseen: 'a public client cannot be registered for this grant',
    holds: (f) => f.client.confidential,
  },
  'client-credentials.scopes-are-of-apis': {
    cite: 'RFC9068§2.2',
    level: 'MUST',
    says: 'without a person there is no openid, no profile and no offline access',
    rows: ['AT-2.2-02'],
    holds: (f) => f.personal.length === 0,
    seen: (f) => ({ expected: 'scopes of APIs', received: f.personal }),
  },
})

/**
 * Decides; nothing is written but what the tokens themselves need. Without `scope`: all the client has at the target,
 * but where authorization details say what is wanted, those alone.
 */
export function decideClientCredentials(facts: ClientCredentialsFacts, law: Law): { readonly issue: MatchedGrant } | Refusal {
  const { offer, scope } = facts
  const { client } = facts.client
  const details = parseDetails(facts.details)
  if (isBroken(details)) return details
  const resources = resolveResources(client, impliedTargets(facts.resources, { client, details }, false, offer), false, offer, law)
  if (isBroken(resources)) return resources
  const all = details.length > 0 ? [] : client.scopes.filter((name) => isOffered(name, resources, offer))
  const asked = scope === undefined ? all : splitScope(scope)
  const personal = asked.filter((name) => offer.scopes.has(name) && !offer.homes.has(name))
  const broken =
    checkDetails({ client, details, resources }, offer.details, law) ??
    checkScopes({ client, asked, text: scope, resources }, offer, law) ??
    judge(clientCredentialsRules, { client: facts.client, personal }, law)
  if (broken) return broken
  return {
    issue: mintGrant({
      grantType: 'client_credentials',
      subject: client.clientId,
      scopes: asked,
      audience: resources,
      ...issuedDetails(details, resources, offer.details),
      person: undefined,
    }),
  }
}

function isOffered(scope: string, resources: readonly string[], offer: Offer): boolean {
  const homes = offer.homes.get(scope)
  return homes !== undefined && resources.some((resource) => homes.has(resource))
}
