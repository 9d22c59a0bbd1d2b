// The tape of a lab: every exchange of holder and thief as it went over the wire. The thief reads from it what a log would hold.
import type { Fetch } from '@kimei/client'
import type { ClientName } from '../world/switches.ts'
import type { Send, WireAnswer, WireRequest } from './send.ts'

export interface Exchange {
  readonly by: 'holder' | 'thief'
  readonly client: ClientName
  readonly request: WireRequest
  readonly answer: WireAnswer
}

export interface Tape {
  readonly exchanges: readonly Exchange[]
  /** The same sender, on tape. */
  recording(by: Exchange['by'], client: ClientName, send: Send): Send
  /** A fetch that sends by itself, on tape. */
  listening(by: Exchange['by'], client: ClientName, send: Fetch): Fetch
}

/** Enough for any attack; a lab that runs for days forgets the oldest. */
const most = 500

export function openTape(): Tape {
  const exchanges: Exchange[] = []
  const note = (exchange: Exchange): void => {
    exchanges.push(exchange)
    if (exchanges.length > most) exchanges.splice(0, exchanges.length - most)
  }
  return {
    exchanges,
    recording: (by, client, send) => async (request) => {
      const answer = await send(request)
      note({ by, client, request, answer })
      return answer
    },
    listening: (by, client, send) => async (input, init) => {
      const asked = new Request(input, init)
      const body = await asked.clone().text()
      const response = await send(asked)
      const request = { method: asked.method, url: asked.url, headers: [...asked.headers], ...(body !== '' && { body }) }
      const answer = { status: response.status, headers: [...response.headers], body: await response.clone().text() }
      note({ by, client, request, answer })
      return response
    },
  }
}
