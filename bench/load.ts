// Sends prepared requests over kept-alive connections, each connection one request at a time, and counts the answers.
import http from 'node:http'

export interface Shot {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}
export interface Volley {
  readonly ok: number
  /** Status → count, of everything that was not 200. */
  readonly failed: Readonly<Record<string, number>>
  readonly seconds: number
}

/** Fires every shot once, `connections` at a time. Bounded by the number of shots and a minute. */
export async function fire(port: number, shots: readonly Shot[], connections: number): Promise<Volley> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections })
  const failed: Record<string, number> = {}
  let next = 0
  let ok = 0
  const deadline = Date.now() + 60_000
  const started = process.hrtime.bigint()
  const lane = async () => {
    while (next < shots.length && Date.now() < deadline) {
      const shot = shots[next++] as Shot
      const status = await once(agent, port, shot)
      if (status === 200) ok++
      else failed[status] = (failed[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: connections }, lane))
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  agent.destroy()
  return { ok, failed, seconds }
}

function once(agent: http.Agent, port: number, shot: Shot): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { agent, host: '127.0.0.1', port, method: shot.method, path: shot.path, headers: shot.headers },
      (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
      },
    )
    request.on('error', reject)
    request.end(shot.body)
  })
}
