// Which policy covers which request: routes compiled once, matched on the raw bytes of the path.
// What the policy then demands stands in `policy.ts`.

export type Segment = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'one' } | { readonly kind: 'rest' }

const plainSegment = /^(?!\.{1,2}$)(?:[A-Za-z0-9._~!$&'()*+,=:@-]|%[0-9A-Fa-f]{2})+$/

/** The segments of `/notes/:id` or `/files/*`, or a sentence that says what is wrong with it. */
export function parseRoutePath(path: string): readonly Segment[] | string {
  if (!path.startsWith('/')) return 'a path begins with /'
  if (path === '/') return [{ kind: 'text', text: '' }]
  const parts = path.slice(1).split('/')
  const segments: Segment[] = []
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1
    if (part === '*') {
      if (!last) return '* stands only at the end'
      segments.push({ kind: 'rest' })
    } else if (part.startsWith(':')) {
      if (!/^:[A-Za-z][A-Za-z0-9]*$/.test(part)) return `${part} is no parameter name`
      segments.push({ kind: 'one' })
    } else if (part === '' && last) {
      segments.push({ kind: 'text', text: '' })
    } else if (!plainSegment.test(part) || /%(?:2f|5c|2e|25|3b|00)/i.test(part)) {
      return `${part || 'an empty segment'} can be read in two ways; such requests are refused anyway`
    } else {
      segments.push({ kind: 'text', text: part })
    }
  }
  return segments
}

export interface RoutePattern<R> {
  readonly path: string
  /** `*` stands for every method that the path does not name. */
  readonly methods: readonly string[]
  readonly route: R
}

interface Branch<R> {
  readonly text: Map<string, Branch<R>>
  one: Branch<R> | undefined
  /** Methods of `*` here. */
  readonly rest: Map<string, R>
  /** Methods of a path that ends here. */
  readonly end: Map<string, R>
}

/** `several`: an API that decodes, folds case or drops a last slash would serve another route than the spelling says. */
export type RouteMatch<R> = { readonly route: R } | 'none' | 'several'

const branch = <R>(): Branch<R> => ({ text: new Map(), one: undefined, rest: new Map(), end: new Map() })

/**
 * Compiles routes into a tree. The most literal path wins, segment by segment: text before `:one` before `*`; its methods
 * then decide, so that a path named for POST alone is never reached by GET through a wider route.
 * GET covers HEAD unless the path names HEAD itself (RFC 9110 §9.3.2).
 */
export function compileRoutes<R>(patterns: readonly RoutePattern<R>[]): (method: string, path: string) => RouteMatch<R> {
  const exact = branch<R>()
  const loose = branch<R>()
  const named = new Set<string>()
  for (const pattern of patterns) {
    const segments = segmentsOf(pattern.path)
    plant(exact, pattern, segments)
    plant(loose, pattern, loosenSegments(segments))
    named.add(pattern.path)
  }
  return (method, path) => {
    const route = pick(find(exact, path, 1), method)
    if (route === undefined) return 'none'
    if (named.has(path)) return { route }
    const read = loosen(path)
    if (read === undefined) return 'several'
    return read === path || pick(find(loose, read, 1), method) === route ? { route } : 'several'
  }
}

/** The path as the most forgiving API would read it; `undefined` when its escapes are no UTF-8. */
function loosen(path: string): string | undefined {
  let read = path
  if (path.includes('%')) {
    try {
      read = decodeURIComponent(path)
    } catch {
      return undefined
    }
  }
  read = read.toLowerCase()
  return read.length > 1 && read.endsWith('/') ? read.slice(0, -1) : read
}

function loosenSegments(segments: readonly Segment[]): readonly Segment[] {
  const read = segments.map((segment) =>
    segment.kind === 'text' ? { kind: segment.kind, text: loosen(segment.text) ?? segment.text } : segment,
  )
  const last = read.at(-1)
  return read.length > 1 && last?.kind === 'text' && last.text === '' ? read.slice(0, -1) : read
}

function plant<R>(root: Branch<R>, { methods, route }: RoutePattern<R>, segments: readonly Segment[]): void {
  let at = root
  let leaf: Map<string, R> | undefined
  for (const segment of segments) {
    if (segment.kind === 'rest') leaf = at.rest
    else if (segment.kind === 'one') at = at.one ??= branch()
    else at = childOf(at, segment.text)
  }
  leaf ??= at.end
  for (const method of methods) if (!leaf.has(method)) leaf.set(method, route)
}

function segmentsOf(path: string): readonly Segment[] {
  const segments = parseRoutePath(path)
  if (typeof segments === 'string') throw new TypeError(segments)
  return segments
}

function childOf<R>(at: Branch<R>, text: string): Branch<R> {
  const known = at.text.get(text)
  if (known) return known
  const made = branch<R>()
  at.text.set(text, made)
  return made
}

function pick<R>(methods: Map<string, R> | undefined, method: string): R | undefined {
  if (methods === undefined) return undefined
  return methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined) ?? methods.get('*')
}

/** `from` is the first character of the segment to match; one past the end means that the path is used up. */
function find<R>(at: Branch<R>, path: string, from: number): Map<string, R> | undefined {
  if (from > path.length) return at.end.size > 0 ? at.end : undefined
  const slash = path.indexOf('/', from)
  const to = slash < 0 ? path.length : slash
  const text = path.slice(from, to)
  const literal = at.text.get(text)
  const found = literal && find(literal, path, to + 1)
  if (found) return found
  if (text === '') return undefined
  return (at.one && find(at.one, path, to + 1)) ?? (at.rest.size > 0 ? at.rest : undefined)
}
