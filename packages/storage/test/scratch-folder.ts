// A folder of one test file, gone with it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function scratchFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'kimei-storage-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
