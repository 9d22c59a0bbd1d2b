// The shape of one file: its head, its length, its names, and what strict TypeScript alone does not refuse.
// Import directions stand in tidy-imports.ts, words that must not appear in tidy-words.ts.
import ts from 'typescript'
import { isTest, type SourceFile } from './source-tree.ts'
import type { Untidy } from './tidy-imports.ts'

export const fileLimitLines = 300
export const functionLimitLines = 60

const bannedWords = new Set(['manager', 'helper', 'util', 'common', 'misc', 'service', 'base', 'impl', 'data', 'info'])
const folderWords = new Set(['src', 'test', 'packages', 'tools', 'bench', 'accuracy', 'examples', 'docs'])

/** `NonceJarHelper` → nonce, jar, helper. `base64url`, `UserInfo` and `commonName` are words of specifications. */
function wordsOf(name: string): string[] {
  return name
    .replace(/base64/gi, 'b64')
    .replace(/user-?_?info/gi, 'userinfo')
    .replace(/common-?name/gi, 'commonname')
    .replace(/(https?|meta)-?data/gi, '$1data')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase())
}

function bannedIn(name: string): string | undefined {
  return wordsOf(name).find((word) => bannedWords.has(word) || bannedWords.has(word.replace(/e?s$/, '')))
}

/** Judges the path alone: kebab-case, and no name that says nothing. */
export function judgeName(path: string): Untidy[] {
  const names = path.split('/').filter((part) => !folderWords.has(part))
  return names.flatMap((name) => {
    const stem = name.replace(/(\.(node|web|browser|test|d|config))?\.[a-z]+$/, '')
    const banned = bannedIn(stem)
    if (banned) return [{ path, line: 1, says: `"${banned}" says nothing: name what it does` }]
    return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem) ? [] : [{ path, line: 1, says: `${name} is not kebab-case` }]
  })
}

/** Judges the text of one TypeScript file. */
export function judgeShape(file: SourceFile): Untidy[] {
  const lines = file.text.trimEnd().split('\n')
  const found: Untidy[] = []
  if (lines.length > fileLimitLines)
    found.push({ path: file.path, line: lines.length, says: `${lines.length} lines, at most ${fileLimitLines}` })
  const head = lines[0]?.startsWith('#!') ? lines[1] : lines[0]
  if (mustHaveHead(file.path) && !/^\/\/ \S/.test(head ?? '')) {
    found.push({ path: file.path, line: 1, says: 'has no head: say in a comment what lives here and what does not' })
  }
  return [...found, ...judgeNodes(file)]
}

function mustHaveHead(path: string): boolean {
  return /^(packages\/[^/]+\/src|tools|bench|accuracy|examples)\//.test(path) && !isTest(path) && !path.endsWith('/index.ts')
}

function judgeNodes(file: SourceFile): Untidy[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true)
  const found: Untidy[] = []
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1
  const add = (node: ts.Node, says: string): void => {
    found.push({ path: file.path, line: lineOf(node.getStart()), says })
  }
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) add(node, 'any: give it a type')
    if (isDefaultExport(node) && !file.path.endsWith('.config.ts')) add(node, 'default export: name it')
    if (ts.isFunctionLike(node) && 'body' in node && node.body && !isSuite(node)) {
      const length = lineOf(node.getEnd()) - lineOf(node.getStart()) + 1
      if (length > functionLimitLines) add(node, `a function of ${length} lines, at most ${functionLimitLines}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  for (const [node, name] of declaredNames(source)) {
    const banned = bannedIn(name)
    // A base URL is a word of the trade; a base class is not a name.
    if (banned && (banned !== 'base' || ts.isClassDeclaration(node))) add(node, `${name}: "${banned}" says nothing`)
  }
  return found
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((one) => one.kind === ts.SyntaxKind.DefaultKeyword)
}

/** The callback of `describe(…)`: a chapter, not a function. */
function isSuite(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText())
}

/** Names that a file declares at its top level. */
function declaredNames(source: ts.SourceFile): [ts.Node, string][] {
  return source.statements.flatMap((statement): [ts.Node, string][] => {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap((one) =>
        ts.isIdentifier(one.name) ? [[one, one.name.text] as [ts.Node, string]] : [],
      )
    }
    const named = statement as { name?: ts.Node }
    return named.name && ts.isIdentifier(named.name) ? [[statement, named.name.text]] : []
  })
}
