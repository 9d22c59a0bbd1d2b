// The manifest of a published package, from the one it is developed with: `.ts` becomes `.js` beside its declarations.
// Building and packing stand in pack.ts.

/** A place in `exports` or `imports`: a path, or paths by condition. */
export type Target = string | { readonly [condition: string]: Target }

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, Target>>
  readonly imports?: Readonly<Record<string, Target>>
  readonly bin?: Readonly<Record<string, string>>
  readonly [more: string]: unknown
}

/** Needed while building a package, not by whoever installs it. */
const buildOnly: Readonly<Record<string, readonly string[]>> = { kimei: ['rolldown'] }

/** `inside`: manifests of the private packages whose code goes along; what they need, the package needs. */
export function publishedManifest(source: Manifest, inside: readonly Manifest[]): Manifest {
  const { private: _, files: __, scripts: ___, devDependencies: ____, ...kept } = source
  const left = new Set([...inside.map((one) => one.name), ...(buildOnly[source.name] ?? [])])
  const all = { ...Object.assign({}, ...inside.map((one) => one.dependencies)), ...source.dependencies } as Record<string, string>
  const dependencies = Object.fromEntries(Object.entries(all).filter(([name]) => !left.has(name)))
  return {
    ...kept,
    ...(source.exports && { exports: mapTargets(source.exports, withDeclarations) }),
    ...(source.imports && { imports: mapTargets(source.imports, toJavaScript) }),
    ...(source.bin && { bin: Object.fromEntries(Object.entries(source.bin).map(([name, path]) => [name, toJavaScript(path)])) }),
    dependencies,
  }
}

function mapTargets(targets: Readonly<Record<string, Target>>, leaf: (path: string) => Target): Record<string, Target> {
  const map = (target: Target): Target =>
    typeof target === 'string' ? leaf(target) : Object.fromEntries(Object.entries(target).map(([condition, one]) => [condition, map(one)]))
  return Object.fromEntries(Object.entries(targets).map(([name, target]) => [name, map(target)]))
}

/** `./src/a/b.ts` → `./a/b.js`. */
function toJavaScript(path: string): string {
  return path.replace(/^\.\/src\//, './').replace(/\.ts$/, '.js')
}

function withDeclarations(path: string): Target {
  return path.endsWith('.ts') ? { types: toJavaScript(path).replace(/\.js$/, '.d.ts'), default: toJavaScript(path) } : toJavaScript(path)
}
