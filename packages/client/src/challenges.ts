// Reads WWW-Authenticate (RFC 9110 §11.6.1): several challenges on one comma-joined line, quoted strings, token68.
// What follows from a challenge is decided elsewhere.

export interface Challenge {
  /** Lower case: schemes compare without regard to case. */
  readonly scheme: string
  readonly token68: string | undefined
  /** Names in lower case; of a repeated name the first counts. */
  readonly parameters: Readonly<Record<string, string>>
}

const tokenShape = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const token68Shape = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
const parameterShape =
  /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z]+))(?=[ \t]*(?:,|$))/sy
const longest = 16_384

/** Answers the challenges that can be read; whatever follows the first unreadable byte is left out. */
export function readChallenges(header: string | null): readonly Challenge[] {
  const challenges: Challenge[] = []
  if (header === null || header.length > longest) return challenges
  let at = skip(header, 0)
  while (at < header.length) {
    const scheme = match(tokenShape, header, at)
    if (scheme === undefined) break
    at += scheme[0].length
    if (at < header.length && !/[ \t,]/.test(header.charAt(at))) break
    const token68 = /[ \t]/.test(header.charAt(at)) ? match(token68Shape, header, spaces(header, at)) : undefined
    const parameters: Record<string, string> = Object.create(null)
    if (token68 !== undefined && /[ \t]/.test(header.charAt(at))) at = token68Shape.lastIndex
    else at = readParameters(header, at, parameters)
    challenges.push({ scheme: scheme[0].toLowerCase(), token68: token68?.[0], parameters })
    at = skip(header, at)
  }
  return challenges
}

function readParameters(header: string, from: number, into: Record<string, string>): number {
  let at = from
  for (;;) {
    const found = match(parameterShape, header, skip(header, at))
    if (found === undefined) return at
    const name = (found[1] as string).toLowerCase()
    into[name] ??= found[2] === undefined ? (found[3] as string) : found[2].replace(/\\(.)/gs, '$1')
    at = parameterShape.lastIndex
  }
}

function match(shape: RegExp, text: string, at: number): RegExpExecArray | undefined {
  shape.lastIndex = at
  return shape.exec(text) ?? undefined
}

function spaces(text: string, from: number): number {
  let at = from
  while (text.charAt(at) === ' ' || text.charAt(at) === '\t') at += 1
  return at
}

function skip(text: string, from: number): number {
  let at = from
  while (text.charAt(at) === ' ' || text.charAt(at) === '\t' || text.charAt(at) === ',') at += 1
  return at
}
