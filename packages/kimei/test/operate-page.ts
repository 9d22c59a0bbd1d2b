// The configurations of docs/operate, with the paths and ports of a test in them: what operators copy is what is tested.
import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../../docs/operate/behind-a-terminator.md', import.meta.url), 'utf8')

/** The blocks of one language in the section under a heading that begins so. */
export function blocksOf(heading: string, language: string): readonly string[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(heading))
  if (section === undefined) throw new Error(`no section "${heading}"`)
  return [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter((found) => found[1] === language).map((found) => found[2]!)
}

export function blockOf(heading: string, language: string): string {
  const [block, ...more] = blocksOf(heading, language)
  if (block === undefined || more.length > 0) throw new Error(`not one ${language} block in "${heading}"`)
  return block
}

/** Everywhere; each of them must be there. */
export function withChanges(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`"${from}" is not in the text:\n${changed}`)
    return changed.replaceAll(from, to)
  }, text)
}
