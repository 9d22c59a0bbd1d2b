// Observing again and again: what changes is told once, signed; canary proofs must be heard refused; it ends cleanly at any time.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AuditEvent, Misuse } from '@kimei/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Observation } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { canariesOf, refusedThumbprints } from '../src/watch/canary.ts'
import { type ChangeEvent, renderMetrics, type WatchNumbers, type WatchParts, watch } from '../src/watch/index.ts'
import { nextSeconds } from '../src/watch/watch.ts'
import { quick, startIssuer } from './express-apis.ts'
import { guardedNotes, notes, notesInventory } from './notes-api.ts'

const clock = () => Math.floor(Date.now() / 1000)

/** A guarded API whose guard can be turned off, and whose log can be lost. */
async function startApi() {
  const issuer = await startIssuer()
  const log: string[] = []
  const state = { guarded: true, logs: true, down: false }
  const server = createServer((request, response) => {
    if (state.down) response.writeHead(503).end()
    else (state.guarded ? guarded : notes)(request, response)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const audit = (event: AuditEvent) => void (state.logs && log.push(JSON.stringify(event)))
  const guarded = guardedNotes({ issuer, origin, audit })
  const inventory = notesInventory({ issuer, origin, client: 'job' })
  const close = async () => {
    server.close()
    server.closeAllConnections()
    await issuer.close()
  }
  return { inventory, log, state, close }
}

let api: Awaited<ReturnType<typeof startApi>>
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

interface Watched {
  readonly told: ChangeEvent[][]
  readonly numbers: WatchNumbers[]
  readonly last: Observation | undefined
}

async function watched(runs: number, more: Partial<WatchParts> = {}, between: (run: number) => void = () => undefined): Promise<Watched> {
  const told: ChangeEvent[][] = []
  const numbers: WatchNumbers[] = []
  let run = 0
  const last = await watch({
    observe: (signal) => {
      run += 1
      between(run)
      return observe(api.inventory, { pace: quick, only: ['B1', 'K1'], signal })
    },
    everySeconds: 1,
    jitter: 0.1,
    random: () => 0,
    clock,
    signal: new AbortController().signal,
    mostRuns: runs,
    logDelaySeconds: 0,
    refused: async (since) => refusedThumbprints(api.log, since),
    tell: async (events) => {
      if (events.length > 0) told.push([...events])
      return undefined
    },
    onRun: (_observation, counted) => void numbers.push(counted),
    ...more,
  })
  return { told, numbers, last }
}

describe('what changes is told', () => {
  it('nothing between two runs that are alike; an API that opens is an alert, and closing it again is told too', async () => {
    const { told, numbers } = await watched(4, {}, (run) => {
      api.state.guarded = run < 3 || run > 3
    })
    const kinds = told.map((events) => events.map(({ kind, place }) => `${kind} ${place}`))
    expect(kinds[0]?.[0]).toBe('watch-began posture')
    // The second run tells nothing: the list has the first, the third and the fourth.
    expect(told).toHaveLength(3)
    const opened = told[1]!
    expect(opened.some(({ kind, alert, priority }) => kind === 'finding-new' && alert && priority === 'P0')).toBe(true)
    expect(told[2]!.some(({ kind }) => kind === 'finding-gone')).toBe(true)
    expect(new Set(told.flat().map(({ id }) => id)).size).toBe(told.flat().length)
    expect(numbers.map(({ runs }) => runs.done)).toEqual([1, 2, 3, 4])
  })

  it('what could not be asked in between is neither gone nor new again; once it is mended, it is gone', async () => {
    const { told } = await watched(4, {}, (run) => {
      api.state.guarded = run > 3
      api.state.down = run === 2
    })
    const findings = told.map((events) => events.filter(({ kind, place }) => kind.startsWith('finding-') && place.endsWith(' notes')))
    const [first = [], ...later] = findings.filter((events) => events.length > 0)
    expect(first.map(({ kind }) => kind)).toContain('finding-new')
    expect(later.flat().map(({ kind, place }) => [kind, place])).toEqual(first.map(({ place }) => ['finding-gone', place]))
  })

  it('an observation that fails is told, and the watch goes on', async () => {
    let run = 0
    const { told, last } = await watched(2, {
      observe: (signal) => {
        run += 1
        return run === 1 ? Promise.reject(new Misuse(['the key is gone'])) : observe(api.inventory, { pace: quick, only: ['B1'], signal })
      },
    })
    expect(told[0]).toMatchObject([{ kind: 'run-failed', alert: true, says: 'the key is gone' }])
    expect(last?.apis).toHaveLength(1)
  })
})

describe('nothing hurries it, and nothing that goes wrong beside it ends it', () => {
  it('a month is waited, which is longer than a timer holds', async () => {
    const controller = new AbortController()
    let began = 0
    const { last } = await watched(1000, {
      everySeconds: 31 * 86_400,
      random: () => 1,
      signal: controller.signal,
      observe: (signal) => {
        began += 1
        setTimeout(() => controller.abort(), 300)
        return observe(api.inventory, { pace: quick, only: ['B1'], signal: began === 1 ? new AbortController().signal : signal })
      },
    })
    expect([began, last?.stopped]).toEqual([1, undefined])
  })

  it('a run that does not end has no second one beside it, and ends when it is told to', async () => {
    const controller = new AbortController()
    let [under, most] = [0, 0]
    const { last, told } = await watched(3, {
      signal: controller.signal,
      observe: async (signal) => {
        under += 1
        most = Math.max(most, under)
        setTimeout(() => controller.abort(), 1500)
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        under -= 1
        throw new Misuse(['ended'])
      },
    })
    expect([most, last, told.length]).toEqual([1, undefined, 1])
  })

  it('events that cannot be told and numbers that cannot be written are said, and the next run comes', async () => {
    const troubles: string[] = []
    const full = Object.assign(new Error('no room for the secret'), { code: 'ENOSPC' })
    const numbers: WatchNumbers[] = []
    const { last } = await watched(2, {
      tell: () => Promise.reject(full),
      onRun: (_observation, counted) => {
        numbers.push(counted)
        throw full
      },
      onTrouble: (sentence) => void troubles.push(sentence),
    })
    expect(last?.apis).toHaveLength(1)
    expect(numbers.map(({ runs, deliveries }) => [runs.done, deliveries.done, deliveries.failed, deliveries.waiting > 0])).toEqual([
      [1, 0, 1, true],
      [2, 0, 2, true],
    ])
    expect(troubles.every((sentence) => sentence.includes('ENOSPC') && !sentence.includes('secret'))).toBe(true)
    expect(troubles.length).toBeGreaterThanOrEqual(3)
  })

  it('a clock that steps back by an hour between two runs changes nothing', async () => {
    let steps = 0
    const { told, numbers } = await watched(3, { clock: () => clock() - 3600 * Math.floor(steps++ / 2) })
    expect(numbers.map(({ runs }) => runs)).toEqual([1, 2, 3].map((done) => ({ done, failed: 0 })))
    expect(told.flat().every(({ kind }) => kind === 'watch-began' || kind.startsWith('canary'))).toBe(true)
  })
})

describe('canary proofs', () => {
  it('a refusal that stands in the log of the guard is heard', async () => {
    const { told, numbers, last } = await watched(1)
    expect(canariesOf(last!)).toMatchObject([{ api: 'notes', verdict: 'refused' }])
    expect(numbers[0]?.canaries).toEqual([{ api: 'notes', state: 'heard' }])
    expect(told.flat().filter(({ kind }) => kind.startsWith('canary'))).toEqual([])
  })

  it('a refusal that no log tells of is an alert; once it is heard again, that is told', async () => {
    const { told } = await watched(2, {}, (run) => {
      api.state.logs = run > 1
    })
    const canaries = told.flat().filter(({ kind }) => kind.startsWith('canary'))
    expect(canaries.map(({ kind, alert, place }) => [kind, alert, place])).toEqual([
      ['canary-silent', true, 'notes'],
      ['canary-heard-again', false, 'notes'],
    ])
  })

  it('a canary that stays unheard is told of once', async () => {
    const { told, numbers } = await watched(3, {}, () => {
      api.state.logs = false
    })
    expect(numbers.map(({ canaries }) => canaries)).toEqual([1, 2, 3].map(() => [{ api: 'notes', state: 'silent' }]))
    expect(
      told
        .flat()
        .filter(({ kind }) => kind.startsWith('canary'))
        .map(({ kind }) => kind),
    ).toEqual(['canary-silent'])
  })

  it('a log that cannot be read counts as silence, and says so', async () => {
    const troubles: string[] = []
    const { numbers } = await watched(1, {
      refused: () => Promise.reject(Object.assign(new Error('secret'), { code: 'EACCES' })),
      onTrouble: (sentence) => void troubles.push(sentence),
    })
    expect(numbers[0]?.canaries).toEqual([{ api: 'notes', state: 'silent' }])
    expect(troubles).toEqual(['the log of the guard cannot be read: EACCES'])
  })
})

describe('it ends', () => {
  it('while it waits: at once, with the last observation', async () => {
    const controller = new AbortController()
    const { last } = await watched(5, {
      everySeconds: 3600,
      signal: controller.signal,
      onRun: () => void setTimeout(() => controller.abort(), 50),
    })
    expect(last?.stopped).toBeUndefined()
  })

  it('while it observes: with a part, which no later run is compared with and no event tells of', async () => {
    const controller = new AbortController()
    const { last, told } = await watched(5, {
      signal: controller.signal,
      before: undefined,
      observe: (signal) => observe(api.inventory, { pace: quick, signal, onStep: () => controller.abort() }),
    })
    expect(last?.stopped).toBe('cancelled')
    expect(told.flat().every(({ kind }) => kind === 'watch-began')).toBe(true)
  })

  it('the next run comes within its jitter', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 86_400 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (everySeconds, jitter, part) => {
          const seconds = nextSeconds({ everySeconds, jitter, random: () => part })
          expect(seconds).toBeGreaterThanOrEqual(Math.max(1, everySeconds * (1 - jitter)) - 1e-6)
          expect(seconds).toBeLessThanOrEqual(Math.max(1, everySeconds * (1 + jitter)) + 1e-6)
        },
      ),
    )
  })
})

describe('numbers for others', () => {
  it('Prometheus: every line is a comment or a sample, whatever an API is called', async () => {
    const { numbers } = await watched(1)
    const last = numbers[0]!.last!
    const odd = { ...last, apis: last.apis.map((record) => ({ ...record, api: 'a"b\\c\nd' })) }
    const text = renderMetrics({ ...numbers[0]!, last: odd, canaries: [{ api: 'a"b\\c\nd', state: 'silent' }] })
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) kimei_\w+ .+|kimei_\w+(?:\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (?:[\d.]+|NaN))$/)
    }
    expect(text).toContain('kimei_observe_canary_heard{api="a\\"b\\\\c\\nd"} 0')
    expect(text).toContain('kimei_observe_api_enforced')
    expect(
      renderMetrics({ last: undefined, canaries: [], runs: { done: 0, failed: 1 }, deliveries: { done: 0, failed: 0, waiting: 0 } }),
    ).toContain('end="failed"} 1')
  })
})
