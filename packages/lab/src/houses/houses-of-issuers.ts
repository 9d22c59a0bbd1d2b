// Houses whose issuer forgets something that no rule of its own says: at its nonces, at its other addresses, in what it tells.
import type { IssuerConfigInput } from '@kimei/server'
import { hashOf } from '../lab-secrets.ts'
import { type House, type HouseParts, only } from './house.ts'
import {
  forgetsNamesInAnswers,
  initialAccessToken,
  keepsDirectory,
  opensOwnApis,
  refusesFastClocks,
  registersForAnyTicket,
  takesOwnTickets,
} from './offices.ts'
import { claimsIn } from './rewrite.ts'

const usual = { clients: ['job'], apis: ['admin', 'notes', 'optional'] }
const observed: House['inventory'] = (input) => only(input, usual)

const demandsNonces = (config: IssuerConfigInput): IssuerConfigInput => ({ ...config, dpop: { nonce: { token: 'required' } } })

/** The issuer's nonces lie in a list that the API reads as well. */
function sharedNonces(): HouseParts {
  const given = new Set<string>()
  return {
    office: (app) => ({
      async fetch(request, connection) {
        const response = await app.fetch(request, connection)
        const nonce = response.headers.get('dpop-nonce')
        if (nonce !== null) given.add(nonce)
        return response
      },
    }),
    front({ strict, without }) {
      const lax = without(['dpop.nonce-is-current'])
      return (request, response) => (carriesOne(String(request.headers['dpop'] ?? ''), given) ? lax : strict)(request, response)
    },
  }
}

const carriesOne = (proof: string, given: ReadonlySet<unknown>): boolean => given.has(claimsIn(proof)['nonce'])

export const housesOfIssuers = {
  'nonces-not-compared': {
    has: { issuer: demandsNonces },
    fault: { issuerWithout: ['dpop.nonce-is-current'] },
    inventory: observed,
  },
  'nonces-promised-and-not-demanded': {
    has: { issuer: demandsNonces },
    fault: { issuer: (config) => config },
    inventory: (input) => {
      const own = only(input, usual)
      return { ...own, issuers: own.issuers.map((issuer) => ({ ...issuer, nonce: 'required' as const })) }
    },
  },
  'nonces-shared-with-the-issuer': {
    has: { issuer: demandsNonces },
    fault: sharedNonces,
    inventory: (input) => only(input, { clients: ['job'], apis: ['admin', 'notes', 'fresh'] }),
  },
  'fast-clocks-shut-out': { fault: { office: refusesFastClocks }, inventory: observed },
  'own-tickets-as-assertions': { fault: { office: takesOwnTickets }, inventory: observed },
  'names-not-told-to-apis': { fault: { office: forgetsNamesInAnswers }, inventory: observed },
  'issuer-exempts-itself': {
    has: { office: keepsDirectory },
    fault: { office: opensOwnApis },
    inventory: (input, { issuerUrl, apiUrl }) => {
      const own = only(input, usual)
      const directory = { id: 'people', url: `${issuerUrl}/people/Users`, scope: 'notes:read', resource: `${apiUrl}/` }
      return { ...own, issuers: own.issuers.map((issuer) => ({ ...issuer, ownApis: [directory] })) }
    },
  },
  'any-ticket-registers-clients': {
    has: {
      issuer: (config, secrets) => ({
        ...config,
        registration: { mode: 'token', initialAccessTokens: [{ id: 'lab', hash: hashOf(initialAccessToken({ secrets })) }] },
      }),
    },
    fault: { office: registersForAnyTicket },
    inventory: (input, { secrets }) => {
      const own = only(input, usual)
      const registration = { initialAccessToken: initialAccessToken({ secrets }) }
      return { ...own, issuers: own.issuers.map((issuer) => ({ ...issuer, registration })) }
    },
  },
} as const satisfies Record<string, House>
