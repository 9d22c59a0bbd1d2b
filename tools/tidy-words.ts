// Words that must not stand in the project's text: paths of one machine, registry hosts, tests put aside.
// The patterns are written so that they do not match themselves.
import type { SourceFile } from './source-tree.ts'
import type { Untidy } from './tidy-imports.ts'

interface Unwanted {
  readonly pattern: RegExp
  readonly says: string
  /** Where it is looked for; everywhere when absent. */
  readonly only?: RegExp
}

const unwanted: readonly Unwanted[] = [
  { pattern: /(?<![\w.~-])\/(work|root|home|Users)\/[\w.-]+/, says: 'a path of one machine' },
  { pattern: /(?<![\w.~-])\/tmp\/[\w.-]+/, says: 'a path of one machine: make a temporary folder' },
  { pattern: /registry[.](npmjs|yarnpkg)|npm[.]pkg[.]github|artifactor[y]/i, says: 'a registry host' },
  { pattern: /"resolved":\s*"https?:/, says: 'a registry host in the lock file', only: /package-lock\.json$/ },
  { pattern: /\b(it|test|describe|suite|bench)[.](skip|skipIf|runIf|todo|only|fails)\b/, says: 'a test put aside', only: /\.ts$/ },
  { pattern: /\bx(it|describe|test)[(]/, says: 'a test put aside', only: /\.ts$/ },
  { pattern: /\b(TO[D]O|FIX[M]E|X[X]X)\b|\bHACK[:]/, says: 'work put off: do it, or write it into the docs as a limit' },
  { pattern: /@ts-(ignore|nocheck)\b/, says: 'a compiler error hidden' },
  { pattern: /\b(?:in|per|by) the (?:brief|issue)\b|\bissue [#]?2\b/i, says: 'speaks of something outside the project' },
  {
    pattern: /\b(?:AI|LLM|language model|coding agent)[- ](?:generated|written|assisted)\b/i,
    says: 'speaks of something outside the project',
  },
]

const texts = /\.(ts|js|mjs|json|md|ya?ml|css|html|sql|sh|tsv|txt)$|(^|\/)(run|LICENSE|\.gitignore)$/

/** Judges every line of one text file of the project. */
export function judgeWords(file: SourceFile): Untidy[] {
  if (!texts.test(file.path)) return []
  const rules = unwanted.filter((one) => !one.only || one.only.test(file.path))
  return file.text
    .split('\n')
    .flatMap((line, index) =>
      rules.flatMap((one) =>
        one.pattern.test(line) ? [{ path: file.path, line: index + 1, says: `${one.says}: ${line.trim().slice(0, 100)}` }] : [],
      ),
    )
}
