// What stands before an issuer in houses where it is right in itself: coats that forget, forward or answer by themselves.
import { createGuard, type GuardConfigInput } from '@kimei/guard'
import { guardFetch } from '@kimei/guard/fetch'
import { catalogue, type RuleId } from '@kimei/protocol'
import type { FetchApp } from '@kimei/server'
import { lawWithout } from '../law-without.ts'
import { rulesOfNames } from '../world/api-doors.ts'
import type { Ground } from './house.ts'
import { claimsIn } from './rewrite.ts'

type Office = (app: FetchApp, ground: Ground) => FetchApp

const said = (status: number, body: object): Response => Response.json(body, { status, headers: { 'Cache-Control': 'no-store' } })
const pathOf = (request: Request): string => new URL(request.url).pathname

/** A clock that knows no tolerance: a proof of a second from now is a forgery to it. */
export const refusesFastClocks: Office = (app, { clock }) => ({
  async fetch(request, connection) {
    const { iat } = claimsIn(request.headers.get('dpop') ?? '')
    if (pathOf(request) === '/token' && typeof iat === 'number' && iat > clock() + 2) return said(400, { error: 'invalid_dpop_proof' })
    return app.fetch(request, connection)
  },
})

/** Whatever is signed by a key that it knows counts as an assertion: its own included. */
export const takesOwnTickets: Office = (app, { issuerUrl, forge }) => ({
  async fetch(request, connection) {
    if (pathOf(request) !== '/token' || request.headers.has('dpop')) return app.fetch(request, connection)
    const body = await request.text()
    const claims = claimsIn(new URLSearchParams(body).get('assertion') ?? '')
    if (claims['iss'] !== issuerUrl) return app.fetch(new Request(request, { body }), connection)
    const token = await forge({ header: {}, claims: { sub: claims['sub'], client_id: claims['client_id'] }, without: ['cnf'] })
    return said(200, { access_token: token, token_type: 'Bearer', expires_in: 300 })
  },
})

/** A list of members that the API is told, made before tickets had names. */
export const forgetsNamesInAnswers: Office = (app) => ({
  async fetch(request, connection) {
    const response = await app.fetch(request, connection)
    if (pathOf(request) !== '/introspect' || !response.ok) return response
    const { cnf: _name, token_type: _type, ...told } = (await response.json()) as Record<string, unknown>
    const headers = new Headers(response.headers)
    headers.delete('content-length')
    return new Response(JSON.stringify(told), { status: 200, headers })
  },
})

/** A guard of the issuer's own, which takes the tickets of its API. */
function guardAt({ issuerUrl, apiUrl, parts }: Ground, routes: GuardConfigInput['routes'], without: readonly RuleId[]) {
  const config: GuardConfigInput = { issuer: issuerUrl, resource: `${apiUrl}/`, baseUrls: [issuerUrl], metadata: 'off', routes }
  return createGuard(config, { ...parts, law: lawWithout(without, new Set(catalogue.keys())) })
}

const named = (path: string): GuardConfigInput['routes'][number] => ({ path, policy: 'required', scopes: ['notes:read'] })
const unnamed = (path: string, methods: string[]): GuardConfigInput['routes'][number] => ({
  path,
  methods,
  policy: 'optional',
  constraint: 'either',
  reason: 'the lab shows an address that looks at the ticket alone',
})

const people = '/people/Users'
const isBearer = (request: Request): boolean => request.headers.get('authorization')?.startsWith('Bearer ') === true

/** A directory of people at the issuer, behind the same guard as every other API. */
export const keepsDirectory: Office = (app, ground) => {
  const list = guardFetch(guardAt(ground, [named(people)], []), () => Response.json({ totalResults: 1, Resources: [{ userName: 'lab' }] }))
  return { fetch: (request, connection) => (pathOf(request) === people ? list(request) : app.fetch(request, connection)) }
}

/** The same directory, and introspection and revocation: for whoever comes with any ticket as Bearer. */
export const opensOwnApis: Office = (app, ground) => {
  const strict = keepsDirectory(app, ground)
  const routes = [unnamed(people, ['GET']), unnamed('/introspect', ['POST']), unnamed('/revoke', ['POST'])]
  const open = guardFetch(guardAt(ground, routes, rulesOfNames), (request) =>
    pathOf(request) === people ? Response.json({ totalResults: 1, Resources: [{ userName: 'lab' }] }) : said(200, { active: true }),
  )
  const own = new Set([people, '/introspect', '/revoke'])
  return {
    fetch: (request, connection) => (own.has(pathOf(request)) && isBearer(request) ? open(request) : strict.fetch(request, connection)),
  }
}

/** Any ticket as Bearer stands for the token that lets somebody register, and for that of every client that was registered. */
export const registersForAnyTicket: Office = (app, ground) => {
  const tokens = new Map<string, string>()
  const open = guardAt(ground, [unnamed('/register', ['POST']), unnamed('/register/:client', ['GET'])], rulesOfNames)
  const behind = guardFetch(open, async (request) => {
    const headers = new Headers(request.headers)
    headers.set('authorization', `Bearer ${tokens.get(request.url) ?? initialAccessToken(ground)}`)
    return app.fetch(new Request(request, { headers }))
  })
  return {
    async fetch(request, connection) {
      const isTicket = isBearer(request) && claimsIn(request.headers.get('authorization') ?? '')['iss'] === ground.issuerUrl
      const ours = pathOf(request).startsWith('/register')
      const response = ours && isTicket ? await behind(request) : await app.fetch(request, connection)
      if (ours && response.status === 201) {
        const told = (await response.clone().json()) as { registration_client_uri: string; registration_access_token: string }
        tokens.set(told.registration_client_uri, told.registration_access_token)
      }
      return response
    },
  }
}

/** Of a lab that lets somebody register. */
export const initialAccessToken = ({ secrets }: Pick<Ground, 'secrets'>): string => secrets.toolSecret
