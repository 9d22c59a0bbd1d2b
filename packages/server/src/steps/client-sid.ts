// The name of a sign-in, as one client knows it.
import { sha256 } from '@kimei/protocol'

/**
 * `sid` of ID and logout tokens. Another for each client, so that two of them cannot tell by it that their person is the same.
 * The sign-in's own id, 128 random bits, is told to none.
 */
export async function clientSid(sessionId: string, clientId: string): Promise<string> {
  return sha256(JSON.stringify(['sid', sessionId, clientId]))
}
