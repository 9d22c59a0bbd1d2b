// Header lines as they arrived. A once-only header that was repeated must be seen as repeated.
import type { Exchange } from '../context.ts'

/** Every line of one header; `name` in lower case. Where only joined headers are known, one line. */
export function headerLines({ request, connection }: Exchange, name: string): readonly string[] {
  const lines = connection.headerLines
  if (!lines) {
    const joined = request.headers.get(name)
    return joined === null ? [] : [joined]
  }
  const found: string[] = []
  for (const [known, value] of lines) {
    if (known.length === name.length && known.toLowerCase() === name) found.push(value)
  }
  return found
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
