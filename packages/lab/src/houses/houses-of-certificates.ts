// Houses in which tickets name certificates, and something between TLS, issuer and API is not as it seems.
import type { IssuerConfigInput } from '@kimei/server'
import { type House, only } from './house.ts'
import { asBearer, rewriteHeaders, schemeOf, tokenOf } from './rewrite.ts'

const machines = { clients: ['machine'], apis: ['sealed', 'told'] }
const observed: House['inventory'] = (input) => only(input, machines)

type Binding = NonNullable<NonNullable<IssuerConfigInput['clients']>[number]['binding']>

const withBinding =
  (clientId: string, binding: Binding) =>
  (config: IssuerConfigInput): IssuerConfigInput => ({
    ...config,
    clients: (config.clients ?? []).map((client) => (client.clientId === clientId ? { ...client, binding } : client)),
  })

export const housesOfCertificates = {
  'handshake-asks-nobody': {
    certificates: 'yes',
    fault: { sealed: { asks: 'never', front: ({ open }) => open } },
    inventory: observed,
  },
  'certificate-asked-too-late': {
    certificates: 'yes',
    fault: { sealed: { asks: 'later' } },
    inventory: (input) => only(input, { clients: ['machine'], apis: ['sealed'] }),
  },
  'session-from-elsewhere': {
    certificates: 'yes',
    has: { sealed: { elsewhere: 'apart' } },
    fault: { sealed: { elsewhere: 'shared' } },
    inventory: (input, { elsewhereUrl = '' }) => {
      const own = only(input, machines)
      return { ...own, apis: own.apis.map((api) => ({ ...api, tls: { sessionsApart: `${elsewhereUrl}/` } })) }
    },
  },
  'any-proof-replaces-the-certificate': {
    certificates: 'yes',
    fault: {
      sealed: {
        front:
          ({ strict, open }) =>
          (request, response) => {
            if (schemeOf(request) !== 'DPoP' || request.headers['dpop'] === undefined) return strict(request, response)
            asBearer(request, tokenOf(request))
            rewriteHeaders(request, (line) => (line[0].toLowerCase() === 'dpop' ? undefined : line))
            open(request, response)
          },
      },
    },
    inventory: observed,
  },
  'certificate-if-you-like': {
    certificates: 'yes',
    fault: { issuer: withBinding('shown', { kind: 'optional', reason: 'the lab shows a client whose tickets need no name' }) },
    inventory: (input) => only(input, { clients: ['machine', 'shown'], apis: ['sealed', 'told'] }),
  },
} as const satisfies Record<string, House>
