// Where changes are told: a signed webhook, and OCSF lines.
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Misuse } from '@kimei/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ChangeEvent, keepingUntold, ocsfLine, openWebhook, signatureOf } from '../src/watch/index.ts'

const clock = () => Math.floor(Date.now() / 1000)

const event: ChangeEvent = {
  format: 'kimei-change/1',
  id: '1-finding-new-a',
  at: 1_800_000_000,
  kind: 'finding-new',
  alert: true,
  priority: 'P0',
  place: 'a',
  says: 'x',
}

describe('a webhook', () => {
  const secret = 'a secret of many characters'
  async function receiver(answers: readonly number[]) {
    const got: { body: string; signature: string }[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part
      })
      request.on('end', () => {
        got.push({ body, signature: String(request.headers['kimei-signature']) })
        const status = answers[Math.min(got.length, answers.length) - 1]!
        response.writeHead(status, { Location: 'http://127.0.0.1:9/' }).end('x'.repeat(100_000))
      })
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got }
  }
  const deliverTo = (url: string) => openWebhook({ url, secret, clock, pausesMilliseconds: [1, 1] })

  it('is signed over time and body, tried again where the other side is in trouble, and not where it says no', async () => {
    const busy = await receiver([503, 429, 204])
    expect(await deliverTo(busy.url)([event])).toBeUndefined()
    expect(busy.got).toHaveLength(3)
    const [, t = '', v1 = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(busy.got[2]!.signature) ?? []
    expect(v1).toBe(createHmac('sha256', secret).update(`${t}.${busy.got[2]!.body}`).digest('hex'))
    expect(signatureOf(secret, Number(t), busy.got[2]!.body)).toBe(busy.got[2]!.signature)
    expect((JSON.parse(busy.got[2]!.body) as { events: unknown[] }).events).toEqual([event])
    const refusing = await receiver([401])
    expect(await deliverTo(refusing.url)([event])).toBe('answered 401')
    expect(refusing.got).toHaveLength(1)
  })

  it('follows no redirect, and says why nothing was taken', async () => {
    const moved = await receiver([302])
    expect(await deliverTo(moved.url)([event])).toBe('answered 302')
    expect(moved.got).toHaveLength(1)
    expect(await deliverTo('http://127.0.0.1:9/')([event])).toMatch(/ECONNREFUSED/)
  })

  it('what it did not take comes first at its next turn, also where nothing is new; in the end each event was taken once', async () => {
    const down = await receiver([401, 204])
    const tell = keepingUntold(deliverTo(down.url))
    const later: ChangeEvent = { ...event, id: '2-finding-gone-a' }
    expect(await tell([])).toBeUndefined()
    expect(await tell([event])).toBe('answered 401')
    expect(await tell([later])).toBeUndefined()
    expect(await tell([])).toBeUndefined()
    expect(down.got.map(({ body }) => (JSON.parse(body) as { events: { id: string }[] }).events.map(({ id }) => id))).toEqual([
      [event.id],
      [event.id, later.id],
    ])
  })

  it('keeps no more than it can: the oldest are given up, and that is said', async () => {
    const tell = keepingUntold(() => Promise.resolve('answered 503'), 2)
    expect(await tell([event, event])).toBe('answered 503')
    expect(await tell([event])).toBe('answered 503; the oldest 1 are given up')
  })

  it('one that says nothing keeps nobody: ended from outside it ends at once', async () => {
    const sockets: Socket[] = []
    const silent = createServer(() => undefined).on('connection', (socket: Socket) => void sockets.push(socket))
    await new Promise<void>((ready) => silent.listen(0, '127.0.0.1', ready))
    onTestFinished(() => {
      silent.close()
      for (const socket of sockets) socket.destroy()
    })
    const controller = new AbortController()
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/hook`
    const delivered = openWebhook({ url, secret, clock, signal: controller.signal })([event])
    while (sockets.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    controller.abort()
    expect(await delivered).toBe('no answer in time')
    expect(sockets).toHaveLength(1)
  })

  it.each([
    ['http://hooks.example/x', secret],
    ['ftp://hooks.example/x', secret],
    ['https://hooks.example/x', 'short'],
  ])('%s is refused at the beginning', (url, withSecret) => {
    expect(() => openWebhook({ url, secret: withSecret, clock })).toThrow(Misuse)
  })
})

describe('lines and numbers for others', () => {
  it('OCSF: a detection finding a line', () => {
    const line = ocsfLine(event, '0.1.0')
    expect(line.endsWith('}\n')).toBe(true)
    expect(JSON.parse(line)).toMatchObject({
      class_uid: 2004,
      category_uid: 2,
      activity_id: 1,
      type_uid: 200_401,
      severity_id: 5,
      time: 1_800_000_000_000,
      is_alert: true,
      finding_info: { uid: 'finding-new a' },
    })
    expect(JSON.parse(ocsfLine({ ...event, kind: 'finding-gone', alert: false, priority: 'none' }, '1'))).toMatchObject({
      activity_id: 3,
      type_uid: 200_403,
      severity_id: 1,
      status: 'Resolved',
    })
  })
})
