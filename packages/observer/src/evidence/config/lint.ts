// What one setting of a configuration says on binding: a shape that all readers of configuration share.
import type { Text } from '@kimei/protocol'
import type { KnownPlaces } from '../place-of.ts'
import type { PassiveStatement } from '../reading.ts'

export interface Lint {
  readonly line: number
  readonly at?: string | undefined
  /** What it is about, beside file and line: a route, a client. */
  readonly what?: string | undefined
  readonly about: PassiveStatement['about']
  readonly says: PassiveStatement['says']
  readonly text: Text
}

export interface LintContext {
  readonly places: KnownPlaces
  /** Id of the API or issuer that the file is said to be about. */
  readonly at: string | undefined
}

export function lint(line: number, about: Lint['about'], says: Lint['says'], text: Text, more: Pick<Lint, 'at' | 'what'> = {}): Lint {
  return { line, about, says, text, ...more }
}

/** Names from a file, short and without control characters. */
export function named(text: string | undefined): string {
  return (text ?? '').replace(/[\p{Cc}]/gu, ' ').slice(0, 80)
}

/** `${NAME:none}`, `{{ value }}`, `$(env:NAME)`, `{vault://…}`: what will stand there, the file does not tell. */
export function isFilledIn(value: string): boolean {
  return /\$\{|\{\{|\$\(|\{vault:|^%.*%$/.test(value)
}

/** A setting whose value comes from elsewhere. */
export function filledIn(line: number, about: Lint['about'], name: string, more: Pick<Lint, 'at' | 'what'> = {}): Lint {
  return lint(
    line,
    about,
    'cannot-tell',
    {
      ja: `${named(name)} の値は起動のときに入ります。このファイルからは分かりません。`,
      en: `The value of ${named(name)} is filled in elsewhere: this file does not tell.`,
    },
    more,
  )
}
