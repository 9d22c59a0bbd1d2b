// The answer to one request, at most so much of it. Pure reading: nothing is sent here.
import type { IncomingMessage } from 'node:http'
import type { HeaderLines } from './raw-client.ts'

export interface HttpAnswer {
  readonly status: number
  readonly headers: HeaderLines
  /** At most {@link bodyLimit} characters. */
  readonly body: string
}

export const bodyLimit = 262_144

export async function readHttpAnswer(incoming: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > bodyLimit) break
  }
  return { status: incoming.statusCode ?? 0, headers: linesOf(incoming), body: Buffer.concat(chunks).toString('utf8').slice(0, bodyLimit) }
}

/** As they came, neither merged nor renamed. */
export function linesOf({ rawHeaders: names }: IncomingMessage): HeaderLines {
  return Array.from({ length: names.length / 2 }, (_, i): [string, string] => [names[2 * i]!, names[2 * i + 1]!])
}
