// `Vary: *` of the guard stays, whatever the application sets after it: else a cache could give to one what a certificate opened
// for another (RFC 9440 §2.4).
import type { ServerResponse } from 'node:http'

type WriteHead = (status: number, ...more: unknown[]) => ServerResponse

export function keepVary(response: ServerResponse): void {
  const write = response.writeHead as WriteHead
  const kept: WriteHead = (status, ...more) => {
    setAll(response, more.at(-1))
    const said = [response.getHeader('vary') ?? []].flat().map(String)
    if (!said.some((value) => value.includes('*'))) response.appendHeader('Vary', '*')
    return typeof more[0] === 'string' ? write.call(response, status, more[0]) : write.call(response, status)
  }
  response.writeHead = kept as ServerResponse['writeHead']
}

/** Headers that are given with the status replace those that are set; in a list, a name may stand several times. */
function setAll(response: ServerResponse, headers: unknown): void {
  if (typeof headers !== 'object' || headers === null) return
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers as Record<string, string>)) if (value !== undefined) response.setHeader(name, value)
    return
  }
  const list = headers as string[]
  for (let at = 0; at < list.length; at += 2) response.removeHeader(list[at]!)
  for (let at = 0; at + 1 < list.length; at += 2) response.appendHeader(list[at]!, list[at + 1]!)
}
