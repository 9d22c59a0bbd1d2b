// Metadata that somebody signed (RFC 8414 §2.1): who pins the signer's keys takes what is signed before what stands beside it.
import type { JsonObject } from '../jose/index.ts'
import { type Broken, isBroken, judge, type Law, rulesFor } from '../rule.ts'
import { checkSignature, type SignatureExpectation } from '../tokens/signed-token.ts'

export interface SignedMetadataFacts {
  readonly signedMetadata: unknown
  readonly iss: unknown
  readonly signer: string
}

const insideConsumer = 'judged inside the API, which shows nobody the metadata it read'

const presenceRules = rulesFor<Pick<SignedMetadataFacts, 'signedMetadata'>>()('unavailable', {
  'signed-metadata.is-there': {
    cite: 'RFC8414§2.1',
    level: 'PRODUCT',
    says: 'metadata carries signed_metadata, where the keys of its signer are pinned',
    rows: ['META-2-02'],
    fixed: 'without it there is nothing to verify',
    unseen: insideConsumer,
    holds: (f) => typeof f.signedMetadata === 'string',
  },
})

const signerRules = rulesFor<Pick<SignedMetadataFacts, 'iss' | 'signer'>>()('unavailable', {
  'signed-metadata.iss-is-the-signer': {
    cite: 'RFC8414§2.1',
    level: 'MUST',
    says: 'iss of signed_metadata is the party whose keys are pinned',
    rows: ['META-2-02'],
    unseen: insideConsumer,
    holds: (f) => f.iss === f.signer,
    seen: (f) => ({ expected: f.signer, received: typeof f.iss === 'string' ? f.iss.slice(0, 200) : typeof f.iss }),
  },
})

export const signedMetadataTables = [presenceRules, signerRules] as const

export interface SignedMetadataExpectation extends SignatureExpectation {
  /** The party that attests: its `iss`. */
  readonly signer: string
}

/** The document with every signed member in place of the plain one; broken: nothing of it may be used. */
export async function checkSignedMetadata(document: JsonObject, expect: SignedMetadataExpectation, law: Law): Promise<JsonObject | Broken> {
  const text = document['signed_metadata']
  const absent = judge(presenceRules, { signedMetadata: text }, law)
  if (absent) return absent
  const signed = await checkSignature(text as string, expect, 'unavailable', law)
  if (isBroken(signed)) return signed
  return judge(signerRules, { iss: signed.claims['iss'], signer: expect.signer }, law) ?? { ...document, ...signed.claims }
}
