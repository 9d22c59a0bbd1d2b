// Ctrl+C while the other side says nothing, wherever in an observation that is: at once a report on what was seen, exit code 2, nothing
// left behind, and nothing secret in any of it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { type Silent, startHost } from './observed-host.ts'
import { emptyFolder, kimei, kimeiRunning } from './run-kimei.ts'

const places: readonly (readonly [name: string, silent: Silent])[] = [
  ['the metadata', ({ path }) => path.includes('.well-known')],
  ['the token endpoint', ({ path }) => path === '/token'],
  ['the token endpoint, the third time', ({ path, count }) => path === '/token' && count === 3],
  ['the API', ({ path }) => path === '/notes'],
  ['the API, in the middle of it', ({ path, count }) => path === '/notes' && count === 7],
]

it.each(places)('silence at %s', async (_name, silent) => {
  const cwd = emptyFolder()
  let fell = false
  const host = await startHost((request) => {
    fell ||= silent(request)
    return fell
  })
  writeFileSync(join(cwd, 'inventory.yaml'), `${host.inventory.trimEnd().replace(/ }$/, ', answerSeconds: 60 }')}\n`)
  const files = ['part.json', 'part.html', 'part.har', 'part.xml', 'part.sarif']
  const running = kimeiRunning(['observe', 'inventory.yaml', ...files.flatMap((file) => ['--report', file])], { cwd })
  await vi.waitFor(() => expect(fell).toBe(true), 60_000)
  const asked = host.asked.length
  const ended = await running.stop('SIGINT')
  expect([ended.code, host.asked.length]).toEqual([2, asked])
  expect(ended.out).toContain('Stopped early: cancelled')
  expect(readdirSync(cwd).sort()).toEqual(['inventory.yaml', ...files].sort())
  const texts = [ended.out, ended.err, ...files.map((file) => readFileSync(join(cwd, file), 'utf8'))]
  const { stopped, overall } = JSON.parse(readFileSync(join(cwd, 'part.json'), 'utf8')) as { stopped: string; overall: string }
  expect([stopped, overall === 'named']).toEqual(['cancelled', false])
  for (const text of texts) expect(host.secrets.filter((secret) => text.includes(secret))).toEqual([])
})

it('a whole run against a host that throws everything back: no format, no trace and no screen holds a secret', async () => {
  const cwd = emptyFolder()
  const host = await startHost()
  writeFileSync(join(cwd, 'inventory.yaml'), host.inventory)
  const files = ['r.json', 'r.html', 'r.har', 'r.xml', 'r.sarif', 'r.md', 'r.csv', 'r.txt']
  const args = ['observe', 'inventory.yaml', '--full', '--oauth21', '--detail', ...files.flatMap((file) => ['--report', file])]
  const { out, err } = await kimei(args, { cwd, env: { KIMEI_TRACE: '1' } })
  expect(host.asked.length).toBeGreaterThan(30)
  const texts = [out, err, ...files.map((file) => readFileSync(join(cwd, file), 'utf8'))]
  for (const text of texts) expect(host.secrets.filter((secret) => text.includes(secret))).toEqual([])
})
