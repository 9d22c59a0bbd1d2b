// There is one compare for what somebody could guess his way into, and the sources use no other.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = new URL('../../../../', import.meta.url).pathname
/** Names whose values an attacker would like to learn a letter at a time. */
const secret = /(?:[a-z]Hash|\bjkt|Jkt|\bsecret|Secret|Challenge|\bmac|Mac|formToken|\bath|x5t)$/
const side = String.raw`((?:\((?:await )?[\w.?!(), ]+\)|[\w.?!]+))`
const compare = new RegExp(`${side} (?:===|!==) ${side}`, 'g')
const harmless = /^(undefined|null|true|false|\d+)$/

/** Both sides are ours, or both were sent together: nobody learns anything from how long it takes. */
const bothKnown = [
  'server/src/pages/answer-account.ts',
  'server/src/pages/answer-signed-out.ts',
  'server/src/config/declare.ts',
  'protocol/src/authorization/pushed-request.ts',
]

function comparesIn(text: string): readonly string[] {
  return [...text.matchAll(compare)]
    .filter(([, left = '', right = '']) => !harmless.test(left) && !harmless.test(right))
    .filter(([, left = '', right = '']) => secret.test(left.replace(/\)$/, '')) || secret.test(right.replace(/\)$/, '')))
    .map(([whole]) => whole)
}

it('the search sees what it is for', () => {
  for (const line of [
    'f.jkt === f.code.dpopJkt',
    'one.tokenHash !== hash',
    '(await readBrowser(context, exchange)) !== record.browserHash',
  ])
    expect(comparesIn(line)).toHaveLength(1)
  for (const line of ['f.jkt === undefined', 'secret.length === 3', 'kind === wanted']) expect(comparesIn(line)).toEqual([])
})

it.each(['protocol', 'server', 'guard'])('OIDC-16.12-1: %s compares hashes, thumbprints and secrets by `equal` alone', (name) => {
  const folder = join(root, 'packages', name, 'src')
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !bothKnown.includes(`${name}/src/${path}`))
    .flatMap((path) => comparesIn(readFileSync(join(folder, path), 'utf8')).map((line) => `${path}: ${line}`))
  expect(found).toEqual([])
})
