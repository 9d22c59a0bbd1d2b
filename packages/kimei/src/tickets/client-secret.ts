// Where a client's secret is: the order remembers the place, never the secret.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ClientAuthentication } from '@kimei/client'
import { isSignatureAlg, jwkThumbprint, type PrivateJwk, proofKeyFrom } from '@kimei/protocol'
import { UsageError } from '../command/command.ts'

export type ClientSecretPlace =
  | { readonly kind: 'none' }
  /** The certificate of the connection (RFC 8705 §2). */
  | { readonly kind: 'certificate' }
  /** A private JWK in a file: private_key_jwt. */
  | { readonly kind: 'key-file'; readonly path: string }
  /** The name of an environment variable: client_secret_basic. */
  | { readonly kind: 'environment'; readonly name: string }

export function placeOfSecret(keyFile: string | undefined, secretVariable: string | undefined): ClientSecretPlace {
  if (keyFile !== undefined && secretVariable !== undefined) throw new UsageError('--key and --secret-env exclude each other')
  if (keyFile !== undefined) return { kind: 'key-file', path: resolve(keyFile) }
  return secretVariable === undefined ? { kind: 'none' } : { kind: 'environment', name: secretVariable }
}

/** @throws UsageError where the secret is not at its place. */
export async function readAuthentication(place: ClientSecretPlace): Promise<ClientAuthentication> {
  if (place.kind === 'none') return { method: 'none' }
  // On the wire it is the same for self-signed ones.
  if (place.kind === 'certificate') return { method: 'tls_client_auth' }
  if (place.kind === 'environment') {
    const secret = process.env[place.name]
    if (!secret) throw new UsageError(`the environment variable ${place.name} is empty: put the client secret there`)
    return { method: 'client_secret_basic', secret }
  }
  const jwk = readKeyFile(place.path)
  const alg = jwk.alg ?? 'ES256'
  if (!isSignatureAlg(alg)) throw new UsageError(`${place.path}: alg "${alg}" signs no client assertions`)
  return { method: 'private_key_jwt', key: await proofKeyFrom(jwk, alg), kid: jwk.kid ?? (await jwkThumbprint(jwk)) }
}

/** Tells the two kinds of key apart by what is in the files. @throws UsageError where one kind comes twice. */
export function sortKeyFiles(files: readonly string[]): { readonly jwkFile: string | undefined; readonly pemFile: string | undefined } {
  const isPem = (path: string): boolean => readKeyText(path).includes('-----BEGIN')
  const pems = files.filter(isPem)
  const jwks = files.filter((path) => !pems.includes(path))
  if (pems.length > 1 || jwks.length > 1) throw new UsageError('--key may be given twice: once a JWK, once the PEM key of --cert')
  return { jwkFile: jwks[0], pemFile: pems[0] }
}

function readKeyText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new UsageError(`there is no key file ${path}`)
  }
}

function readKeyFile(path: string): PrivateJwk {
  const text = readKeyText(path)
  try {
    const jwk = JSON.parse(text) as PrivateJwk
    if (typeof jwk.kty === 'string' && typeof jwk.d === 'string') return jwk
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new UsageError(`${path} is not a private JWK: kimei config make-key makes one`)
}
