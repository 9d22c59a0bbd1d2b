// Records of reviews, each a table of points: docs/jose-review.md (RFC 8725, OpenID Connect Core §16.13) and docs/attackers.md
// (FAPI 2.0 Attacker Model §5 to §7). Says what is wrong with them: packing asks, and so do the tests.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogue } from '../packages/protocol/src/catalogue.ts'
import { root } from './source-tree.ts'

const numbered = (rfc: string, chapter: number, sections: readonly number[]) => sections.map((section) => `${rfc}§${chapter}.${section}`)
const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1)
const goals = ['authorization', 'authentication', 'session integrity']

/** Every point that a record must have, by its file. */
export const reviewedPoints: Readonly<Record<string, readonly string[]>> = {
  // Left out are points that say nothing beyond another one (RFC 7518 §8.1, §8.9 to §8.13) or are about libraries alone (§8.7, §8.14).
  'docs/jose-review.md': [
    ...numbered('RFC8725', 3, upTo(12)),
    ...numbered('RFC7519', 11, upTo(2)),
    ...numbered('RFC7515', 10, upTo(13)),
    ...numbered('RFC7516', 11, upTo(5)),
    ...numbered('RFC7518', 8, [2, 3, 4, 5, 6, 8]),
  ],
  'docs/attackers.md': ['A1', 'A1a', 'A2', 'A3a', 'A5', 'several at once'].flatMap((who) => goals.map((goal) => `${who}: ${goal}`)),
}

const rules: ReadonlySet<string> = new Set(catalogue.keys())
const yearMilliseconds = 366 * 86_400_000

/** One sentence for each thing that is wrong. A row is `| point | what | what answers it | [test](path) |`. */
export function judgeRecord(document: string, points: readonly string[], now: Date): string[] {
  const rows = [...document.matchAll(/^\| ([^|]+) \|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)].filter(([, point = '']) => points.includes(point))
  const listed = rows.map(([, point = '']) => point)
  const reviewed = Date.parse(/^Reviewed: (\d{4}-\d{2}-\d{2})$/m.exec(document)?.[1] ?? '')
  return [
    ...points.filter((point) => !listed.includes(point)).map((point) => `${point} is not reviewed`),
    ...listed.filter((point, at) => listed.indexOf(point) !== at).map((point) => `${point} is listed twice`),
    ...rows.flatMap(([, point, , answer = '']) =>
      [...answer.matchAll(/`([a-z0-9-]+\.[a-z0-9-]+)`/g)].flatMap(([, id = '']) =>
        rules.has(id) ? [] : [`${point} names the rule ${id}, which does not exist`],
      ),
    ),
    ...rows.flatMap(([, point, , , shown = '']) => {
      const paths = [...shown.matchAll(/\(\.\.\/([^)]+)\)/g)].map(([, path = '']) => path)
      if (paths.length === 0) return [`${point} names no test`]
      return paths.filter((path) => !existsSync(join(root, path))).map((path) => `${point} names ${path}, which does not exist`)
    }),
    ...(now.getTime() - reviewed < yearMilliseconds ? [] : ['the review is older than a year, or has no date']),
  ]
}

export function wrongRecords(now: Date = new Date()): string[] {
  return Object.entries(reviewedPoints).flatMap(([path, points]) =>
    judgeRecord(readFileSync(join(root, path), 'utf8'), points, now).map((sentence) => `${path}: ${sentence}`),
  )
}
