// The judge of docs/exceptions.md, on small documents. The document itself is judged at the end of `npm test`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRequirements } from './conformance.ts'
import { judgeExceptions, readExceptions } from './exceptions.ts'
import { root } from './source-tree.ts'

const row = (id: string, role = 'AS', level = 'MUST') => ({ id, role, level, summary: 'what' })
const listed = (...ids: readonly string[]) => ids.map((id) => `| ${id} | what | for a reason that is told in full |`).join('\n')
const shows = (id: string) => ({ file: 'a.test.ts', title: `${id}: it` })

describe('the list of exceptions', () => {
  it('is right when it lists exactly what nothing shows', () => {
    expect(judgeExceptions(listed('A-1'), [row('A-1'), row('A-2')], [shows('A-2')])).toEqual([])
  })

  it('owes every row of an issuer, its pages and a client of level MUST or SEED', () => {
    const rows = [row('A-1'), row('A-2', 'UI', 'SEED'), row('A-3', 'CLIENT'), row('A-4', 'AS', 'SHOULD'), row('A-5', 'RS')]
    expect(judgeExceptions('', rows, [])).toEqual(['A-1', 'A-2', 'A-3'].map((id) => `${id} is shown by no test and not listed`))
  })

  it('does not keep what is shown, unknown, twice or without a reason', () => {
    expect(judgeExceptions(listed('A-1'), [row('A-1')], [shows('A-1')])).toEqual(['A-1 is listed, but a test shows it: take it out'])
    expect(judgeExceptions(listed('A-9'), [], [])).toEqual(['A-9 is no requirement'])
    expect(judgeExceptions(listed('A-1', 'A-1'), [row('A-1')], [])).toEqual(['A-1 is listed twice'])
    expect(judgeExceptions('| A-1 | what | later |', [row('A-1')], [])).toEqual(['A-1 has no reason'])
  })

  it('names only requirements that there are', () => {
    const known = new Set(readRequirements().map(({ id }) => id))
    const named = readExceptions(readFileSync(join(root, 'docs/exceptions.md'), 'utf8'))
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter(({ id }) => !known.has(id))).toEqual([])
  })
})
