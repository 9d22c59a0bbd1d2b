// Audit lines arrive whole, in order and all of them, in few writes.
import { once } from 'node:events'
import type { AuditEvent } from '@kimei/protocol'
import { describe, expect, it } from 'vitest'
import { makeAuditLines } from '../src/index.ts'

const event = (requestId: string): AuditEvent => ({
  at: 1_700_000_000,
  event: 'api_access',
  issuer: 'https://issuer.example',
  requestId,
  route: '記名\n"quoted"',
})

describe('audit lines', () => {
  it('SEED-TB-54: many events are one write of whole lines, in order', () => {
    const writes: string[] = []
    const lines = makeAuditLines((text) => writes.push(text))
    for (let i = 0; i < 50; i += 1) lines.audit(event(`r${i}`))
    expect(writes).toEqual([])
    lines.flush()
    expect(writes.length).toBe(1)
    expect(writes[0]?.endsWith('\n')).toBe(true)
    const read = writes[0]
      ?.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEvent)
    expect(read).toEqual(Array.from({ length: 50 }, (_, i) => event(`r${i}`)))
  })

  it('SEED-TB-54: they are written without being asked', async () => {
    const written = new EventTarget()
    const arrived = once(written, 'lines')
    makeAuditLines(() => written.dispatchEvent(new Event('lines')), { delayMs: 0 }).audit(event('r'))
    await arrived
  })

  it('SEED-TB-54: what waits is bounded, and an empty flush writes nothing', () => {
    const writes: string[] = []
    const lines = makeAuditLines((text) => writes.push(text), { delayMs: 60_000 })
    for (let i = 0; i < 2000; i += 1) lines.audit(event(`r${i}`))
    expect(writes.length).toBeGreaterThan(2)
    for (const text of writes) expect(text.length).toBeLessThan(70_000)
    lines.flush()
    const count = writes.join('').trimEnd().split('\n').length
    expect(count).toBe(2000)
    const before = writes.length
    lines.flush()
    expect(writes.length).toBe(before)
  })
})
