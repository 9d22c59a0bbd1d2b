// The checklist rows of clients with certificates: what is judged where others send a secret or an assertion, and what their tokens name.
import { chainRules, clientCredentialsRules } from '@kimei/protocol'
import {
  allowed,
  asked,
  type ChecklistRow,
  type ChecklistStep,
  message,
  presented,
  proof,
  registered,
  steps,
  table,
} from './checklist-steps.ts'

const byName = steps(
  'client, tls_client_auth',
  ...presented,
  ...table('', chainRules).rules,
  'client-certificate.names-who-tells',
  ...registered,
  'client-certificate.chain-is-trusted',
  'client-certificate.subject-is-the-registered-one',
)
const bySelf = steps(
  'client, self_signed_tls_client_auth',
  ...presented,
  ...registered,
  'client-certificate.is-registered',
  'client-certificate.is-in-force',
  'client-certificate.key-is-strong',
)

const named = steps('what the token names', 'binding.certificate-is-shown', 'binding.key-is-proven-beside')

const rowOf = (method: string, client: typeof byName, ...more: readonly ChecklistStep[]): ChecklistRow => ({
  endpoint: `token: client_credentials, ${method}`,
  judged: [message, client, allowed, proof, ...more, ...asked, table('the client itself', clientCredentialsRules)],
  once: ['dpop.jti-is-first-use'],
})

export const certificateRows: readonly ChecklistRow[] = [
  rowOf('tls_client_auth', byName),
  rowOf('self_signed_tls_client_auth', bySelf),
  rowOf('tokens that name key and certificate', byName, named),
]
