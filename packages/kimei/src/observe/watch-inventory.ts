// `kimei observe --watch`: the same observation again and again, and where changes are told: terminal, webhook, OCSF lines, metrics.
// When and what is told is the observer's business.
import { appendFileSync, existsSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { dirname, resolve } from 'node:path'
import type { ChangeEvent, Observation, WatchNumbers } from '@kimei/observer'
import { Trouble, UsageError } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'

export const watchOptions = {
  watch: { type: 'string' },
  runs: { type: 'string' },
  webhook: { type: 'string' },
  'webhook-secret-env': { type: 'string' },
  ocsf: { type: 'string' },
  metrics: { type: 'string' },
  'metrics-file': { type: 'string' },
  'canary-log': { type: 'string' },
} as const

export type WatchFlags = { readonly [K in keyof typeof watchOptions]?: string | undefined }

/** How a watch ended. */
export interface Watched {
  readonly observation: Observation | undefined
  /** A canary of the last run was let pass, or its refusal was told nowhere. */
  readonly alarming: boolean
}

export interface WatchRun {
  readonly observe: (signal: AbortSignal) => Promise<Observation>
  readonly signal: AbortSignal
  readonly before: Observation | undefined
}

const jitter = 0.1

/** @throws UsageError before anything is sent. */
export async function watchInventory(flags: WatchFlags, { observe, signal, before }: WatchRun, terminal: Terminal): Promise<Watched> {
  const { keepingUntold, openWebhook, watch } = await import('@kimei/observer')
  const everySeconds = readInterval(flags.watch ?? '')
  const mostRuns = flags.runs === undefined ? undefined : readCount(flags.runs)
  const clock = (): number => Math.floor(Date.now() / 1000)
  const webhook = flags.webhook && keepingUntold(openWebhook({ url: flags.webhook, secret: secretOf(flags), clock, signal }))
  for (const file of [flags.ocsf, flags['metrics-file']]) if (file !== undefined) refuseNoFolder(file)
  const { ocsf: ocsfPath, 'canary-log': logPath } = flags
  const ocsf = ocsfPath && keepingUntold((events) => appendOcsf(ocsfPath, events))
  const log = logPath === undefined ? undefined : await openLog(logPath)
  if (logPath !== undefined && !existsSync(logPath))
    terminal.note(terminal.paint('yellow', `${logPath} is not there yet: until it is, every canary counts as unheard`))
  const metrics = await openMetrics(flags)
  let alarming = false
  try {
    const observation = await watch({
      observe,
      everySeconds,
      jitter,
      random: Math.random,
      clock,
      signal,
      before,
      mostRuns,
      ...(log && { refused: log }),
      tell: async (events) => {
        for (const event of events) sayEvent(event, terminal)
        // Each way of telling is tried, whatever became of the other.
        const unwritten = ocsf && (await ocsf(events))
        const undelivered = webhook && (await webhook(events))
        return [unwritten, undelivered].filter(Boolean).join('; ') || undefined
      },
      onRun: (observation, numbers) => {
        alarming = numbers.canaries.some(({ state }) => state !== 'heard')
        terminal.note(
          terminal.paint(
            'dim',
            `${stamp(observation.finishedAt)}  ${observation.bindingKeyPosture}  ${observation.counts.requests} requests`,
          ),
        )
        return metrics.update(numbers)
      },
      onTrouble: (sentence) => terminal.note(terminal.paint('yellow', sentence)),
    })
    return { observation, alarming }
  } finally {
    await metrics.close()
  }
}

/** `30s`, `15m`, `6h`, `1d`. */
export function readInterval(text: string): number {
  const [, amount = '', unit = ''] = /^(\d{1,6})(s|m|h|d)$/.exec(text) ?? []
  const seconds = Number(amount) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[unit] ?? 0)
  if (!(seconds >= 1 && seconds <= 31 * 86_400)) throw new UsageError(`--watch "${text}" is no interval: 15m, 6h or 1d`)
  return seconds
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`--runs "${text}" is no number of runs`)
  return Number(text)
}

function secretOf(flags: WatchFlags): string {
  const name = flags['webhook-secret-env']
  if (name === undefined) throw new UsageError('--webhook needs --webhook-secret-env: the variable with the secret that signs what is sent')
  const secret = process.env[name]
  if (!secret) throw new UsageError(`the environment variable ${name} is empty`)
  return secret
}

function refuseNoFolder(path: string): void {
  if (!existsSync(dirname(resolve(path)))) throw new UsageError(`there is no folder ${dirname(path)}`)
}

function sayEvent({ at, kind, alert, priority, place, says }: ChangeEvent, terminal: Terminal): void {
  const mark = alert ? terminal.paint('red', '✗') : '·'
  terminal.say(
    `${stamp(at)}  ${mark} ${kind}${priority === 'none' ? '' : ` ${priority}`}  ${place.replace(/\p{Cc}/gu, ' ')}: ${says.replace(/\p{Cc}/gu, ' ')}`,
  )
}

function stamp(at: number): string {
  return new Date(at * 1000).toISOString().replace('.000Z', 'Z')
}

async function appendOcsf(path: string, events: readonly ChangeEvent[]): Promise<string | undefined> {
  const { ocsfLine } = await import('@kimei/observer')
  const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  try {
    appendFileSync(path, events.map((event) => ocsfLine(event, '0.1.0')).join(''))
    return undefined
  } catch (error) {
    // A full disk takes half a line, and the next one would be glued to it.
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > before) truncateSync(path, before)
    return `${path} cannot be written: ${(error as NodeJS.ErrnoException).code}`
  }
}

const mostLogBytes = 64 * 1024 * 1024

/** What was added to the log since the watch began; a log that became shorter was turned, and is read from its beginning. */
async function openLog(path: string): Promise<(since: number) => Promise<ReadonlySet<string>>> {
  const { refusedThumbprints } = await import('@kimei/observer')
  const size = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0
  let from = size()
  return async (since) => {
    const end = size()
    if (end < from) from = 0
    if (end === 0) return new Set()
    const start = Math.max(from, end - mostLogBytes)
    const file = await open(path, 'r')
    try {
      const text = Buffer.alloc(end - start)
      await file.read(text, 0, text.length, start)
      return refusedThumbprints(text.toString('utf8').split('\n'), since)
    } finally {
      await file.close()
    }
  }
}

interface Metrics {
  update(numbers: WatchNumbers): Promise<void>
  close(): Promise<void>
}

/** An address to scrape, a file for the node exporter, or neither. */
async function openMetrics(flags: WatchFlags): Promise<Metrics> {
  const { renderMetrics } = await import('@kimei/observer')
  let text = ''
  const server = flags.metrics === undefined ? undefined : await serveMetrics(flags.metrics, () => text)
  const file = flags['metrics-file']
  return {
    async update(numbers) {
      text = renderMetrics(numbers)
      if (file === undefined) return
      // Whole or not there: an exporter may read at any time.
      writeFileSync(`${file}.new`, text)
      renameSync(`${file}.new`, file)
    },
    close: () => new Promise((closed) => (server ? server.close(() => closed()) && server.closeAllConnections() : closed())),
  }
}

async function serveMetrics(address: string, text: () => string): Promise<Server> {
  const [, host = '127.0.0.1', port = ''] = /^(?:(.+):)?(\d{1,5})$/.exec(address) ?? []
  if (port === '' || Number(port) > 65_535) throw new UsageError(`--metrics "${address}" is no address: 9464 or 127.0.0.1:9464`)
  const server = createServer((request, response) => {
    const asked = (request.method === 'GET' || request.method === 'HEAD') && request.url === '/metrics'
    response.writeHead(asked ? 200 : 404, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' })
    response.end(asked ? text() : '')
  })
  await new Promise<void>((ready, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      failed(new Trouble(`--metrics ${address}: the port is taken or not yours (${error.code})`)),
    )
    server.listen(Number(port), host.replace(/^\[|\]$/g, ''), () => ready())
  })
  return server
}
