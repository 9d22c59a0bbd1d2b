// Houses whose API is guarded at its front and not at its side, or compares proofs in a way of its own.
import { createServer, type RequestListener } from 'node:http'
import type { GuardConfigInput } from '@kimei/guard'
import type { InventoryInput } from '@kimei/observer'
import { caching } from '../world/fronts.ts'
import {
  comparesText,
  forgetsVersions,
  guardsGetAlone,
  looksEverywhere,
  remembersShortNames,
  sharesOneList,
  skipsWhatItCannotRead,
  tidiesPaths,
  trustsAnother,
} from './fronts-of-apis.ts'
import { type Beside, type Building, type House, type HouseParts, only } from './house.ts'
import { openSecondIssuer } from './second-issuer.ts'

type Route = GuardConfigInput['routes'][number]
type Front = NonNullable<HouseParts['front']>
type ApiEntry = InventoryInput['apis'][number]

/** One machine with a key, and APIs in falling privilege. */
const usual = { clients: ['job'], apis: ['admin', 'notes', 'optional'] }

export const required = (path: string, methods: Route['methods'] = ['GET']): Route => ({
  path,
  methods,
  scopes: ['notes:read'],
  policy: 'required',
  constraint: 'dpop',
})
export const withRoutes =
  (...routes: readonly Route[]) =>
  (config: GuardConfigInput): GuardConfigInput => ({ ...config, routes: [...config.routes, ...routes] })

export const entry = (apiUrl: string, id: string, more: Partial<ApiEntry> = {}): ApiEntry => ({
  id,
  url: `${apiUrl}/${id}`,
  privilege: 'mid',
  scope: 'notes:read',
  resource: `${apiUrl}/`,
  nonce: 'off',
  clients: ['job'],
  ...more,
})

/** Every front here stands before one API alone, so that the others show what is right. */
const at =
  (paths: readonly string[], front: Front): Front =>
  (doors, beside) => {
    const odd = front(doors, beside)
    const listener: RequestListener = (request, response) =>
      (paths.some((path) => (request.url ?? '').startsWith(path)) ? odd : doors.strict)(request, response)
    return listener
  }

export const housesOfApis = {
  'ticket-found-anywhere': {
    has: { guard: withRoutes(required('/form', ['POST']), required('/live')) },
    fault: { front: at(['/notes', '/form', '/live'], looksEverywhere) },
    inventory: (input, { apiUrl }) => {
      const form = { method: 'POST', contentType: 'application/x-www-form-urlencoded', body: 'page=1', repeatable: true } as const
      const own = only(input, usual)
      return { ...own, apis: [...own.apis, entry(apiUrl, 'form', form), entry(apiUrl, 'live', { kind: 'websocket' })] }
    },
  },
  'paths-tidied-behind-the-guard': {
    fault: { front: tidiesPaths(['/notes']) },
    inventory: (input) => only(input, usual),
  },
  'old-version-forgotten': {
    has: { guard: withRoutes(required('/v2/list'), required('/v1/list')) },
    fault: { front: forgetsVersions },
    inventory: (input, { apiUrl }) => {
      const own = only(input, usual)
      return { ...own, apis: [...own.apis, entry(apiUrl, 'list', { url: `${apiUrl}/v2/list` })] }
    },
  },
  'only-get-is-guarded': { fault: { front: at(['/notes'], guardsGetAlone) }, inventory: (input) => only(input, usual) },
  'node-left-behind': {
    has: { beside: openNode },
    fault: {},
    inventory: (input) => {
      const own = only(input, usual)
      return { ...own, apis: own.apis.map((api) => (api.id === 'notes' ? { ...api, nodes: ['127.0.0.1', secondNode] } : api)) }
    },
  },
  'unreadable-proofs-pass': { fault: { front: at(['/notes'], skipsWhatItCannotRead) }, inventory: (input) => only(input, usual) },
  'addresses-compared-as-text': { fault: { front: at(['/notes'], comparesText) }, inventory: (input) => only(input, usual) },
  'proofs-live-for-ten-minutes': {
    fault: { guard: (config) => ({ ...config, dpop: { pastSeconds: 600, futureSeconds: 15 } }) },
    inventory: (input) => only(input, usual),
  },
  'one-list-for-everybody': { fault: { front: at(['/notes'], sharesOneList) }, inventory: (input) => only(input, usual) },
  'odd-ids-not-remembered': { fault: { front: at(['/notes'], remembersShortNames) }, inventory: (input) => only(input, usual) },
  'answers-kept-for-anybody': {
    fault: { front: at(['/notes'], ({ strict }) => caching(strict)) },
    inventory: (input) => only(input, usual),
  },
  'any-issuer-is-trusted': {
    has: { beside: openSecondIssuer },
    fault: { front: at(['/notes'], trustsAnother) },
    inventory: (input, { apiUrl, besideUrl = '', secrets }) => {
      const own = only(input, usual)
      const [job] = own.clients
      return {
        ...own,
        issuers: [...own.issuers, { id: 'other', url: besideUrl, tokenEndpoint: `${besideUrl}/token`, claims: 'dpop' }],
        clients: [
          { ...job!, issuer: 'lab' },
          {
            id: 'guest',
            clientId: 'job',
            issuer: 'other',
            kind: 'server',
            authentication: { method: 'private_key_jwt', key: secrets.jobKey as { kty: 'EC'; d: string } },
            ticket: { from: 'client-credentials', scope: 'notes:read', resource: `${apiUrl}/` },
          },
        ],
      }
    },
  },
} as const satisfies Record<string, House>

const secondNode = '127.0.0.2'

/** The second machine behind the same name: one that nobody brought up to date, or one like the first. */
async function openNode({ ground: { apiUrl }, doors, state }: Building): Promise<Beside> {
  const server = createServer(state === 'faulty' ? doors.open : doors.strict)
  const port = Number(new URL(apiUrl).port)
  await new Promise<void>((ready, failed) => server.once('error', failed).listen(port, secondNode, ready))
  return {
    url: `http://${secondNode}:${port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
