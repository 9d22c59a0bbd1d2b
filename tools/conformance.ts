// `npm run conformance`: requirement → rule → test, written to docs/conformance.md. A row is shown when a test names it.
// The requirements are rows of conformance/requirements.tsv, the rules are the catalogue, the tests are asked of vitest.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { catalogue } from '../packages/protocol/src/catalogue.ts'
import { root } from './source-tree.ts'

export interface Requirement {
  readonly id: string
  readonly role: string
  readonly level: string
  readonly summary: string
}

/** One test as vitest names it, `each` tables and templates filled in. */
export interface NamedTest {
  /** From the root. */
  readonly file: string
  readonly title: string
}

export interface Conformance {
  readonly total: number
  readonly shown: number
  readonly missing: readonly string[]
}

const documentPath = join(root, 'docs/conformance.md')

export function readRequirements(): Requirement[] {
  const [, ...rows] = readFileSync(join(root, 'conformance/requirements.tsv'), 'utf8').trimEnd().split('\n')
  return rows.map((row) => {
    const [id = '', role = '', level = '', summary = ''] = row.split('\t')
    return { id, role, level, summary }
  })
}

/** Asks vitest for every test by its full title. Loads the test files, runs none. */
export async function listTests(): Promise<NamedTest[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kimei-conformance-'))
  const list = join(folder, 'tests.json')
  const { VITEST: _, VITEST_MODE: __, VITEST_WORKER_ID: ___, ...env } = process.env
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      const child = spawn(process.execPath, [vitest, 'list', '--no-staticParse', '--no-isolate', `--json=${list}`], {
        cwd: root,
        env,
        stdio: 'ignore',
      })
      child.on('error', reject)
      child.on('close', resolve)
    })
    if (code !== 0) throw new Error('a test file does not load: `npx vitest list --no-staticParse` says which')
    const tests = JSON.parse(readFileSync(list, 'utf8')) as { name: string; file: string }[]
    return tests.map(({ name, file }) => ({ file: relative(root, file), title: name }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Requirement ids named in a title: `DPOP-4.3-08, DPOP-4.3-09: …`. A longer id never counts as its beginning. */
export function idsIn(title: string, known: ReadonlySet<string>): string[] {
  const words = title.match(/[A-Z][A-Z0-9]*(?:[-.][A-Z0-9]+)+/g) ?? []
  return [...new Set(words.filter((word) => known.has(word)))]
}

/** id → tests that name it. */
export function testsByRow(requirements: readonly Requirement[], tests: readonly NamedTest[]): Map<string, NamedTest[]> {
  const known = new Set(requirements.map((row) => row.id))
  const found = new Map<string, NamedTest[]>()
  for (const test of tests) for (const id of idsIn(test.title, known)) found.set(id, [...(found.get(id) ?? []), test])
  return found
}

/** id → rules that fulfil it. */
function rulesByRow(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const rule of catalogue.values()) for (const row of rule.rows ?? []) found.set(row, [...(found.get(row) ?? []), rule.id])
  return found
}

/** Rows that a rule names and no requirement has: a misprint. */
export function unknownRows(requirements: readonly Requirement[]): string[] {
  const known = new Set(requirements.map((row) => row.id))
  return [...rulesByRow().keys()].filter((id) => !known.has(id))
}

export function countRows(requirements: readonly Requirement[], shown: ReadonlyMap<string, unknown>): Conformance {
  const missing = requirements.filter((row) => !shown.has(row.id)).map((row) => row.id)
  return { total: requirements.length, shown: requirements.length - missing.length, missing }
}

/** The whole document, without anything that changes from run to run. */
export function conformanceDocument(requirements: readonly Requirement[], tests: readonly NamedTest[]): string {
  const shown = testsByRow(requirements, tests)
  const rules = rulesByRow()
  const count = countRows(requirements, shown)
  const families = Map.groupBy(requirements, (row) => familyOf(row.id))
  const lines = [
    '# Conformance',
    '',
    'Requirement → rule → test. Written by `npm run conformance`; a row counts as shown only when at least one test names it,',
    'and `npm test` runs them all. The rules are listed in [rules.md](rules.md).',
    '',
    `**${count.shown} of ${count.total} rows are shown.**`,
    '',
    '| specification | rows | shown |',
    '|---|--:|--:|',
  ]
  for (const [family, rows] of families) lines.push(`| ${family} | ${rows.length} | ${rows.filter((row) => shown.has(row.id)).length} |`)
  for (const [family, rows] of families) {
    lines.push('', `## ${family}`, '', '| row | who | level | what | rules | tests |', '|---|---|---|---|---|---|')
    for (const row of rows) lines.push(renderRow(row, rules.get(row.id) ?? [], shown.get(row.id) ?? []))
  }
  return `${lines.join('\n')}\n`
}

function familyOf(id: string): string {
  return id.split('-', id.startsWith('SEED-') ? 2 : 1).join('-')
}

function renderRow(row: Requirement, rules: readonly string[], tests: readonly NamedTest[]): string {
  const files = [...Map.groupBy(tests, (test) => test.file)].sort(([a], [b]) => (a < b ? -1 : 1))
  const cells = [
    row.id,
    row.role.toLowerCase(),
    row.level,
    row.summary,
    rules.map((rule) => `[\`${rule}\`](rules.md#${rule})`).join(' '),
    files.map(([file, inFile]) => `[${fileName(file)}](../${file})${inFile.length > 1 ? ` ×${inFile.length}` : ''}`).join(' ') || '—',
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`
}

function fileName(path: string): string {
  return path
    .replace(/^packages\//, '')
    .replace('/test/', '/')
    .replace(/\.test\.ts$/, '')
}

export function documentIsCurrent(requirements: readonly Requirement[], tests: readonly NamedTest[]): boolean {
  return readFileSync(documentPath, 'utf8') === conformanceDocument(requirements, tests)
}

async function main(flags: readonly string[]): Promise<number> {
  const requirements = readRequirements()
  const tests = await listTests()
  const count = countRows(requirements, testsByRow(requirements, tests))
  if (flags.includes('--check')) {
    const current = documentIsCurrent(requirements, tests)
    console.log(current ? 'docs/conformance.md is current' : 'docs/conformance.md is out of date: npm run conformance')
    return current ? 0 : 1
  }
  writeFileSync(documentPath, conformanceDocument(requirements, tests))
  if (flags.includes('--json')) console.log(JSON.stringify(count))
  else console.log(`docs/conformance.md: ${count.shown} of ${count.total} rows shown, ${count.missing.length} missing (--json lists them)`)
  return 0
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
