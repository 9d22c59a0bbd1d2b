// The section on OAuth 2.1: each check with its mark, what was seen, and how to mend what is not ready.
import type { Language } from '@kimei/protocol'
import type { IssuerRecord } from '../observation.ts'
import { plain, rows } from './columns.ts'
import type { Paint } from './paint.ts'
import { head, readinessWords } from './words.ts'

const tint = { ready: 'green', 'not-ready': 'red', 'not-observable': 'yellow' } as const

/** Nothing where it was not asked. */
export function readinessLines(issuers: readonly IssuerRecord[], language: Language, paint: Paint): string[] {
  return issuers.flatMap(({ readiness, issuer, client }) => {
    if (readiness === undefined) return []
    const cells = readiness.map(({ verdict, says, cite, seen }) => {
      const { mark, word } = readinessWords[verdict]
      return [mark, word[language], says[language], cite, seen.slice(0, 80)]
    })
    const lines = rows(cells).map((line, i) => paint(tint[readiness[i]!.verdict], line))
    const mended = readiness.flatMap(({ mend, cite }) => (mend ? [[head('mend', language), mend[language], cite]] : []))
    return ['', paint('bold', plain(`${head('readiness', language)}: ${issuer} (${client})`)), ...lines, ...rows(mended)]
  })
}
