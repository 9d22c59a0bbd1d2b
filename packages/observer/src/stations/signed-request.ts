// The signed authorization request as a place to probe: a request object by value, used by the test account as far as the code.

import { type AuthorizationPlan, writeAuthorization } from '../clients/grant-source.ts'
import type { PreparedClient } from '../clients/prepare.ts'
import { type JwsPlan, writeJws } from '../edits/keys.ts'
import type { SignedRequestCall } from '../probe.ts'
import type { Performed, Station } from '../run/sandwich.ts'
import type { CodeFlowParts } from './code-flow.ts'
import { readReturn } from './read-return.ts'

/** Only for a client whose key the inventory has, at an issuer that says it takes request objects. */
export function signedRequestStation(
  parts: CodeFlowParts,
  shared: Pick<Station<'signed-request'>, 'kit' | 'nonceDemanded'>,
  plan: () => AuthorizationPlan,
): Station<'signed-request'> | undefined {
  const { client, line, requestObjects } = parts
  if (!requestObjects || client.authentication.method !== 'private_key_jwt') return undefined
  return {
    ...shared,
    name: 'signed-request',
    build: async () => ({
      object: objectPlan(client, { plan: plan(), now: line.now(parts.authorizationEndpoint), jti: line.random() }),
      beside: [['client_id', client.entry.clientId]],
    }),
    perform: (call, role) => use(parts, call, role),
  }
}

interface ObjectFacts {
  readonly plan: AuthorizationPlan
  readonly now: number
  readonly jti: string
}

/** A right request object (RFC 9101 §4), good for once (§10.2): the parameters as claims, for this issuer, from this client. */
function objectPlan({ authentication, entry, issuer }: PreparedClient, { plan, now, jti }: ObjectFacts): JwsPlan {
  if (authentication.method !== 'private_key_jwt') throw new TypeError('a client without a key signs nothing')
  const { key, kid } = authentication
  return {
    header: { typ: 'oauth-authz-req+jwt', alg: key.alg, ...(kid !== undefined && { kid }) },
    claims: { iss: entry.clientId, aud: issuer.url, jti, iat: now, nbf: now, exp: now + 120, ...Object.fromEntries(plan.parameters) },
    key,
    signature: 'good',
  }
}

async function use(parts: CodeFlowParts, call: SignedRequestCall, role: string): Promise<Performed> {
  const { authorizationEndpoint: url, line, target } = parts
  const back = await parts.signIn(writeAuthorization({ url, parameters: [...call.beside, ['request', writeJws(call.object)]] }))
  return { answered: readReturn(back), evidence: [line.remember(target, role, url)], repeat: () => use(parts, call, role) }
}
