// The section on OAuth 2.1: each check with its mark, what was seen, and how to mend what is not ready.
import { displayWidth, padDisplay } from 'look'
import type { IssuerRecord } from '../observation.ts'
import { plain, rows, wrapped } from './columns.ts'
import type { TextLook } from './finding-lines.ts'
import { head, readinessWords } from './words.ts'

const tint = { ready: 'green', 'not-ready': 'red', 'not-observable': 'yellow' } as const

/** Nothing where it was not asked. */
export function readinessLines(issuers: readonly IssuerRecord[], { language, paint, width }: TextLook): string[] {
  return issuers.flatMap(({ readiness, issuer, client }) => {
    if (readiness === undefined) return []
    const heads = rows(
      readiness.map(({ verdict, cite }) => [`${readinessWords[verdict].mark} ${readinessWords[verdict].word[language]}`, cite]),
    )
    const indent = ' '.repeat(Math.max(...heads.map(displayWidth)) + 2)
    const lines = readiness.flatMap(({ verdict, says, seen, mend }, index) => {
      const [first = '', ...others] = wrapped(says[language], width, indent)
      return [
        paint(tint[verdict], `${padDisplay(heads[index]!, indent.length)}${first.trimStart()}`),
        ...others,
        ...(seen === '' || verdict === 'ready' ? [] : wrapped(seen.slice(0, 200), width, indent)),
        ...(mend ? wrapped(`→ ${mend[language]}`, width, indent) : []),
      ]
    })
    return ['', paint('bold', plain(`${head('readiness', language)}: ${issuer} (${client})`)), ...lines]
  })
}
