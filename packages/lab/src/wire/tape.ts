// The tape of a lab: every exchange of holder and thief as it went over the wire. The thief reads from it what a log would hold.
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
  }
}
