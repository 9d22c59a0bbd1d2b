// Starts contestants, lets them answer in turn, and takes the median of each figure. Ratios are taken pair by pair within a round.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Ready, Usage } from './contestant.ts'
import { type Connecting, fire, type Shot } from './load.ts'

export interface Contestant {
  readonly name: string
  readonly script: string
  readonly args?: readonly string[]
  readonly connections: number
  /** Absent: plain HTTP. */
  readonly tls?: Connecting
  /** Fresh requests for one round: proofs are used once. */
  readonly shots: (facts: Readonly<Record<string, string>>, count: number) => Shot[]
}
export interface Figures {
  readonly name: string
  readonly connections: number
  /** CPU of the server's process per request, microseconds; one entry a round. */
  readonly cpuMicros: readonly number[]
  readonly perSecond: readonly number[]
}

interface Running {
  readonly contestant: Contestant
  readonly child: ChildProcess
  readonly ready: Ready
}

export interface Length {
  readonly rounds: number
  /** Requests of each contestant in each round. */
  readonly count: number
  /** Requests before the first round, so that every contestant's code is compiled as far as it will be. */
  readonly warmUp: number
}

/** Warm-up first, then rounds in which the contestants take turns, every second one backwards, so that drift hits all alike. */
export async function compete(contestants: readonly Contestant[], length: Length, tell: (line: string) => void): Promise<Figures[]> {
  const { rounds, count, warmUp } = length
  const running: Running[] = []
  try {
    for (const contestant of contestants) running.push(await start(contestant))
    for (const one of running) {
      tell(`warming up ${one.contestant.name}`)
      for (let left = warmUp; left > 0; left -= count) await measure(one, Math.min(left, count))
    }
    const taken = contestants.map(() => ({ cpuMicros: [] as number[], perSecond: [] as number[] }))
    for (let round = 0; round < rounds; round++) {
      tell(`round ${round + 1} of ${rounds}`)
      const turns = [...running.entries()]
      for (const [index, one] of round % 2 ? turns.reverse() : turns) {
        const figures = await measure(one, count)
        taken[index]?.cpuMicros.push(figures.cpuMicros)
        taken[index]?.perSecond.push(figures.perSecond)
      }
    }
    return contestants.map((one, index) => ({ name: one.name, connections: one.connections, ...(taken[index] as (typeof taken)[number]) }))
  } finally {
    for (const { child } of running) child.kill('SIGTERM')
  }
}

async function measure({ contestant, child, ready }: Running, count: number) {
  const shots = contestant.shots(ready.facts, count)
  const before = await usage(child)
  const { connections, tls } = contestant
  const volley = await fire(ready.port, shots, { connections, ...(tls && { tls }) })
  const after = await usage(child)
  if (volley.ok !== count)
    throw new Error(`${contestant.name}: ${volley.ok} of ${count} answered 200, others ${JSON.stringify(volley.failed)}`)
  return { cpuMicros: (after.cpuMicros - before.cpuMicros) / count, perSecond: count / volley.seconds }
}

async function start(contestant: Contestant): Promise<Running> {
  const path = fileURLToPath(new URL(`./contestants/${contestant.script}`, import.meta.url))
  const child = fork(path, [...(contestant.args ?? [])], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
  // Some greet with warnings; they matter only where the contestant fails.
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
  })
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Ready))
    child.once('exit', (code) => reject(new Error(`${contestant.name} ended with ${code} before it listened\n${said}`)))
  })
  return { contestant, child, ready }
}

/** Asks a contestant for its CPU time and memory. */
export function usage(child: ChildProcess): Promise<Usage> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(message as Usage))
    child.send('usage')
  })
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** Median over the rounds of a/b within each round. */
export function ratio(a: Figures, b: Figures): number {
  return median(a.cpuMicros.map((value, round) => value / (b.cpuMicros[round] as number)))
}
