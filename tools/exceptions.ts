// docs/exceptions.md lists what an issuer, its pages and a client must do and Kimei does not show. Keeps that list true:
// every row that no test shows is listed, with its reason, and nothing is listed that a test shows.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listTests, type NamedTest, type Requirement, readRequirements, testsByRow } from './conformance.ts'
import { root } from './source-tree.ts'

const documentPath = join(root, 'docs/exceptions.md')
const roles = new Set(['AS', 'UI', 'CLIENT'])
const levels = new Set(['MUST', 'SEED'])

export interface Exception {
  readonly id: string
  readonly reason: string
}

/** Rows of its tables: `| MTLS-2-01 | what | why |`. */
export function readExceptions(document: string): Exception[] {
  return [...document.matchAll(/^\| ([A-Z][A-Z0-9]*(?:[-.][A-Z0-9]+)+) \|(.*)\|([^|]*)\|$/gm)].map(([, id = '', , reason = '']) => ({
    id,
    reason: reason.trim(),
  }))
}

/** One sentence for each thing that is wrong. */
export function judgeExceptions(document: string, requirements: readonly Requirement[], tests: readonly NamedTest[]): string[] {
  const listed = readExceptions(document)
  const shown = testsByRow(requirements, tests)
  const owed = requirements.filter(({ id, role, level }) => roles.has(role) && levels.has(level) && !shown.has(id)).map(({ id }) => id)
  const known = new Set(requirements.map(({ id }) => id))
  const twice = listed.filter(({ id }, index) => listed.findIndex((one) => one.id === id) !== index)
  return [
    ...owed.filter((id) => !listed.some((one) => one.id === id)).map((id) => `${id} is shown by no test and not listed`),
    ...listed.filter(({ id }) => !known.has(id)).map(({ id }) => `${id} is no requirement`),
    ...listed.filter(({ id }) => shown.has(id)).map(({ id }) => `${id} is listed, but a test shows it: take it out`),
    ...listed.filter(({ reason }) => reason.length < 20).map(({ id }) => `${id} has no reason`),
    ...twice.map(({ id }) => `${id} is listed twice`),
  ]
}

export function wrongExceptions(requirements: readonly Requirement[], tests: readonly NamedTest[]): string[] {
  return judgeExceptions(readFileSync(documentPath, 'utf8'), requirements, tests)
}

if (import.meta.main) {
  const wrong = wrongExceptions(readRequirements(), await listTests())
  console.log(wrong.length === 0 ? 'docs/exceptions.md is true' : wrong.join('\n'))
  process.exitCode = wrong.length === 0 ? 0 : 1
}
