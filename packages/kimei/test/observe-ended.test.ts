// Ctrl+C while `kimei observe` runs: a report on what was seen so far, exit code 2, and nothing secret in it or in a trace.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { emptyFolder, kimei, kimeiRunning, startDev } from './run-kimei.ts'

it('ended in the middle: a partial report, in every file that was asked for, and exit code 2', async () => {
  const cwd = emptyFolder()
  const { ready } = await startDev(cwd)
  const own = join(ready.folder, 'inventory.yaml')
  // Written right after the line that says it is ready.
  await vi.waitFor(() => expect(existsSync(own)).toBe(true), 10_000)
  const slow = readFileSync(own, 'utf8').replace(/requestsPerSecond: \d+/, 'requestsPerSecond: 2')
  writeFileSync(join(ready.folder, 'slow.yaml'), slow)
  const running = kimeiRunning(
    ['observe', join(ready.folder, 'slow.yaml'), '--progress', '--report', 'part.json', '--report', 'part.html'],
    { cwd },
  )
  await running.until(/^\d+\/\d+ /m)
  const ended = await running.stop('SIGINT')
  expect(ended.code).toBe(2)
  expect(ended.out).toContain('Stopped early: cancelled')
  const report = JSON.parse(readFileSync(join(cwd, 'part.json'), 'utf8')) as {
    stopped?: string
    overall: string
    counts: { tested: number; testable: number }
  }
  expect([report.stopped, report.overall]).toEqual(['cancelled', 'unknown'])
  expect(report.counts.tested).toBeLessThan(report.counts.testable)
  for (const text of [ended.out, ended.err, readFileSync(join(cwd, 'part.json'), 'utf8'), readFileSync(join(cwd, 'part.html'), 'utf8')])
    expect(text).not.toMatch(/eyJ\w{10}/)
})

it('a key that cannot be used is named by its place, never quoted, also in a trace', async () => {
  const cwd = emptyFolder()
  const secret = 'c2VjcmV0LXRoYXQtbXVzdC1ub3QtYXBwZWFy'
  writeFileSync(
    join(cwd, 'inventory.yaml'),
    `version: 1
contact: tests@example.com
issuers: [{ id: main, url: http://127.0.0.1:9, tokenEndpoint: http://127.0.0.1:9/token }]
clients:
  - id: job
    clientId: job
    authentication: { method: private_key_jwt, key: { kty: EC, crv: P-256, x: x, y: y, d: ${secret} } }
    ticket: { from: client-credentials }
apis: [{ id: notes, url: http://127.0.0.1:9/notes, privilege: mid }]
`,
  )
  const { code, out, err } = await kimei(['observe', 'inventory.yaml'], { cwd, env: { KIMEI_TRACE: '1' } })
  expect([code, err]).toEqual([3, expect.stringMatching(/clients\.job\.authentication\.key: not a private JWK/)])
  expect(out + err).not.toContain(secret)
})
