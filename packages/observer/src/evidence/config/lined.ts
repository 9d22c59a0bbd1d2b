// YAML and JSON with the line of each value, read without trust: no tags, bounded aliases, mistakes in one sentence.
// What the values mean stands with each kind of configuration.
import { Misuse } from '@kimei/protocol'
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, visit } from 'yaml'

export interface Lined {
  readonly line: number
  /** The text of a scalar; `undefined` for lists, maps and nothing. */
  readonly text: string | undefined
  get(...path: readonly string[]): Lined | undefined
  readonly items: readonly Lined[]
  readonly members: readonly (readonly [name: string, value: Lined])[]
}

/** Larger than any configuration that people keep. */
export const largestConfig = 8 * 1024 * 1024

/** All documents of the text. @throws Misuse where it is no YAML. */
export function readLined(text: string): readonly Lined[] {
  const lineCounter = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false, merge: true, uniqueKeys: false })
  if (!Array.isArray(documents)) return []
  const problem = documents.flatMap(({ errors }) => errors)[0]
  if (problem) throw new Misuse([`line ${lineCounter.linePos(problem.pos[0]).line}: it is no YAML`])
  return documents.flatMap((document) => {
    const meant = aliasesOf(document)
    const resolve = (node: unknown): unknown => (isAlias(node) ? meant.get(node) : node)
    const wrap = (written: unknown, depth: number): Lined => {
      const node = resolve(written)
      const start = (written as { readonly range?: readonly number[] | null } | null)?.range?.[0] ?? 0
      const members = isMap(node) ? node.items.map(({ key, value }) => [isScalar(key) ? String(key.value) : '', key, value] as const) : []
      const deeper = (child: unknown, from?: unknown) => lineOf(wrap(depth > 60 ? null : child, depth + 1), from)
      const lineOf = (lined: Lined, from: unknown): Lined => {
        const at = (from as { readonly range?: readonly number[] | null } | undefined)?.range?.[0]
        return at === undefined ? lined : { ...lined, line: lineCounter.linePos(at).line }
      }
      return {
        line: lineCounter.linePos(start).line,
        text: isScalar(node) && node.value !== null ? String(node.value) : undefined,
        get(...path) {
          const [name, ...rest] = path
          if (name === undefined) return this
          const found = members.find(([key]) => key === name)
          const child = found && deeper(found[2], found[1])
          return child && rest.length > 0 ? child.get(...rest) : child
        },
        get items() {
          return isSeq(node) ? node.items.map((item) => deeper(item)) : []
        },
        get members() {
          return members.map(([name, key, value]) => [name, deeper(value, key)] as const)
        },
      }
    }
    return document.contents === null ? [] : [wrap(document.contents, 0)]
  })
}

/** What each alias stands for: the node that last had the anchor. One walk for all, since asking the library walks for each. */
function aliasesOf(document: Document.Parsed): ReadonlyMap<unknown, unknown> {
  const anchored = new Map<string, unknown>()
  const meant = new Map<unknown, unknown>()
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) meant.set(node, anchored.get(node.source))
      else if (node.anchor) anchored.set(node.anchor, node)
    },
  })
  return meant
}

/** Every map below, itself included, depth first; bounded. */
export function* everyMap(node: Lined, budget = { left: 200_000 }): Generator<Lined> {
  budget.left -= 1
  if (budget.left < 0) return
  if (node.members.length > 0) yield node
  for (const [, member] of node.members) yield* everyMap(member, budget)
  for (const item of node.items) yield* everyMap(item, budget)
}
