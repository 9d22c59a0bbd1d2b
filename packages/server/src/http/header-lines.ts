// Header lines as they arrived. A once-only header that was repeated must be seen as repeated.
import type { Exchange } from '../context.ts'

const none: readonly string[] = []

/** Every line of one header; `name` in lower case. Where only joined headers are known, one line. */
export function headerLines({ request, connection }: Exchange, name: string): readonly string[] {
  const raw = connection.rawHeaders
  if (!raw) {
    const joined = request.headers.get(name)
    return joined === null ? none : [joined]
  }
  let found: string[] | undefined
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const known = raw[at] as string
    if (known.length !== name.length || known.toLowerCase() !== name) continue
    if (found) found.push(raw[at + 1] as string)
    else found = [raw[at + 1] as string]
  }
  return found ?? none
}

/** All lines as pairs. */
export function allHeaderLines({ request, connection }: Exchange): readonly (readonly [name: string, value: string])[] {
  const raw = connection.rawHeaders
  if (!raw) return [...request.headers]
  return Array.from({ length: raw.length >> 1 }, (_, at) => [raw[at * 2] as string, raw[at * 2 + 1] as string] as const)
}

/** One cookie of the request; `undefined` when absent or sent twice. */
export function readCookie({ request }: Exchange, name: string): string | undefined {
  const header = request.headers.get('cookie')
  if (header === null) return undefined
  const found = header.split(';').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at > 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : []
  })
  return found.length === 1 ? found[0] : undefined
}
