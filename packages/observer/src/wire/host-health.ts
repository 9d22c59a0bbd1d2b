// How each host bears being asked: three struggling answers in a row end the asking of it, and the rest goes on. Many hosts that struggle
// together are no matter of one host: then the run ends. Rate and budget stand in `pacer.ts`.
import type { Seconds } from '@kimei/protocol'
import { makeHostRests, retryAfterSeconds } from './host-rests.ts'
import type { HeaderLines } from './raw-client.ts'

/** Nobody asks there any more: nothing is sent. Not a verdict about it. */
export class HostGivenUp extends Error {
  override readonly name = 'HostGivenUp'
}

export type GivenUpWhy = 'too-many-requests' | 'faults' | 'no-answer' | 'asks-for-rest'

/** A place that was asked no further, and why. */
export interface GivenUp {
  /** As in a URL; of a node that is asked by its address, that. */
  readonly host: string
  /** Where one place on the host struggles and others are well: which one. */
  readonly target?: string
  readonly why: GivenUpWhy
  /** What came last: a status, a socket's code, or the seconds of rest that it asks for. */
  readonly last: string
  readonly at: Seconds
}

export interface HostHealth {
  /** @throws HostGivenUp */
  admit(host: string, target: string): void
  /** How long this host wishes to be left alone from now on, and no longer than is bearable. */
  restMilliseconds(host: string, now: number): number
  answered(host: string, target: string, answer: { readonly status: number; readonly headers?: HeaderLines }, now: number): void
  failed(host: string, target: string, error: unknown): void
  readonly givenUp: () => readonly GivenUp[]
  /** Why nothing at all is asked any more. */
  readonly stopped: () => string | undefined
}

/** Answers in a row with 429 or 5xx, or none. */
const inRow = 3
/** Hosts that struggle one after the other, with no usual answer of anybody between: something in front of them all. */
const hostsInRow = 3
/** Hosts in a row that do not even answer: rather our own network. Nobody is harmed by asking on, so more of them. */
const silentInRow = 20
interface HostState {
  /** Since its last usual answer. */
  row: number
  readonly targets: Map<string, number>
}

type Trouble = Pick<GivenUp, 'why' | 'last'>

/**
 * @param clock what the report goes by; waiting goes by the milliseconds that are given.
 * @param restSeconds the longest rest at once.
 */
export function makeHostHealth(clock: () => Seconds, restSeconds: number): HostHealth {
  const hosts = new Map<string, HostState>()
  const ended = new Map<string, GivenUp>()
  /** Hosts since the last usual answer of anybody, with what they do. */
  const troubled = new Map<string, 'struggles' | 'silent'>()
  const rests = makeHostRests(restSeconds)
  let stopped: string | undefined

  const end = (given: Omit<GivenUp, 'at'>) => {
    ended.set(keyOf(given.host, given.target), { ...given, at: clock() })
    const struggling = [...ended.values()].filter(({ target, why }) => target === undefined && why !== 'no-answer').length
    const row = [...troubled.values()].filter((what) => what === 'struggles').length
    const most = struggling >= hostsInRow && struggling > hosts.size / 2
    if (most || row >= hostsInRow) stopped ??= `stopped after ${Math.max(row, struggling)} hosts answered with 429 or 5xx`
  }
  const trouble = (host: string, target: string, { why, last }: Trouble) => {
    const state = stateOf(hosts, host)
    const own = (state.targets.get(target) ?? 0) + 1
    state.targets.set(target, own)
    state.row += 1
    troubled.set(host, why === 'no-answer' ? 'silent' : 'struggles')
    // One of many APIs may be down behind a gateway that is well; a limit, or a door that nobody opens, is the host's own.
    const wholeHost = why === 'too-many-requests' || (why === 'no-answer' && !isSlow(last)) || state.targets.size > 1
    if (state.row >= inRow && wholeHost) end({ host, why, last })
    else if (own >= inRow) end({ host, target, why, last })
    if (troubled.size >= silentInRow) stopped ??= `stopped after ${silentInRow} hosts in a row without a usual answer`
  }

  return {
    admit(host, target) {
      const given = ended.get(keyOf(host)) ?? ended.get(keyOf(host, target))
      if (given) throw new HostGivenUp(reasonOf(given))
    },
    restMilliseconds: rests.milliseconds,
    answered(host, target, { status, headers = [] }, now) {
      // Ended in TLS: it speaks, and says nothing about how it is.
      if (status === 0) return
      const state = stateOf(hosts, host)
      if (status !== 429 && status < 500) {
        state.row = 0
        state.targets.clear()
        troubled.clear()
        return
      }
      trouble(host, target, { why: status === 429 ? 'too-many-requests' : 'faults', last: String(status) })
      const seconds = status === 429 || status === 503 ? retryAfterSeconds(headers, now) : 0
      if (seconds === 0) return
      if (!ended.has(keyOf(host)) && rests.grant(host, seconds, now) === 'too-long')
        end({ host, why: 'asks-for-rest', last: String(seconds) })
    },
    failed(host, target, error) {
      const code = codeOf(error)
      if (code !== undefined) trouble(host, target, { why: 'no-answer', last: code })
    },
    givenUp: () => [...ended.values()],
    stopped: () => stopped,
  }
}

function stateOf(hosts: Map<string, HostState>, host: string): HostState {
  const known = hosts.get(host) ?? { row: 0, targets: new Map<string, number>() }
  hosts.set(host, known)
  return known
}

const keyOf = (host: string, target?: string): string => JSON.stringify([host, target])

const inTime = 'no answer in time'

function isSlow(last: string): boolean {
  return last === inTime || last === 'ECONNRESET' || last === 'EPIPE'
}

/** `undefined`: nothing was sent, by a mistake of our own. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (!('code' in error) || typeof error.code !== 'string') return error.message === inTime ? inTime : undefined
  if (error.code === 'ABORT_ERR') return inTime
  return /^ERR_(?:INVALID|UNESCAPED|HTTP_)/.test(error.code) ? undefined : error.code
}

/** Why a probe was not sent. */
export function reasonOf({ host, target, why, last }: GivenUp): string {
  const place = target === undefined ? host : `${target} (${host})`
  const told: Readonly<Record<GivenUpWhy, string>> = {
    'too-many-requests': `${inRow} answers in a row with 429 or 5xx, the last ${last}`,
    faults: `${inRow} answers in a row with 429 or 5xx, the last ${last}`,
    'no-answer': `${inRow} requests in a row without an answer (${last})`,
    'asks-for-rest': `it asks for ${last} seconds of rest`,
  }
  return `${place} was given up: ${told[why]}`
}
