// What a thief tries with a token that names a key: without a proof, with a proof of its own, with the owner's last proof.
import { randomBytes } from 'node:crypto'
import { createMemoryDevice } from '@kimei/client'
import { buildProof } from '@kimei/protocol'
import type { Attempt, Loot } from './theft.ts'

export const keyAttempts: readonly Attempt[] = [
  { id: 'bearer', says: 'the token as a bearer token', dress: async ({ token }) => ({ headers: { authorization: `Bearer ${token}` } }) },
  { id: 'no-proof', says: 'the token without a proof', dress: async ({ token }) => ({ headers: { authorization: `DPoP ${token}` } }) },
  {
    id: 'other-key',
    says: "a proof by the thief's own key",
    dress: async (loot, nonce) => ({ headers: { authorization: `DPoP ${loot.token}`, dpop: await thiefsProof(loot, nonce) } }),
  },
  {
    id: 'replay',
    says: "the owner's last proof again",
    dress: async ({ token, proof }) => ({ headers: { authorization: `DPoP ${token}`, dpop: proof ?? '' } }),
  },
  {
    id: 'other-method',
    says: 'that proof for another method',
    dress: async ({ token, proof, method }) => ({
      method: method === 'GET' ? 'HEAD' : 'GET',
      headers: { authorization: `DPoP ${token}`, dpop: proof ?? '' },
    }),
  },
  {
    id: 'bearer-and-proof',
    says: 'a bearer token beside that proof',
    dress: async ({ token, proof }) => ({ headers: { authorization: `Bearer ${token}`, dpop: proof ?? '' } }),
  },
]

export async function thiefsProof({ url, method, token }: Loot, nonce?: string): Promise<string> {
  const key = await createMemoryDevice().keys.keyFor({ issuer: 'nobody', clientId: 'thief' })
  const now = Math.floor(Date.now() / 1000)
  const jti = randomBytes(16).toString('base64url')
  return buildProof({
    key: key as Parameters<typeof buildProof>[0]['key'],
    method,
    url,
    accessToken: token,
    now,
    jti,
    ...(nonce && { nonce }),
  })
}
