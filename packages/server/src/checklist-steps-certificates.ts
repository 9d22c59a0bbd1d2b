// The checklist rows of clients that authenticate by certificate: what is judged where others send a secret or an assertion.
import { clientCredentialsRules } from '@kimei/protocol'
import { allowed, asked, type ChecklistRow, message, presented, proof, registered, steps, table } from './checklist-steps.ts'

const byName = steps(
  'client, tls_client_auth',
  ...presented,
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
)

const rowOf = (method: string, client: typeof byName): ChecklistRow => ({
  endpoint: `token: client_credentials, ${method}`,
  judged: [message, client, allowed, proof, ...asked, table('the client itself', clientCredentialsRules)],
  once: ['dpop.jti-is-first-use'],
})

export const certificateRows: readonly ChecklistRow[] = [rowOf('tls_client_auth', byName), rowOf('self_signed_tls_client_auth', bySelf)]
