// The name under which a redeemed code_challenge is remembered (RFC 9700 §2.1.1).
import { type Issuer, sha256 } from '@kimei/protocol'

export async function challengeId(issuer: Issuer, clientId: string, codeChallenge: string): Promise<string> {
  return sha256(JSON.stringify([issuer, clientId, codeChallenge]))
}
