// A line of the observer to some places, for tests of single steps: paced, recorded, without an inventory.
import { randomBytes } from 'node:crypto'
import { type Ledger, openLedger } from '../src/ledger/evidence.ts'
import { type Line, openLine } from '../src/wire/line.ts'
import { makePacer } from '../src/wire/pacer.ts'
import { openRawClient } from '../src/wire/raw-client.ts'

export interface TestLine {
  readonly line: Line
  readonly ledger: Ledger
  close(): void
}

export function lineTo(urls: readonly string[], authorities: readonly string[]): TestLine {
  const client = openRawClient(() => authorities)
  const ledger = openLedger()
  const fast = Number.POSITIVE_INFINITY
  const pacer = makePacer({
    allowedHosts: new Set(urls.map((url) => new URL(url).host)),
    requestsPerSecond: fast,
    loopbackRequestsPerSecond: fast,
    requestsPerTarget: 100,
    budget: 200,
  })
  const line = openLine({
    client,
    pacer,
    ledger,
    clock: () => Math.floor(Date.now() / 1000),
    random: (bytes) => randomBytes(bytes),
    userAgent: 'test',
  })
  return { line, ledger, close: client.close }
}
