// On which line of a YAML file a mistake stands that names its place: `apis.0.url: …`, `clients.job: …`, `apis: id a is used twice`.
// What is a mistake stands with each kind of file.
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'

/** Text larger than this is nothing that a person wrote. */
const largestText = 2_097_152

/** Finds the line of a mistake, or `undefined` where it names no place of the file. */
export function lineFinder(text: string): (mistake: string) => number | undefined {
  if (text.length > largestText) return () => undefined
  const lineCounter = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false })
  const lineAt = (node: unknown): number | undefined => {
    const start = (node as { readonly range?: readonly number[] | null } | null)?.range?.[0]
    return start === undefined ? undefined : lineCounter.linePos(start).line
  }
  return (mistake) => {
    const place = /^([\w$-]+(?:\.[\w$-]+|\[\d+\])*)(?::| )/.exec(mistake)?.[1]?.replace(/\[(\d+)\]/g, '.$1')
    const unknown = (/Unrecognized keys?: "([^"]+)"/.exec(mistake) ?? /"([^"]+)" is not a known key/.exec(mistake))?.[1]
    const twice = /id (\S+) is used twice/.exec(mistake)?.[1]
    const found = place === undefined ? undefined : walkAnywhere(contents, place.split('.'))
    if (found === undefined) return unknown === undefined ? undefined : lineAt(keyOf(contents, unknown))
    const inner = twice !== undefined ? entryOf(found.node, twice, 'last') : unknown === undefined ? undefined : keyOf(found.node, unknown)
    return lineAt(inner) ?? lineAt(found.key ?? found.node)
  }
}

/** From the top, or from one of the parts at the top, whose mistakes name places inside of it. */
function walkAnywhere(top: unknown, path: readonly string[]): Found | undefined {
  const parts = isMap(top) ? top.items.map(({ value }) => value).filter((value) => isMap(value)) : []
  for (const from of [top, ...parts]) {
    const found = walk(from, path)
    if (found) return found
  }
  return undefined
}

interface Found {
  readonly node: unknown
  /** The key it stands under, which is where a person looks. */
  readonly key?: unknown
}

/** As deep as the file goes: a member that is missing is looked for where it should stand. */
function walk(from: unknown, path: readonly string[]): Found | undefined {
  let here: Found | undefined
  let node = from
  for (const name of path) {
    const next = isMap(node) ? memberOf(node, name) : isSeq(node) ? elementOf(node, name) : undefined
    // An index beyond the list belongs to another file.
    if (next === undefined) return isSeq(node) && /^\d+$/.test(name) ? undefined : here
    here = next
    node = next.node
  }
  return here
}

function memberOf(node: unknown, name: string): Found | undefined {
  const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === name) : undefined
  return pair && { node: pair.value ?? pair.key, key: pair.key }
}

function elementOf(node: unknown, name: string): Found | undefined {
  const byIndex = isSeq(node) && /^\d+$/.test(name) ? node.items[Number(name)] : undefined
  const entry = byIndex ?? entryOf(node, name, 'first')
  return entry === undefined ? undefined : { node: entry }
}

/** An entry of a list by its `id`. */
function entryOf(node: unknown, id: string, which: 'first' | 'last'): unknown {
  if (!isSeq(node)) return undefined
  const is = (entry: unknown) => isMap(entry) && entry.get('id') === id
  return which === 'first' ? node.items.find(is) : node.items.findLast(is)
}

function keyOf(node: unknown, name: string): unknown {
  return memberOf(node, name)?.key
}
