// `kimei observe --watch` on what `kimei dev` runs: changes are told, numbers can be scraped, Ctrl+C ends it with a report.
import { createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { emptyFolder, kimei, kimeiRunning, startDev } from './run-kimei.ts'

it('tells webhook, file and terminal what it found, serves its numbers, and ends with Ctrl+C', async () => {
  const cwd = emptyFolder()
  await startDev(cwd)
  const bodies: [string, string][] = []
  const hook = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part
    })
    request.on('end', () => {
      bodies.push([body, String(request.headers['kimei-signature'])])
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((ready) => hook.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void hook.close())
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`
  const secret = 'the secret of the webhook'
  const args = [
    'observe',
    '--watch',
    '1h',
    '--only',
    'B1,K1',
    '--webhook',
    url,
    '--webhook-secret-env',
    'HOOK',
    '--ocsf',
    'changes.jsonl',
    '--metrics-file',
    'kimei.prom',
  ]
  const watching = kimeiRunning(args, { cwd, env: { HOOK: secret } })
  await watching.until(/watch-began {2}posture: \S+/)
  await watching.until(/\d+ requests/)
  const ended = await watching.stop('SIGINT')
  expect(ended.out).toContain('Named tickets, observed')
  expect([0, 1, 2]).toContain(ended.code)
  const [body, signature] = bodies[0]!
  const t = /t=(\d+)/.exec(signature)?.[1]
  expect(signature).toBe(`t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`)
  expect(body).toContain('watch-began')
  const lines = readFileSync(join(cwd, 'changes.jsonl'), 'utf8').trimEnd().split('\n')
  expect(lines.every((line) => (JSON.parse(line) as { class_uid: number }).class_uid === 2004)).toBe(true)
  expect(existsSync(join(cwd, 'kimei.prom'))).toBe(true)
  expect(readFileSync(join(cwd, 'kimei.prom'), 'utf8')).toMatch(/^kimei_observe_runs_total\{end="done"\} 1$/m)
  expect(ended.out + ended.err + body).not.toMatch(/eyJ\w{10}/)
})

it('a webhook that said no is told with the next run; a canary that nobody hears of is told once, and ends with 1', async () => {
  const cwd = emptyFolder()
  await startDev(cwd)
  const events: string[][] = []
  const hook = createServer(async (request, response) => {
    const body = (await request.toArray()).join('')
    events.push((JSON.parse(body) as { events: { kind: string; id: string }[] }).events.map(({ kind, id }) => `${kind} ${id}`))
    response.writeHead(events.length === 1 ? 401 : 204).end()
  })
  await new Promise<void>((ready) => hook.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void hook.close())
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`
  const told = ['--webhook', url, '--webhook-secret-env', 'HOOK', '--metrics-file', 'kimei.prom', '--canary-log', 'no-such.jsonl']
  const { code, err, out } = await kimei(['observe', '--watch', '1s', '--runs', '2', '--only', 'B1,K1', ...told], {
    cwd,
    env: { HOOK: 'the secret of the webhook' },
  })
  expect(err).toContain('no-such.jsonl is not there yet')
  expect(err).toMatch(/change events not delivered: \d+; answered 401/)
  expect(events).toHaveLength(2)
  expect(events[1]).toEqual(events[0])
  expect(out.match(/canary-silent P1 {2}notes/g)).toHaveLength(1)
  expect(readFileSync(join(cwd, 'kimei.prom'), 'utf8')).toMatch(/^kimei_observe_change_events_waiting 0$/m)
  expect(code).toBe(1)
})

it('wrong calls are refused before anything is sent', async () => {
  const cwd = emptyFolder()
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [['--watch', 'soon'], /is no interval/],
    [['--ocsf', 'x'], /--ocsf goes with --watch/],
    [['--watch', '1h', '--webhook', 'https://h.example/'], /--webhook-secret-env/],
    [['--watch', '1h', '--runs', '0'], /no number of runs/],
  ]
  const inventory = join(import.meta.dirname, '../../../examples/config/kimei-observe.yaml')
  for (const [args, says] of wrong) {
    const { code, err } = await kimei(['observe', inventory, ...args], { cwd })
    expect([code, err]).toEqual([3, expect.stringMatching(says)])
  }
})
