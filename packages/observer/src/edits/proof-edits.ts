// Single edits of a proof, used wherever a proof is sent: at an API and at the token endpoint.
// What each one proves stands with the probes that use it.
import type { EditKit } from '../probe.ts'
import { type JwsPlan, makeRsaKey, privateJwkOf, writeJws } from './keys.ts'
import { withClaims, withHeader, withProof } from './plans.ts'

interface WithProofs {
  readonly proofs: readonly JwsPlan[]
  readonly joinProofs: boolean
}
type ProofEdit = <P extends WithProofs>(plan: P, kit: EditKit) => P

const each =
  (change: (proof: JwsPlan, kit: EditKit) => JwsPlan): ProofEdit =>
  (plan, kit) =>
    withProof(plan, (proof) => change(proof, kit))

/** Sets one claim to a fixed value; `undefined` leaves it out. */
export const claimSet = (name: string, value: unknown): ProofEdit => each((proof) => withClaims(proof, { [name]: value }))
/** Sets one header member to a fixed value; `undefined` leaves it out. */
export const headerSet = (name: string, value: unknown): ProofEdit => each((proof) => withHeader(proof, { [name]: value }))

export const signedByOtherKey: ProofEdit = each((proof, kit) => ({
  ...withHeader(proof, { alg: kit.otherKey.alg, jwk: kit.otherKey.publicJwk }),
  key: kit.otherKey,
}))

export const signatureFlipped: ProofEdit = each((proof) => ({ ...proof, signature: 'flipped' }))

export const garbage: ProofEdit = each((proof, kit) => ({ ...proof, verbatim: kit.random() }))

/** A method that the request does not use. */
export const otherMethod: ProofEdit = each((proof) => withClaims(proof, { htm: proof.claims['htm'] === 'PUT' ? 'PATCH' : 'PUT' }))

export const otherHost: ProofEdit = each((proof) => {
  const target = new URL(String(proof.claims['htu']))
  return withClaims(proof, { htu: `${target.protocol}//other.example${target.pathname}` })
})

export const otherPath: ProofEdit = each((proof, kit) => {
  const target = new URL(String(proof.claims['htu']))
  return withClaims(proof, { htu: `${target.origin}/${kit.random()}` })
})

/** Moves `iat`; negative is the past. A nonce that nobody demands is left out: it could stand for the time. */
export const moved = (seconds: number): ProofEdit =>
  each((proof, kit) =>
    withClaims(proof, { iat: Number(proof.claims['iat']) + seconds, ...(kit.nonceDemanded ? {} : { nonce: undefined }) }),
  )

/** The hash of a ticket that was not sent. */
export const otherTokenHash: ProofEdit = each((proof, kit) => withClaims(proof, { ath: kit.otherKey.thumbprint }))

export const randomNonce: ProofEdit = each((proof, kit) => withClaims(proof, { nonce: kit.random() }))

export const algNone: ProofEdit = each((proof) => ({ ...withHeader(proof, { alg: 'none' }), signature: 'none' }))

/** HMAC keyed with the public key in the header. */
export const algHmac: ProofEdit = each((proof) => ({ ...withHeader(proof, { alg: 'HS256' }), signature: 'hmac-with-public-key' }))

/** The private half of the throw-away key in the header. Its tickets are of test accounts and end with the run. */
export const privateKeyShown: ProofEdit = each((proof) => withHeader(proof, { jwk: privateJwkOf(proof.key) }))

/** A key that says it is for encryption. */
export const keyForEncryption: ProofEdit = each((proof) => withHeader(proof, { jwk: { ...proof.key.publicJwk, use: 'enc' } }))

/** The header names `typ` twice; both times rightly. */
export const memberTwice: ProofEdit = each((proof) => {
  const text = JSON.stringify(proof.header)
  return { ...proof, headerText: `{"typ":"dpop+jwt",${text.slice(1)}` }
})

/** Signed with a fresh RSA key. Only where the ticket is not yet bound to another one. */
export const signedByRsa = (alg: string, bits: number): ProofEdit =>
  each((proof) => {
    const key = makeRsaKey(alg, bits)
    return { ...withHeader(proof, { alg, jwk: key.publicJwk }), key }
  })

/** 300 characters, never the same ones: a used `jti` would be refused for being used. */
export const longJti: ProofEdit = each((proof, kit) => withClaims(proof, { jti: kit.random().padEnd(300, 'j') }))

/** Leaves the nonce out. */
export const withoutNonce: ProofEdit = each((proof) => withClaims(proof, { nonce: undefined }))

/** Sets a time relative to the proof's own. */
export const timeSet = (name: 'nbf' | 'exp', seconds: number): ProofEdit =>
  each((proof) => withClaims(proof, { [name]: Number(proof.claims['iat']) + seconds }))

/** A second right proof in a header line of its own. */
export const secondProof: ProofEdit = (plan, kit) => ({
  ...plan,
  proofs: plan.proofs.flatMap((proof) => [proof, withClaims(proof, { jti: kit.random() })]),
})

/** The same, both in one line, as a proxy would join them. */
export const joinedProofs: ProofEdit = (plan, kit) => ({ ...secondProof(plan, kit), joinProofs: true })

/** Writes the proofs down, so that the same ones can be sent again. */
export const written: ProofEdit = each((proof) => ({ ...proof, verbatim: writeJws(proof) }))

/** Another spelling of htu; `undefined` where the change has none. */
export function changedHtu<P extends WithProofs>(plan: P, change: (htu: URL) => string | undefined): P | undefined {
  const [proof] = plan.proofs
  const htu = proof && change(new URL(String(proof.claims['htu'])))
  return htu === undefined ? undefined : withProof(plan, (one) => withClaims(one, { htu }))
}
