// Brings what configuration declares into storage: new and changed records are put, clients that are gone are disabled.
// Users keep their subject for ever; one that is no longer declared stays until it is declared `disabled`.
import {
  type Broken,
  b64u,
  type ClientRecord,
  catalogue,
  Fault,
  isBroken,
  Misuse,
  type Seconds,
  type UserRecord,
  type Write,
} from '@kimei/protocol'
import type { Storage } from '@kimei/storage'
import { type ClientDeclaration, declareClient, declareResource, declareScopes } from './records.ts'
import type { IssuerConfig, UserConfig } from './schema.ts'

/** Secrets at rest that must be read again. `about` binds each to what it is a secret of. */
export interface Seals {
  seal(text: string, about: string): Promise<string>
  /** `undefined`: no configured server key opens it. */
  open(stored: string, about: string): Promise<string | undefined>
  /** Sealed under the key that seals now. */
  isCurrent(stored: string): boolean
}

export interface DeclareParts {
  readonly config: IssuerConfig
  readonly storage: Storage
  readonly now: Seconds
  readonly random: (bytes: number) => Uint8Array
  /** Seals what must be read again; answers what is stored already where it says the same. */
  readonly sealSecrets: (clientId: string, secrets: readonly string[], before: ClientRecord | undefined) => Promise<readonly string[]>
  /** Checks the sector of a pairwise client: what was checked before is not asked again. */
  readonly withSector: (client: ClientDeclaration, before: ClientRecord | undefined) => Promise<ClientDeclaration | Broken>
  readonly seals: Seals
}

/** One plan, committed only where something changed. Answers how many records were written. */
export async function declareAll(parts: DeclareParts): Promise<number> {
  const writes = [...(await changedOffer(parts)), ...(await changedClients(parts)), ...(await changedUsers(parts))]
  if (writes.length === 0) return 0
  const { config, storage, now } = parts
  const answer = await storage.commit({ issuer: config.issuer, writes, audit: [], now })
  if (answer.done !== 'committed') throw new Fault('another process declared its configuration at the same moment: start again')
  return writes.length
}

async function changedOffer({ config, storage }: DeclareParts): Promise<readonly Write[]> {
  const resources = new Map((await storage.records.resources(config.issuer)).map((record) => [record.resource, record]))
  const scopes = new Map((await storage.records.scopes(config.issuer)).map((record) => [record.scope, record]))
  return [
    ...config.apis
      .map((api) => declareResource(config, api))
      .filter((record) => !same(resources.get(record.resource), record))
      .map((record): Write => ({ write: 'put-resource', record })),
    ...declareScopes(config)
      .filter((record) => !same(scopes.get(record.scope), record))
      .map((record): Write => ({ write: 'put-scope', record })),
  ]
}

async function changedClients({ config, storage, withSector, sealSecrets }: DeclareParts): Promise<readonly Write[]> {
  const known = new Map((await storage.records.clients(config.issuer)).map((record) => [record.clientId, record]))
  const checked = await sectored(config, known, withSector)
  const declared = await Promise.all(
    checked.map(async (client) => {
      const { secrets = [] } = config.clients.find(({ clientId }) => clientId === client.clientId) ?? {}
      if (secrets.length === 0) return client
      return { ...client, sealedSecrets: await sealSecrets(client.clientId, secrets, known.get(client.clientId)) }
    }),
  )
  const followed = [...known.values()].filter((record) => (record.source ?? 'declared') === 'declared')
  const gone = followed.filter((record) => !record.disabled && !declared.some((client) => client.clientId === record.clientId))
  const wanted = [...declared, ...gone.map(({ version: _, ...record }) => ({ ...record, disabled: true }))]
  return wanted.flatMap((client): Write[] => {
    const before = known.get(client.clientId)
    const record: ClientRecord = { ...client, version: (before?.version ?? 0) + 1 }
    return before && same({ ...before, version: record.version }, record) ? [] : [{ write: 'put-client', record }]
  })
}

async function sectored(
  config: IssuerConfig,
  known: ReadonlyMap<string, ClientRecord>,
  withSector: DeclareParts['withSector'],
): Promise<readonly ClientDeclaration[]> {
  const mistakes: string[] = []
  const clients = await Promise.all(
    config.clients.map(async (client) => {
      const before = known.get(client.clientId)
      const declared = await withSector(declareClient(config.issuer, client), before)
      const where = `client "${client.clientId}"`
      if (isBroken(declared)) mistakes.push(`${where}: sectorIdentifierUri: ${catalogue.get(declared.broken)?.says} (${declared.broken})`)
      else if (
        before?.sector !== undefined &&
        declared.sector !== undefined &&
        before.sector !== declared.sector &&
        !client.dangerouslyChangeSubjects
      )
        mistakes.push(
          `${where}: its sector would become "${declared.sector}" instead of "${before.sector}", and its people strangers: sectorIdentifierUri on the old host keeps them, dangerouslyChangeSubjects gives them up`,
        )
      return declared
    }),
  )
  if (mistakes.length > 0) throw new Misuse(mistakes)
  return clients.filter((client): client is ClientDeclaration => !isBroken(client))
}

async function changedUsers({ config, storage, random, seals }: DeclareParts): Promise<readonly Write[]> {
  const writes = await Promise.all(
    config.users.map(async (user): Promise<Write[]> => {
      const before = await storage.records.userByName(config.issuer, user.username)
      const whole = userRecord(config, user, before, random)
      const record = { ...whole, ...(await sealedSecond(user, whole.subject, before, seals)) }
      return before && same({ ...before, version: record.version }, record) ? [] : [{ write: 'put-user', record }]
    }),
  )
  return writes.flat()
}

function userRecord(config: IssuerConfig, user: UserConfig, before: UserRecord | undefined, random: DeclareParts['random']): UserRecord {
  return {
    issuer: config.issuer,
    subject: before?.subject ?? user.subject ?? b64u(random(16)),
    username: user.username,
    passwordHash: user.passwordHash,
    claims: user.claims,
    disabled: user.disabled,
    version: (before?.version ?? 0) + 1,
  }
}

/** Sealed anew only where it changed, or where another server key seals now: a seal never looks the same twice. */
async function sealedSecond(
  { totpSecret }: UserConfig,
  subject: string,
  before: UserRecord | undefined,
  seals: Seals,
): Promise<Pick<UserRecord, 'sealedTotpSecret'>> {
  if (totpSecret === undefined) return {}
  const stored = before?.sealedTotpSecret
  const about = totpSecretOf(subject)
  if (stored !== undefined && seals.isCurrent(stored) && (await seals.open(stored, about)) === totpSecret)
    return { sealedTotpSecret: stored }
  return { sealedTotpSecret: await seals.seal(totpSecret, about) }
}

/** What a sealed second factor is bound to: nobody's can be passed off as another's. */
export function totpSecretOf(subject: string): string {
  return `kimei totp ${subject}`
}

/** Records are plain JSON; the order of keys is not part of them. */
function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
