// Old clients as clients of kimei.yaml: only what is allowed, and a note for each thing that is no longer as it was.
import { grantTypes } from '@kimei/protocol'
import { type FindingId, findingKinds, type Sentence } from './finding.ts'
import { judgeClient } from './judge.ts'
import type { OldClient } from './old-setup.ts'
import { readOldSetup } from './recognize.ts'
import { judgeRedirects } from './redirects.ts'

export interface WrittenClient {
  /** As `clients` of kimei.yaml has it. */
  readonly client: Readonly<Record<string, unknown>>
  /** What differs from the source, or has to be added by hand. */
  readonly notes: readonly Sentence[]
}

/** Clients that are only APIs are left out: an API is declared under `apis`. */
export function writeKimeiClients(text: string): readonly WrittenClient[] {
  return readOldSetup(text)
    .clients.filter(({ kind }) => kind !== 'bearer-only')
    .map(writeClient)
}

/** What stays as it was: allowed, if not advised, or not of the client's registration. */
const kept: ReadonlySet<FindingId> = new Set([
  'redirect-uses-loopback-address',
  'refresh-constraint-is-known',
  'resource-is-named',
  'secret-becomes-a-key',
])

function writeClient(old: OldClient): WrittenClient {
  const kind = old.app ?? (old.kind === 'public' ? 'spa' : 'server')
  const redirects = old.redirects.filter(({ value, at }) => judgeRedirects([{ value, at }]).every(({ id }) => kept.has(id)))
  const grants = grantsOf(old, kind === 'server')
  const found = [...new Set(judgeClient(old).map(({ id }) => id))].filter((id) => !kept.has(id))
  const byKey = old.authMethod?.value === 'private_key_jwt'
  return {
    client: {
      clientId: old.id,
      kind,
      name: old.name ?? old.id,
      redirectUris: redirects.map(({ value }) => value),
      ...(kind === 'server' && { authentication: byKey ? 'private_key_jwt' : 'client_secret_basic' }),
      grants,
      ...(old.scopes.length > 0 && { scopes: old.scopes }),
    },
    notes: [
      ...found.map((id) => changed(findingKinds[id].what)),
      ...old.redirects.filter((one) => !redirects.includes(one)).map(({ value }) => leftOut(value)),
      ...(kind === 'server' ? [byKey ? addKey : addSecret] : []),
      ...(old.scopes.length === 0 ? [addScopes] : []),
    ],
  }
}

/** What was signed in for otherwise is signed in for by code; a program that had a password acts for itself. */
function grantsOf(old: OldClient, confidential: boolean): readonly string[] {
  const asked = old.grants.map(({ value }) => value)
  const allowed = grantTypes.filter((grant) => asked.includes(grant) && (confidential || grant !== 'client_credentials'))
  const needsCode = asked.some((grant) => ['implicit', 'password'].includes(grant)) || allowed.length === 0
  return needsCode && !allowed.includes('authorization_code') ? ['authorization_code', ...allowed] : allowed
}

const changed = ({ ja, en }: Sentence): Sentence => ({ ja: `変えたこと：${ja}`, en: `changed: ${en}` })
const leftOut = (uri: string): Sentence => ({
  ja: `外した redirect URI：${printable(uri)}`,
  en: `left out: the redirect URI ${printable(uri)}`,
})
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 160)
const addKey: Sentence = { ja: '書き足す：jwks（公開鍵）', en: 'add: its public keys (jwks)' }
const addSecret: Sentence = {
  ja: '書き足す：secretHashes（kimei config make-secret で作る新しい秘密）',
  en: 'add: secretHashes, of a new secret (kimei config make-secret)',
}
const addScopes: Sentence = { ja: '書き足す：scopes と apis', en: 'add: scopes and apis' }
