// Who may import whom: across packages, inside protocol, inside server. Everything not listed is refused.
// The directions are those of ARCHITECTURE.md; a new folder must be given its place here.
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'
import { isTest, type SourceFile } from './source-tree.ts'

export interface Untidy {
  readonly path: string
  readonly line: number
  readonly says: string
}

export interface Import {
  readonly specifier: string
  readonly line: number
  /** Loaded when needed: `import('…')`. */
  readonly lazy: boolean
  /** `import type`: gone at run time. */
  readonly typeOnly: boolean
}

/** package → packages it may import. */
const packageDirections: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  storage: ['protocol'],
  guard: ['protocol', 'storage'],
  look: [],
  server: ['protocol', 'storage', 'guard', 'look'],
  client: ['protocol'],
  observer: ['protocol', 'client', 'look'],
  lab: ['protocol', 'storage', 'guard', 'look', 'server', 'client', 'observer'],
  kimei: ['protocol', 'storage', 'guard', 'look', 'server', 'client', 'observer'],
  testkit: ['protocol', 'storage', 'guard', 'look', 'server', 'client', 'observer'],
}

/** Layers from the ground up; a file imports its own folder and lower layers only. */
const protocolLayers: readonly (readonly string[])[] = [
  ['ids.ts', 'records', 'records.ts', 'writes.ts', 'rule.ts'],
  ['mistake.ts', 'refusal.ts', 'wire-errors.ts', 'jose', 'outbound'],
  ['form.ts', 'dpop', 'mtls', 'resource-server', 'holder', 'profiles'],
  ['sender-constraint'],
  ['client-metadata'],
  ['client-auth', 'authorization', 'tokens'],
  ['grants', 'logout'],
  ['metadata', 'issuer-tables.ts'],
  ['catalogue.ts'],
  ['index.ts'],
]

const serverLayers: readonly (readonly string[])[] = [
  ['config'],
  ['context.ts'],
  ['certificates'],
  ['endpoint-urls.ts', 'texts.ts', 'audit', 'http', 'keys', 'outbound', 'directory.ts', 'accounts'],
  ['steps'],
  ['grants', 'pages'],
  ['endpoints'],
  ['checklist-steps.ts'],
  ['checklist-steps-registration.ts', 'checklist-steps-certificates.ts'],
  ['checklist-steps-more.ts'],
  ['checklist.ts'],
  ['routes.ts'],
  ['listen'],
  ['issuer.ts'],
  ['issuers'],
  ['index.ts'],
]

/** Folders whose members stand alone: endpoints never import endpoints, grants never import grants. */
const separateMembers = new Set(['server/endpoints', 'server/grants'])

export function importsOf(file: SourceFile): Import[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true)
  const found: Import[] = []
  const add = (node: ts.Node, specifier: ts.Node | undefined, lazy: boolean, typeOnly = false): void => {
    if (!specifier || !ts.isStringLiteral(specifier)) return
    found.push({ specifier: specifier.text, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1, lazy, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, false, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, false, node.isTypeOnly)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node, node.arguments[0], true)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Judges every import of one file. */
export function judgeImports(file: SourceFile): Untidy[] {
  const at = /^packages\/([^/]+)\/src\/(.+)$/.exec(file.path)
  if (!at || isTest(file.path)) return []
  const [, owner = '', inside = ''] = at
  if (!packageDirections[owner]) return [{ path: file.path, line: 1, says: `package ${owner} has no place in tools/tidy-imports.ts` }]
  return importsOf(file).flatMap((one) => {
    const says = one.specifier.startsWith('.') ? judgeInside(owner, inside, file.path, one) : judgeAcross(owner, inside, one)
    return says ? [{ path: file.path, line: one.line, says }] : []
  })
}

function judgeAcross(owner: string, inside: string, one: Import): string | undefined {
  const name = /^@kimei\/([^/]+)/.exec(one.specifier)?.[1] ?? /^(look|testkit|kimei)(?:\/|$)/.exec(one.specifier)?.[1]
  if (!name) return undefined
  if (name === owner) return `${one.specifier} is this very package: import the file`
  if (name === 'testkit') return 'testkit is for tests only'
  if (owner === 'kimei' && name === 'lab') {
    return inside === 'commands/lab.ts' && one.lazy ? undefined : 'the lab is loaded by commands/lab.ts alone, when it runs'
  }
  return packageDirections[owner]?.includes(name) ? undefined : `${owner} may not import ${name}`
}

function judgeInside(owner: string, inside: string, path: string, one: Import): string | undefined {
  const target = normalize(join(dirname(path), one.specifier))
  const home = `packages/${owner}/src/`
  if (!target.startsWith(home)) return `${one.specifier} leaves src of ${owner}`
  if (!/\.(ts|json)$/.test(target)) return `${one.specifier} must carry its .ts`
  const layers = { protocol: protocolLayers, server: serverLayers }[owner]
  // The context describes the parts that it is made of; at run time it imports none of them.
  if (owner === 'server' && inside === 'context.ts' && one.typeOnly) return undefined
  return layers ? judgeLayers(owner, inside, target.slice(home.length), layers) : undefined
}

function judgeLayers(owner: string, from: string, to: string, layers: readonly (readonly string[])[]): string | undefined {
  const [fromTop = '', toTop = ''] = [from.split('/')[0], to.split('/')[0]]
  const layerOf = (top: string): number => layers.findIndex((layer) => layer.includes(top))
  for (const top of [fromTop, toTop]) if (layerOf(top) < 0) return `${owner}/${top} has no place in tools/tidy-imports.ts`
  if (fromTop === toTop) {
    const separate = separateMembers.has(`${owner}/${fromTop}`) && memberOf(from) !== memberOf(to)
    return separate && memberOf(from) !== 'index' ? `${fromTop} never import ${fromTop}: ${from} → ${to}` : undefined
  }
  // Files of the ground layer describe each other.
  if (layerOf(fromTop) === 0 && layerOf(toTop) === 0) return undefined
  return layerOf(toTop) < layerOf(fromTop) ? undefined : `${fromTop} may not import ${toTop}: imports go downwards`
}

/** `endpoints/token/body.ts` → `token`; `grants/index.ts` → `index`. */
function memberOf(inside: string): string {
  return (inside.split('/')[1] ?? '').replace(/\.ts$/, '')
}
