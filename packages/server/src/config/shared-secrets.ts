// Clients that sign their assertions with a secret (client_secret_jwt): off unless somebody has it, and never with a weak secret.
import { isMacAlg, isStrongFor } from '@kimei/protocol'
import type { ClientConfig, IssuerConfig } from './schema.ts'

export function takesSharedSecrets({ clients, registration }: IssuerConfig): boolean {
  return clients.some(isShared) || (registration.mode !== 'closed' && registration.policy.authentication.includes('client_secret_jwt'))
}

/** Everything that is wrong; empty when nothing is. */
export function checkSharedSecrets(config: IssuerConfig): readonly string[] {
  const said = config.clients.flatMap((client) => sayClient(client).map((sentence) => `client "${client.clientId}": ${sentence}`))
  const unsealed = takesSharedSecrets(config) && config.serverKeys.length === 0
  return [...said, ...(unsealed ? ['client_secret_jwt needs serverKeys: secrets that must be read again are never stored plain'] : [])]
}

function sayClient(client: ClientConfig): readonly string[] {
  const { secrets, authenticationAlg: alg } = client
  if (!isShared(client)) return secrets.length > 0 ? ['secrets are for client_secret_jwt; others have secretHashes'] : sayAlg(client)
  const used = alg ?? 'HS256'
  if (!isMacAlg(used)) return [`authenticationAlg ${used} is none of client_secret_jwt: HS256, HS384 or HS512`]
  if (secrets.length === 0) return ['client_secret_jwt needs secrets']
  const weak = secrets.filter((secret) => !isStrongFor(secret, used)).length
  const octets = { HS256: 32, HS384: 48, HS512: 64 }[used]
  return weak === 0 ? [] : [`${weak} of its secrets are too weak for ${used}: ${octets} octets of randomness (OIDC Core 16.19)`]
}

function sayAlg({ authenticationAlg: alg }: ClientConfig): readonly string[] {
  return alg !== undefined && isMacAlg(alg) ? [`authenticationAlg ${alg} is for client_secret_jwt`] : []
}

const isShared = ({ authentication }: ClientConfig): boolean => authentication === 'client_secret_jwt'
