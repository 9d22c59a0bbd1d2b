// AS9: registering clients, and the address where a registered client is managed (RFC 7591, RFC 7592). Nothing is registered unless the
// inventory allows it: what is sent cannot be registered. Where it is allowed, one client is, and it is deleted in the same breath.
import { writeApiCall } from '../../edits/plans.ts'
import type { IssuerPlace, ProcedureProbe } from '../../probe.ts'
import { readJsonObject } from '../../read-json.ts'
import { type Outcome, skipped } from '../../run/sandwich.ts'
import type { RawAnswer } from '../../wire/raw-client.ts'
import { sameOrigin } from '../../wire/same-origin.ts'
import { askAsBearer } from './as-bearer.ts'

const typed = [['Content-Type', 'application/json']] as const

/** RFC 7591 §2 forbids jwks beside jwks_uri, and a redirect URI is absolute: whoever looks at it refuses it. */
const never = { redirect_uris: ['never-a-uri'], jwks_uri: 'never-a-uri', jwks: { keys: [] }, client_name: 'never to be registered' }

const head = {
  station: 'procedure',
  topic: 'issuer-apis',
  attacks: [],
  level: 'MUST',
  cite: 'RFC9449§7.2',
  depth: 'full',
  priority: 'P0',
  owner: 'AS',
  sources: ['authorization-header'],
} as const

/** Somebody looked at what is to be registered, or even did it: then the ticket was good enough. */
function lookedAt({ status, body }: RawAnswer): boolean {
  if (status === 201 || status === 200) return true
  const error = status === 400 ? readJsonObject(body)?.['error'] : undefined
  return typeof error === 'string' && ['invalid_redirect_uri', 'invalid_client_metadata', 'invalid_request'].includes(error)
}

export const registrationAsBearer: ProcedureProbe = {
  ...head,
  id: 'AS9-registration',
  says: {
    ja: '記名式の切符を Bearer として出しても、アプリは登録できない',
    en: 'a bound ticket sent as Bearer does not open the registration of clients',
  },
  proves: {
    ja: 'アプリの登録は、記名式の切符を Bearer として受け取らない',
    en: 'registration does not take a bound ticket as Bearer',
  },
  doesNotProve: {
    ja: '誰が登録できるか。最初に渡すトークンは、もともと無記名',
    en: 'who may register: initial access tokens are bearer tokens by their nature',
  },
  async run(place): Promise<Outcome> {
    const { ticket, kit } = place
    const url = kit.facts['registrationEndpoint']
    if (url === undefined || !sameOrigin(url, kit.facts['tokenEndpoint']))
      return skipped('the issuer names no registration endpoint of its own')
    if ('none' in ticket || ticket.type === 'bearer') return skipped('there is no bound ticket to send')
    const undo = (answer: RawAnswer) => {
      const made = answer.status === 201 ? managedAt(answer, url) : undefined
      return made && writeApiCall(callOf(made.url, 'DELETE', made.token))
    }
    const body = JSON.stringify(never)
    const initial = kit.facts['initialAccessToken']
    const control = initial === undefined ? undefined : () => writeApiCall(callOf(url, 'POST', initial, body))
    return askAsBearer(place, ticket, { url, method: 'POST', headers: typed, body, opened: lookedAt, undo, control }, 'AS9-registration')
  },
}

interface Registered {
  readonly url: string
  readonly token: string
}

export const managementAsBearer: ProcedureProbe = {
  ...head,
  id: 'AS9-management',
  cite: 'RFC7592§2',
  says: {
    ja: '登録したアプリの管理には、そのアプリの登録用トークンだけが通る',
    en: 'a registered client is managed with its own registration access token alone',
  },
  proves: {
    ja: '記名式の切符を Bearer で出しても、登録内容は読めない',
    en: 'a bound ticket sent as Bearer does not read a registered client',
  },
  doesNotProve: {
    ja: 'ほかのアプリの登録用トークンでも同じか',
    en: 'that the registration access tokens of other clients do not either',
  },
  async run(place): Promise<Outcome> {
    const { ticket, kit, line, target } = place
    const url = kit.facts['registrationEndpoint']
    if (place.office.client.issuer.registration === undefined) return skipped('the inventory does not allow registering a client')
    if (url === undefined || !sameOrigin(url, kit.facts['tokenEndpoint']))
      return skipped('the issuer names no registration endpoint of its own')
    if ('none' in ticket || ticket.type === 'bearer') return skipped('there is no bound ticket to send')
    const made = await register(place, url)
    if ('none' in made) return { verdict: 'inconclusive', reason: made.none, answered: '', evidence: made.evidence }
    const manage = (method: 'GET' | 'DELETE') => writeApiCall(callOf(made.url, method, made.token))
    let outcome: Outcome | undefined
    let deleted: string | undefined
    try {
      const opened = ({ status }: RawAnswer) => status === 200
      outcome = await askAsBearer(place, ticket, { url: made.url, method: 'GET', opened, control: () => manage('GET') }, 'AS9-management')
    } finally {
      const gone = await line.send(target, 'AS9-management, the test client is deleted', manage('DELETE'))
      if (gone.answer.status !== 204 && gone.answer.status !== 200) deleted = `the test client was not deleted (${gone.answer.status})`
    }
    const reason = [outcome.reason, deleted].filter((one) => one !== undefined).join('; ')
    return { ...outcome, ...(reason !== '' && { reason }), evidence: [...made.evidence, ...outcome.evidence] }
  },
}

function callOf(url: string, method: string, token: string | undefined, body?: string) {
  return {
    url,
    method,
    credentials: token === undefined ? [] : [{ scheme: 'Bearer', token }],
    proofs: [],
    joinProofs: false,
    headers: body === undefined ? [] : typed,
    ...(body !== undefined && { body }),
  }
}

async function register({ line, target, kit, office }: IssuerPlace, url: string) {
  const metadata = {
    client_name: 'Observer test client, to be deleted at once',
    redirect_uris: ['https://observer.invalid/callback'],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    dpop_bound_access_tokens: true,
    ...office.client.issuer.registration?.metadata,
  }
  const call = callOf(url, 'POST', kit.facts['initialAccessToken'], JSON.stringify(metadata))
  const sent = await line.send(target, 'AS9-management, a test client is registered', writeApiCall(call))
  const evidence = [sent.evidence]
  if (sent.answer.status !== 201 && sent.answer.status !== 200)
    return { none: `no test client could be registered (${sent.answer.status})`, evidence }
  const made = managedAt(sent.answer, url)
  const byHand = 'a test client was registered, and the issuer does not say where it can be deleted: delete it by hand'
  return made ? { ...made, evidence } : { none: byHand, evidence }
}

/** Where what was registered is managed: nowhere but at the issuer itself. */
function managedAt({ body }: RawAnswer, registration: string): Registered | undefined {
  const { registration_client_uri: url, registration_access_token: token } = readJsonObject(body) ?? {}
  return typeof url === 'string' && typeof token === 'string' && sameOrigin(url, registration) ? { url, token } : undefined
}
