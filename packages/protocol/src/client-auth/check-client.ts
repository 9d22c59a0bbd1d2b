// Client authentication, one path for every endpoint: find exactly one method, then let it judge the client's credential.
// Looking the client up in between is the caller's.

import type { Form } from '../form.ts'
import type { ClientRecord } from '../records.ts'
import { type Broken, broke, isBroken, type Law, must } from '../rule.ts'
import type { AuthenticatedClient } from './authenticated-client.ts'
import { clientAuthRules } from './client-auth-rules.ts'
import { clientAuthMethods } from './methods/index.ts'
import type { ClientAuthExpectation, ClientAuthInput, Presented } from './methods/method.ts'

const strong = [clientAuthMethods.private_key_jwt, clientAuthMethods.client_secret_basic, clientAuthMethods.client_secret_post]
/** Parameters that must never travel in a URI (OAuth 2.1 §2.4.1). */
const secretParameters = ['client_secret', 'client_assertion', 'code', 'code_verifier', 'refresh_token', 'token', 'password']

/** Reads which client presents itself, by which one method. `authorization`: every Authorization header line. */
export function readClient(form: Form, authorization: readonly string[], query: string, law: Law): Presented | Broken {
  const broken =
    (query === '' ? undefined : must(clientAuthRules, 'client-auth.not-in-query', !namesSecret(query), law)) ??
    must(clientAuthRules, 'client-auth.one-authorization-header', isSingle(authorization), law)
  if (broken) return broken
  const input: ClientAuthInput = { form, basic: undefined }
  const header = authorization[0]
  if (header !== undefined) {
    const basic = /^basic +(\S+)$/i.exec(header.trim())
    if (!basic) return broke(clientAuthRules, 'client-auth.scheme-is-basic')
    return exactlyOne({ form, basic: basic[1] }, law)
  }
  return exactlyOne(input, law)
}

function exactlyOne(input: ClientAuthInput, law: Law): Presented | Broken {
  const used = countUsed(input)
  const several = must(clientAuthRules, 'client-auth.one-method', used <= 1, law)
  if (several) return several
  for (const method of strong) {
    const presented = method.read(input, law)
    if (presented === undefined) continue
    if (isBroken(presented)) return presented
    const named = input.form.get('client_id')
    return must(clientAuthRules, 'client-auth.client-id-agrees', named === undefined || named === presented.clientId, law) ?? presented
  }
  return clientAuthMethods.none.read(input, law) ?? broke(clientAuthRules, 'client-auth.is-presented')
}

function countUsed({ form, basic }: ClientAuthInput): number {
  const assertion = form.get('client_assertion') !== undefined || form.get('client_assertion_type') !== undefined
  return Number(basic !== undefined) + Number(form.get('client_secret') !== undefined) + Number(assertion)
}

/** Credentials contain no comma: a comma means that two header lines were joined. */
function isSingle(authorization: readonly string[]): boolean {
  return authorization.length === 0 || (authorization.length === 1 && !(authorization[0] as string).includes(','))
}

function namesSecret(query: string): boolean {
  return query.split('&').some((pair) => secretParameters.includes(pair.split('=', 1)[0] as string))
}

/** A client that does not exist: its credential is judged all the same, so that the time does not tell. */
const nobody: Pick<ClientRecord, 'secretHashes' | 'jwks'> = { secretHashes: ['A'.repeat(43)], jwks: [] }

function isOfProfile({ method }: Presented, { profile }: ClientAuthExpectation): boolean {
  return profile.clientAuthentication?.includes(method) ?? true
}

/** A certificate is no part of the request: whether it is what authenticates, the record says, never the certificate. */
export function presentedTo(presented: Presented, client: Pick<ClientRecord, 'authentication'>): Presented {
  const byCertificate = presented.method === 'none' && clientAuthMethods[client.authentication].certificate === true
  return byCertificate ? { ...presented, method: client.authentication } : presented
}

/** Judges what was presented against the client's record. */
export async function checkClient(
  sent: Presented,
  client: ClientRecord | undefined,
  expect: ClientAuthExpectation,
  law: Law,
): Promise<AuthenticatedClient | Broken> {
  if (client === undefined) {
    if (typeof sent.credential === 'string') {
      await clientAuthMethods[sent.method].check(sent, nobody as ClientRecord, expect, { waives: () => false })
    }
    return broke(clientAuthRules, 'client-auth.client-is-known')
  }
  const presented = presentedTo(sent, client)
  const registered =
    must(clientAuthRules, 'client-auth.client-is-enabled', !client.disabled, law) ??
    must(clientAuthRules, 'client-auth.method-is-registered', presented.method === client.authentication, law, () => ({
      expected: client.authentication,
      received: presented.method,
    })) ??
    must(clientAuthRules, 'client-auth.method-is-of-the-profile', isOfProfile(presented, expect), law)
  if (registered) return registered
  const claims = await clientAuthMethods[presented.method].check(presented, client, expect, law)
  if (isBroken(claims)) return claims
  const { method, kid } = presented
  const x5t = clientAuthMethods[method].certificate ? expect.certificate?.x5t : undefined
  const evidence = { client, method, confidential: client.authentication !== 'none', kid, x5t, claims }
  return evidence as unknown as AuthenticatedClient
}
