// Remembers what last went over the wire to one origin: the demo shows it, and its thief steals it.

export interface Tapped {
  readonly method: string
  readonly url: string
  readonly authorization: string
  readonly proof: string
}

export interface WireTap {
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
  /** The last request that the server took. */
  last(): Tapped | undefined
}

/** Listens to requests for `origin` that carry a token and a proof. */
export function tapWire(origin: string, send: WireTap['fetch']): WireTap {
  let last: Tapped | undefined
  return {
    async fetch(input, init) {
      const response = await send(input, init)
      const url = input instanceof Request ? input.url : String(input)
      const headers = new Headers(init?.headers)
      const [authorization, proof] = [headers.get('authorization'), headers.get('dpop')]
      if (authorization !== null && proof !== null && new URL(url).origin === origin && response.ok) {
        last = { method: init?.method ?? 'GET', url, authorization, proof }
      }
      return response
    },
    last: () => last,
  }
}
