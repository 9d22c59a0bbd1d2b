// Client secrets, in the Basic header or in the body (OAuth 2.1 §2.4.1). Generated secrets of 256 bits, stored as SHA-256.
import { formDecode } from '../../form.ts'
import { equal, fromB64u, sha256 } from '../../jose/index.ts'
import type { ClientRecord } from '../../records.ts'
import { type Broken, broke, type Law, must } from '../../rule.ts'
import { clientAuthRules } from '../client-auth-rules.ts'
import type { ClientAuthExpectation, ClientAuthMethodRow, Presented } from './method.ts'

export const clientSecretBasic: ClientAuthMethodRow = {
  name: 'client_secret_basic',
  read: ({ basic }) => (basic === undefined ? undefined : readBasic(basic)),
  check: checkSecret,
}

export const clientSecretPost: ClientAuthMethodRow = {
  name: 'client_secret_post',
  read: ({ form }) => {
    const secret = form.get('client_secret')
    if (secret === undefined) return undefined
    const clientId = form.get('client_id')
    return clientId === undefined
      ? broke(clientAuthRules, 'client-auth.is-presented')
      : { method: 'client_secret_post', clientId, credential: secret }
  },
  check: checkSecret,
}

/** RFC 7617 §2 with the form encoding of OAuth 2.1 §2.4.1 inside. */
function readBasic(credentials: string): Presented | Broken {
  const bytes = fromB64u(
    credentials
      .replace(/={1,2}$/, '')
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
  )
  const text = bytes && String.fromCharCode(...bytes.subarray(0, 4096))
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon < 1) return broke(clientAuthRules, 'client-auth.basic-is-well-formed')
  const clientId = formDecode(text.slice(0, colon))
  const secret = formDecode(text.slice(colon + 1))
  if (!clientId || secret === undefined) return broke(clientAuthRules, 'client-auth.basic-is-well-formed')
  return { method: 'client_secret_basic', clientId, credential: secret }
}

async function checkSecret(
  presented: Presented,
  client: ClientRecord,
  { now }: ClientAuthExpectation,
  law: Law,
): Promise<Broken | readonly []> {
  const hash = await sha256(String(presented.credential))
  // Every hash is compared, so that the time does not tell which one was right.
  let matches = false
  for (const known of client.secretHashes) {
    const alive = now < (client.secretExpiresAt?.[known] ?? Number.POSITIVE_INFINITY)
    matches = (equal(known, hash) && alive) || matches
  }
  return must(clientAuthRules, 'client-auth.secret-matches', matches, law) ?? []
}
