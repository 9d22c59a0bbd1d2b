// What an inventory may say of other credentials, and every way in which it cannot be meant.
import type { Misuse } from '@kimei/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import { observe } from '../src/run/observe.ts'
import { quick } from './express-apis.ts'
import { apiKey, startOtherWorld } from './other-world.ts'

let world: Awaited<ReturnType<typeof startOtherWorld>>
let written: InventoryInput
beforeAll(async () => {
  world = await startOtherWorld()
  written = world.written
})
afterAll(() => world.close())

describe('what the inventory says of other credentials', () => {
  const mistakesOf = (input: unknown): readonly string[] => {
    try {
      parseInventory(input)
      return []
    } catch (error) {
      return (error as Misuse).mistakes
    }
  }
  const named = (...otherCredentials: unknown[]) => ({ ...written, otherCredentials })

  it('every mistake is named at once, in words that say what to do', () => {
    const found = mistakesOf(
      named(
        { id: 'a', kind: 'api-key', secret: apiKey },
        { id: 'b', kind: 'session-cookie', in: { header: 'X-Sid' } },
        { id: 'c', kind: 'api-key', in: { header: 'X-A', cookie: 'a' }, subject: 'somebody' },
        { id: 'd', kind: 'bearer', in: { header: 'Authorization', scheme: 'DPoP' }, worksAt: 'https://elsewhere.example/me' },
        { id: 'd', kind: 'api-key', in: { header: 'Host' }, apis: ['nowhere'] },
        { id: 'e', kind: 'api-key', in: { scheme: 'token', query: 'k' } },
      ),
    )
    expect(found).toEqual([
      'otherCredentials.a.in: say where it is carried: header, cookie or query',
      'otherCredentials.a: say whose it is: subject, one of subjects',
      'otherCredentials.b.in: a session-cookie is carried in a cookie',
      'otherCredentials.c.in: exactly one of header, cookie and query',
      'otherCredentials.c: somebody is not among subjects; is it your test account?',
      'otherCredentials.d.in: what is sent as DPoP is a ticket: name it among clients',
      'otherCredentials.d: worksAt is where its secret works, which is not there',
      'otherCredentials: id d is used twice',
      'otherCredentials.d.in: Host carries something else',
      'otherCredentials.d: no API nowhere',
      'otherCredentials.e.in: a scheme stands in a header',
      'otherCredentials.d.worksAt: elsewhere.example is not among consent.hosts',
    ])
    const accepted = [{ finding: 'binding-skipped', at: 'key', otherCredentials: ['gone'], owner: 'A', reason: 'b', until: '2999-01-01' }]
    expect(mistakesOf({ ...named(), accepted })).toEqual(['accepted.0: no other credential gone'])
    expect(mistakesOf(named({ id: 'a', kind: 'password', value: 'x' })).join('\n')).toMatch(/kind[\s\S]*value/)
  })

  it('secrets that cannot be read, sent or withheld are named before anything is sent, and none is quoted', async () => {
    const secrets = [
      { id: 'short', kind: 'api-key', in: { header: 'X-A' }, secret: 'hunter2', subject: 'robot' },
      { id: 'lines', kind: 'api-key', in: { header: 'X-A' }, secret: 'first line\nsecond line', subject: 'robot' },
      { id: 'half', kind: 'basic', secret: 'no colon in here', subject: 'robot' },
      { id: 'gone', kind: 'api-key', in: { header: 'X-A' }, secret: { file: 'not-there.txt' }, subject: 'robot' },
      {
        id: 'other',
        kind: 'bearer',
        secret: `e30.${Buffer.from('{"sub":"a real customer"}').toString('base64url')}.c2lnbmF0dXJl`,
        subject: 'robot',
      },
    ]
    const readSecret = () => Promise.reject(Object.assign(new Error('not there'), { code: 'ENOENT' }))
    const refused = await observe(parseInventory(named(...secrets)), { pace: quick, readSecret }).catch((error: Misuse) => error.mistakes)
    expect(refused).toEqual([
      'otherCredentials.short.secret: shorter than 12 characters: where a server echoes it, it could not be withheld',
      'otherCredentials.lines.secret: it cannot be sent in a header',
      'otherCredentials.half.secret: it is a name and a password with a colon between them',
      'otherCredentials.gone.secret: ENOENT',
      'otherCredentials.other.secret: it belongs to a subject that is not among subjects',
    ])
  })
})
