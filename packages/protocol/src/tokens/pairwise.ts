// Pairwise subjects (OIDC Core §8.1): each sector of clients knows a person by another name, which only the issuer can make.
import { hmacSha256 } from '../jose/index.ts'

export interface PairwiseFacts {
  readonly issuer: string
  /** Host that stands for the clients which may know a person by the same name. */
  readonly sector: string
  readonly subject: string
}

/** Keyed, so that nobody else can try names out; the parts are told apart by their quotes. */
export async function pairwiseSubject(secret: Uint8Array, { issuer, sector, subject }: PairwiseFacts): Promise<string> {
  return hmacSha256(secret, JSON.stringify([issuer, sector, subject]))
}
