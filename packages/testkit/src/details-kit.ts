// Authorization details for tests: types with schemas, and the kit's clients that may ask for them.
import type { IssuerConfigInput } from '@kimei/server'
import { kitApi, kitOtherApi } from './issuer-kit.ts'

const texts = { type: 'array', items: { type: 'string' }, uniqueItems: true }

export const paymentType = {
  type: 'payment_initiation',
  name: { ja: '送金の指図', en: 'Payment' },
  labels: {
    'instructedAmount.amount': { ja: '金額', en: 'Amount' },
    'instructedAmount.currency': { ja: '通貨', en: 'Currency' },
    'creditorAccount.iban': { ja: '受取口座', en: 'To account' },
  },
  apis: [kitApi],
  schema: {
    required: ['instructedAmount', 'creditorAccount'],
    additionalProperties: false,
    properties: {
      instructedAmount: {
        type: 'object',
        required: ['amount', 'currency'],
        additionalProperties: false,
        properties: {
          amount: { type: 'string', pattern: '^[0-9]{1,12}([.][0-9]{1,2})?$' },
          currency: { enum: ['EUR', 'JPY'] },
        },
      },
      creditorAccount: {
        type: 'object',
        required: ['iban'],
        additionalProperties: false,
        properties: { iban: { type: 'string', maxLength: 34 } },
      },
      urgent: { type: 'boolean' },
    },
  },
}

/** With the common fields alone (RFC 9396 §2.2). */
export const recordsType = {
  type: 'records',
  name: { ja: '記録の利用', en: 'Records' },
  schema: {
    additionalProperties: false,
    properties: { actions: texts, locations: texts, datatypes: texts, identifier: { type: 'string' }, privileges: texts },
  },
}

export const payment = {
  type: 'payment_initiation',
  instructedAmount: { amount: '123.50', currency: 'EUR' },
  creditorAccount: { iban: 'DE02100100109307118603' },
}
export const recordsHere = { type: 'records', actions: ['read'], locations: [kitApi] }
export const recordsThere = { type: 'records', actions: ['list'], locations: [kitOtherApi], identifier: 'ledger-7' }

const askers = ['service', 'basic', 'spa', 'web', 'cli']

/** The kit's configuration with both types, and clients that may ask for them at both APIs. */
export function withDetails(config: IssuerConfigInput): IssuerConfigInput {
  const types = [paymentType, recordsType]
  return {
    ...config,
    authorizationDetailsTypes: [...(config.authorizationDetailsTypes ?? []), ...types],
    clients: (config.clients ?? []).map((client) =>
      askers.includes(client.clientId)
        ? { ...client, apis: [kitApi, kitOtherApi], authorizationDetailsTypes: types.map(({ type }) => type) }
        : client,
    ),
  }
}

export const detailsText = (...details: readonly object[]): string => JSON.stringify(details)
