// What tests of `kimei serve` write and need: the file of an issuer, and a port for it.
import { once } from 'node:events'
import { createServer } from 'node:http'

const publicHalf = ({ kty, crv, x, y, kid, alg }: Record<string, string>): object => ({ kty, crv, x, y, kid, alg, use: 'sig' })

/** The file of an issuer with one client and one API. */
export function issuerFile(issuer: string, api: string, key: Record<string, string>): string {
  return `issuer: ${issuer}
listen: { port: ${new URL(issuer).port} }
apis: [{ identifier: '${api}/', name: Numbers, scopes: [numbers] }]
scopes: [{ scope: numbers, description: Read numbers }]
clients:
  - clientId: job
    kind: server
    name: Job
    authentication: private_key_jwt
    jwks: { keys: [${JSON.stringify(publicHalf(key))}] }
    grants: [client_credentials]
    scopes: [numbers]
    apis: ['${api}/']
`
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}
