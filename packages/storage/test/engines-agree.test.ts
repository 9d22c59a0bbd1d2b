// Random histories on both engines: the same answers and the same records, whatever happens in whatever order.
import { join } from 'node:path'
import type { Write, WritePlan } from '@kimei/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createMemoryStorage, type Storage } from '../src/index.ts'
import { openSqlite } from '../src/sql/sqlite.ts'
import { now as firstStart, sample } from '../src/testing/sample-records.ts'
import { sampleRegistration } from '../src/testing/sample-registration.ts'
import { scratchFolder } from './scratch-folder.ts'

const { path, remove } = scratchFolder()
let sqlite: Storage
beforeAll(() => {
  sqlite = openSqlite({ file: join(path, 'agree.db') })
})
afterAll(async () => {
  await sqlite.close()
  remove()
})

/** Few names, so that histories collide. */
const some = (name: string) => fc.constantFrom(...['1', '2', '3'].map((n) => `${name}-${n}`))
const version = fc.integer({ min: 1, max: 3 })

/** One run has its own issuer and its own present, later than any run before: the horizon of forgotten claims is one for all. */
interface Scene {
  readonly issuer: string
  readonly start: number
}

type Arbitraries = readonly fc.Arbitrary<Write>[]

function anyWrite(scene: Scene): fc.Arbitrary<Write> {
  const second = fc.integer({ min: scene.start, max: scene.start + 100 })
  const maybe = fc.option(second, { freq: 3, nil: null })
  const several = [
    ...grantWrites(scene, second, maybe),
    ...otherWrites(scene, second, maybe),
    ...deviceWrites(scene, second, maybe),
    ...clientWrites(scene, second),
  ]
  return fc.oneof({ weight: 3, arbitrary: rotations(scene, second) }, ...several.map((arbitrary) => ({ weight: 1, arbitrary })))
}

function rotations({ issuer, start }: Scene, second: fc.Arbitrary<number>): fc.Arbitrary<Write> {
  return fc
    .record({ familyId: some('family'), presentedHash: some('token'), next: some('token'), at: second, idleExpiresAt: second })
    .map(({ next, ...w }) => ({
      write: 'rotate-refresh-token',
      ...w,
      successor: sample.refreshToken(next, { issuer, familyId: w.familyId, createdAt: start }),
      sealedSuccessor: `sealed ${next}`,
      sealedUntil: w.at + 30,
    }))
}

function grantWrites({ issuer, start }: Scene, second: fc.Arbitrary<number>, maybe: fc.Arbitrary<number | null>): Arbitraries {
  const token = (tokenHash: string, familyId: string) => sample.refreshToken(tokenHash, { issuer, familyId, createdAt: start })
  return [
    fc
      .record({ id: some('id'), until: second })
      .map(({ id, until }) => ({ write: 'claim-once', space: 'proof', id: `${issuer} ${id}`, until })),
    fc
      .record({ grantId: some('grant'), version, revokedAt: maybe, expiresAt: second })
      .map((w) => ({ write: 'put-grant', record: sample.grant({ issuer, ...w }) })),
    fc
      .record({ codeHash: some('code'), grantId: some('grant'), expiresAt: second })
      .map((w) => ({ write: 'put-code', record: sample.code({ issuer, ...w }) })),
    fc.record({ codeHash: some('code'), at: second }).map((w) => ({ write: 'redeem-code', ...w })),
    fc
      .record({
        familyId: some('family'),
        grantId: some('grant'),
        idleExpiresAt: second,
        absoluteExpiresAt: second,
        tokenHash: some('token'),
      })
      .map(({ tokenHash, ...w }) => ({
        write: 'put-refresh-family',
        record: sample.family({ issuer, ...w }),
        token: token(tokenHash, w.familyId),
      })),
    fc.record({ familyId: some('family'), idleExpiresAt: second, at: second }).map((w) => ({ write: 'touch-refresh-family', ...w })),
    fc
      .record({ jti: some('jti'), grantId: fc.option(some('grant'), { nil: null }), revokedAt: maybe, expiresAt: second })
      .map((w) => ({ write: 'put-access-token', record: sample.accessToken(w.jti, { issuer, ...w }) })),
    fc
      .record({ tokenHash: some('token'), expiresAt: second })
      .map((w) => ({ write: 'put-opaque-token', record: sample.opaqueToken(w.tokenHash, { issuer, ...w }) })),
    fc.record({ jti: some('jti'), at: second }).map((w) => ({ write: 'revoke-access-token', ...w })),
    fc.record({ grantId: some('grant'), at: second }).map((w) => ({ write: 'revoke-grant', ...w })),
    fc.record({ familyId: some('family'), at: second }).map((w) => ({ write: 'revoke-refresh-family', ...w })),
    fc.record({ grantId: some('grant'), at: second }).map((w) => ({ write: 'end-grant-tokens', ...w })),
  ]
}

function otherWrites({ issuer, start }: Scene, second: fc.Arbitrary<number>, maybe: fc.Arbitrary<number | null>): Arbitraries {
  return [
    fc
      .record({ sessionHash: some('session'), version, endedAt: maybe, expiresAt: second })
      .map((w) => ({ write: 'put-session', record: sample.session({ issuer, ...w }) })),
    fc.record({ sessionHash: some('session'), at: second }).map((w) => ({ write: 'end-session', ...w })),
    fc
      .record({ interactionHash: some('interaction'), version, expiresAt: second })
      .map((w) => ({ write: 'put-interaction', record: sample.interaction({ issuer, ...w }) })),
    fc
      .record({ requestHash: some('request'), expiresAt: second, takeUntil: second })
      .map((w) => ({ write: 'put-pushed-request', record: sample.pushedRequest({ issuer, ...w }) })),
    fc.record({ requestHash: some('request') }).map((w) => ({ write: 'take-pushed-request', ...w })),
    fc
      .record({ noticeId: some('notice'), version, dueAt: second, giveUpAt: second })
      .map((w) => ({ write: 'put-logout-notice', record: sample.logoutNotice({ issuer, ...w }) })),
    fc.record({ noticeId: some('notice') }).map((w) => ({ write: 'drop-logout-notice', ...w })),
    fc
      .record({ subject: some('subject'), clientId: some('client'), hour: second, keepUntil: second })
      .map((w) => ({ write: 'note-claim-read', record: sample.claimRead({ issuer, ...w }) })),
    fc.record({ interactionHash: some('interaction') }).map((w) => ({ write: 'take-interaction', ...w })),
    fc
      .record({ subject: some('subject'), username: some('name'), version })
      .map((w) => ({ write: 'put-user', record: sample.user({ issuer, ...w }) })),
    fc
      .record({ kid: some('kid'), version, removeAt: maybe })
      .map((w) => ({ write: 'put-key', record: sample.key({ issuer, createdAt: start, ...w }) })),
  ]
}

function deviceWrites({ issuer }: Scene, second: fc.Arbitrary<number>, maybe: fc.Arbitrary<number | null>): Arbitraries {
  const deviceHash = some('device')
  return [
    fc
      .record({ deviceHash, userHash: some('user'), expiresAt: second })
      .map((w) => ({ write: 'put-device-code', record: sample.deviceCode({ issuer, ...w }) })),
    fc.record({ deviceHash, grantId: some('grant') }).map((w) => ({ write: 'approve-device-code', ...w })),
    fc.record({ deviceHash }).map((w) => ({ write: 'deny-device-code', ...w })),
    fc.record({ deviceHash, seenPolledAt: maybe, at: second }).map((w) => ({ write: 'poll-device-code', ...w })),
    fc.record({ deviceHash, at: second }).map((w) => ({ write: 'slow-device-code', bySeconds: 5, ...w })),
    fc.record({ deviceHash, at: second }).map((w) => ({ write: 'collect-device-code', ...w })),
  ]
}

function clientWrites({ issuer }: Scene, second: fc.Arbitrary<number>): Arbitraries {
  const clientId = some('client')
  return [
    fc.record({ clientId, version }).map((w) => ({ write: 'put-client', record: sample.client({ issuer, ...w }) })),
    fc
      .record({ clientId, version, lastUsedAt: second, keepUntil: second, most: fc.integer({ min: 1, max: 3 }) })
      .map(({ most, ...w }) => ({ write: 'put-registration', record: sampleRegistration({ issuer, ...w }), most })),
    fc.record({ clientId, at: second, keepUntil: second }).map((w) => ({ write: 'touch-registration', ...w })),
    fc.record({ clientId, at: second }).map((w) => ({ write: 'delete-client', ...w })),
  ]
}

/** Where every history begins: otherwise few would come as far as a duplicate. */
const firstChapter = ({ issuer, start }: Scene): Write[] => [
  { write: 'put-grant', record: sample.grant({ issuer, grantId: 'grant-1', expiresAt: start + 1000 }) },
  {
    write: 'put-refresh-family',
    record: sample.family({
      issuer,
      familyId: 'family-1',
      grantId: 'grant-1',
      idleExpiresAt: start + 100,
      absoluteExpiresAt: start + 1000,
    }),
    token: sample.refreshToken('token-1', { issuer, familyId: 'family-1', createdAt: start }),
  },
  {
    write: 'rotate-refresh-token',
    familyId: 'family-1',
    presentedHash: 'token-1',
    successor: sample.refreshToken('token-2', { issuer, familyId: 'family-1', createdAt: start }),
    sealedSuccessor: 'sealed token-2',
    sealedUntil: start + 60,
    idleExpiresAt: start + 100,
    at: start,
  },
]

interface Step {
  /** Seconds since the step before. */
  readonly after: number
  readonly writes: readonly Write[]
  /** Sweeps instead. */
  readonly sweeps: boolean
}

const history = (scene: Scene): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      after: fc.oneof({ weight: 20, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(400) }),
      writes: fc.array(anyWrite(scene), { minLength: 1, maxLength: 3 }),
      sweeps: fc.nat(9).map((n) => n === 0),
    }),
    { minLength: 5, maxLength: 60 },
  )

async function everything({ records }: Storage, issuer: string, now: number): Promise<unknown> {
  const each = async (name: string, read: (id: string) => unknown) => Promise.all(['1', '2', '3'].map(async (n) => read(`${name}-${n}`)))
  return {
    claims: await each('id', (id) => records.claimed('proof', `${issuer} ${id}`, now)),
    grants: await each('grant', (id) => records.grant(issuer, id)),
    codes: await each('code', (id) => records.code(issuer, id)),
    families: await each('family', (id) => records.refreshFamily(issuer, id)),
    tokens: await each('token', (id) => records.refreshToken(issuer, id)),
    accessTokens: await each('jti', (id) => records.accessToken(issuer, id)),
    sessions: await each('session', (id) => records.session(issuer, id)),
    interactions: await each('interaction', (id) => records.interaction(issuer, id)),
    pushed: await each('request', (id) => records.pushedRequest(issuer, id)),
    devices: await each('device', (id) => records.deviceCode(issuer, id)),
    userCodes: await each('user', (id) => records.deviceCodeByUser(issuer, id)),
    users: await each('subject', (id) => records.user(issuer, id)),
    names: await each('name', (id) => records.userByName(issuer, id)),
    keys: await records.keys(issuer),
    notices: await records.logoutNotices(issuer, now, 10),
    accesses: await records.claimReads(issuer, 'subject-1', now, 10),
    signIns: await records.sessionsOf(issuer, 'subject-1', now),
    alive: await records.grantsOf(issuer, 'subject-1', now),
  }
}

it('O21-4.1.3-02, O21-4.3.1-01, REV-2.1-01: memory and SQLite tell the same story of any history', async () => {
  let run = 0
  const done = { committed: 0, lost: 0, repeat: 0 }
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      run += 1
      const scene = { issuer: `https://issuer-${run}.example`, start: firstStart + run * 100_000 }
      const memory = createMemoryStorage()
      let clock = scene.start
      const beginning = { issuer: scene.issuer, writes: firstChapter(scene), audit: [], now: clock }
      expect(await sqlite.commit(beginning)).toEqual(await memory.commit(beginning))
      for (const { after, writes, sweeps } of fc.sample(history(scene), { numRuns: 1, seed })[0] ?? []) {
        clock += after
        if (sweeps) {
          await memory.sweep(clock, 1_000_000)
          await sqlite.sweep(clock, 1_000_000)
        } else {
          const plan: WritePlan = { issuer: scene.issuer, writes, audit: [], now: clock }
          const answer = await memory.commit(plan)
          done[answer.done] += 1
          expect(await sqlite.commit(plan)).toEqual(answer)
        }
        expect(await everything(sqlite, scene.issuer, clock)).toEqual(await everything(memory, scene.issuer, clock))
      }
    }),
    { numRuns: 200 },
  )
  // The histories must be worth the name: all three kinds of answer happen.
  expect(Math.min(done.committed, done.lost, done.repeat)).toBeGreaterThan(0)
})
