// Sends prepared requests, each connection one request at a time, and counts the answers: over kept connections, or with a handshake each.
import http from 'node:http'
import https from 'node:https'
import type { TLSSocket } from 'node:tls'

export interface Shot {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}
/** Over TLS, showing a certificate. PEM texts. */
export interface Connecting {
  /** What the server's certificate is checked with. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  /** `full`, `resumed`: a connection for every request, with a whole handshake or with the session of one before. */
  readonly how: 'kept' | 'full' | 'resumed'
}
export interface Volley {
  readonly ok: number
  /** Status → count, of everything that was not 200. */
  readonly failed: Readonly<Record<string, number>>
  readonly seconds: number
}

export interface Firing {
  readonly connections: number
  /** Absent: plain HTTP over kept connections. */
  readonly tls?: Connecting
}

/** Fires every shot once, `connections` at a time. Bounded by the number of shots and a minute. */
export async function fire(port: number, shots: readonly Shot[], { connections, tls }: Firing): Promise<Volley> {
  const agent = agentFor(connections, tls)
  // Whoever resumes needs a session first.
  if (tls?.how === 'resumed') await once(agent, port, shots[0] as Shot)
  const failed: Record<string, number> = {}
  let next = 0
  let ok = 0
  const deadline = Date.now() + 60_000
  const started = process.hrtime.bigint()
  const lane = async () => {
    while (next < shots.length && Date.now() < deadline) {
      const shot = shots[next++] as Shot
      const status = await once(agent, port, shot, tls?.how)
      if (status === 200) ok++
      else failed[status] = (failed[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: connections }, lane))
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  agent.destroy()
  return { ok, failed, seconds }
}

function agentFor(connections: number, tls: Connecting | undefined): http.Agent {
  const bounds = { keepAlive: tls === undefined || tls.how === 'kept', maxSockets: connections, maxFreeSockets: connections }
  if (!tls) return new http.Agent(bounds)
  const { ca, cert, key, how } = tls
  return new https.Agent({ ...bounds, ca, cert, key, servername: 'localhost', maxCachedSessions: how === 'full' ? 0 : 1 })
}

/** `how`: a handshake that is not of the kind that is measured makes the whole volley worthless. */
function once(agent: http.Agent, port: number, shot: Shot, how?: Connecting['how']): Promise<number> {
  return new Promise((resolve, reject) => {
    const send = agent instanceof https.Agent ? https.request : http.request
    const request = send({ agent, host: '127.0.0.1', port, method: shot.method, path: shot.path, headers: shot.headers }, (response) => {
      response.resume()
      response.on('end', () => {
        const { authorized, isSessionReused } = request.socket as TLSSocket
        const isAsSaid = how === undefined || how === 'kept' || (authorized && isSessionReused.call(request.socket) === (how === 'resumed'))
        if (isAsSaid) resolve(response.statusCode ?? 0)
        else reject(new Error(`a handshake was not ${how}`))
      })
    })
    request.on('error', reject)
    request.end(shot.body)
  })
}
