// A holder key over WebCrypto: made, imported, and signing with a private half that script cannot read.
import { algorithmRows, bareJwk, jwkThumbprint, type PrivateJwk, type PublicJwk, type SignatureAlg } from '@kimei/protocol'
import type { HolderAlgorithm, HolderKey } from '../contract.ts'

type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512'
type SubtleParameters = AlgorithmIdentifier | RsaPssParams | EcdsaParams

const hashNames: Readonly<Record<string, HashName>> = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' }
const modulusBits = 2048

/** Makes a pair whose private half cannot be exported. */
export async function generateHolderKey(alg: HolderAlgorithm, home: HolderKey['home']): Promise<HolderKey> {
  const pair = await generate(alg, false)
  return holderKey(alg, pair.privateKey, await crypto.subtle.exportKey('jwk', pair.publicKey), home)
}

/** Makes a private JWK for a store that must write it down. */
export async function generatePrivateJwk(alg: HolderAlgorithm): Promise<PrivateJwk> {
  const pair = await generate(alg, true)
  const { ext: _ext, key_ops: _ops, ...jwk } = await crypto.subtle.exportKey('jwk', pair.privateKey)
  return jwk as unknown as PrivateJwk
}

/** Imports a written-down private JWK, from here on not extractable. */
export async function importHolderKey(alg: HolderAlgorithm, jwk: PrivateJwk, home: HolderKey['home']): Promise<HolderKey> {
  const privateKey = await crypto.subtle.importKey('jwk', jwk as JsonWebKey, keyParameters(alg), false, ['sign'])
  return holderKey(alg, privateKey, jwk, home)
}

/** Wraps a private handle and its public JWK, as a store keeps them. */
export async function holderKey(
  alg: HolderAlgorithm,
  privateKey: CryptoKey,
  jwk: JsonWebKey | PublicJwk,
  home: HolderKey['home'],
): Promise<HolderKey> {
  const publicJwk = bareJwk(jwk as PublicJwk)
  return {
    alg,
    publicJwk,
    jkt: await jwkThumbprint(publicJwk),
    home,
    privateKey,
    async sign(input) {
      return new Uint8Array(await crypto.subtle.sign(signParameters(alg), privateKey, input as Uint8Array<ArrayBuffer>))
    },
  }
}

async function generate(alg: HolderAlgorithm, extractable: boolean): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(keyParameters(alg), extractable, ['sign', 'verify'])) as CryptoKeyPair
}

function keyParameters(alg: SignatureAlg): RsaHashedKeyGenParams | EcKeyGenParams | { name: string } {
  const row = algorithmRows[alg]
  if (row.kty === 'EC') return { name: 'ECDSA', namedCurve: row.crv as string }
  if (row.kty === 'OKP') return { name: 'Ed25519' }
  return {
    name: 'RSA-PSS',
    hash: hashNames[row.hash] as HashName,
    modulusLength: modulusBits,
    publicExponent: new Uint8Array([1, 0, 1]),
  }
}

function signParameters(alg: SignatureAlg): SubtleParameters {
  const row = algorithmRows[alg]
  if (row.kty === 'EC') return { name: 'ECDSA', hash: hashNames[row.hash] as HashName }
  if (row.kty === 'OKP') return 'Ed25519'
  return { name: 'RSA-PSS', saltLength: 32 }
}
