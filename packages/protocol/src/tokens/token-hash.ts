// `at_hash` and `c_hash` (OIDC Core §3.1.3.6): the left half of a hash chosen by the ID token's algorithm.
/** `crv` is needed for `EdDSA` alone, which does not say which curve: default Ed25519. */
export async function tokenHash(value: string, alg: string, crv?: string): Promise<string> {
  throw new Error('pending')
}
