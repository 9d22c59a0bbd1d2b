// `kimei keys` on a running issuer and on a stopped one: no ticket is refused because of a rotation.
import { expect, it } from 'vitest'
import { emptyFolder, kimei, printed, signInWithToken, startDev } from './run-kimei.ts'

interface Key {
  readonly kid: string
  readonly alg: string
  readonly state: string
}

const list = async (cwd: string): Promise<Key[]> => printed<Key[]>(await kimei(['keys', 'list', '--json'], { cwd }))
const inState = (keys: readonly Key[], alg: string, state: string): string | undefined =>
  keys.find((key) => key.alg === alg && key.state === state)?.kid

it('rotates a running issuer through its folder: the next key signs, the old one still verifies', async () => {
  const cwd = emptyFolder()
  const { running, ready } = await startDev(cwd)
  expect((await signInWithToken(cwd, ready)).code).toBe(0)
  const before = await list(cwd)
  expect(before.map((key) => `${key.alg} ${key.state}`).sort()).toEqual([
    'ES256 published',
    'ES256 signing',
    'HS256 kept',
    'HS256 published',
    'HS256 signing',
    'RS256 published',
    'RS256 signing',
  ])
  const early = await kimei(['keys', 'rotate'], { cwd })
  expect(early.out).toMatch(/ES256 +waits +the next key is too young until .*; --force takes it now/)
  expect((await kimei(['keys', 'rotate', '--force'], { cwd })).out).toMatch(/ES256 +rotated +\S+ signs now, \S+ is retired/)
  const after = await list(cwd)
  expect(inState(after, 'ES256', 'signing')).toBe(inState(before, 'ES256', 'published'))
  expect(inState(after, 'ES256', 'retired')).toBe(inState(before, 'ES256', 'signing'))
  // The ticket from before the rotation is still good.
  expect((await kimei(['call', `${ready.api}/notes`], { cwd })).code).toBe(0)
  const published = (await (await fetch(`${ready.issuer}/jwks`)).json()) as { keys: Key[] }
  expect(published.keys.map((key) => key.kid)).toContain(inState(before, 'ES256', 'signing'))
  expect(JSON.stringify(published)).not.toContain('"d"')

  await running.stop()
  expect(inState(await list(cwd), 'ES256', 'signing')).toBe(inState(after, 'ES256', 'signing'))
  expect((await kimei(['keys', 'rotate', '--force', '--json'], { cwd })).code).toBe(0)
  expect(inState(await list(cwd), 'ES256', 'signing')).toBe(inState(after, 'ES256', 'published'))
})
