// Writes docs/checklist.md from the checklist: `node tools/checklist-doc.ts`; `--check` fails when the file on disk is another.
import { readFileSync, writeFileSync } from 'node:fs'
import { renderChecklist } from '../packages/server/src/checklist.ts'

const path = new URL('../docs/checklist.md', import.meta.url)

export function checklistDocumentIsCurrent(): boolean {
  try {
    return readFileSync(path, 'utf8') === renderChecklist()
  } catch {
    return false
  }
}

if (import.meta.main) {
  if (process.argv.includes('--check')) process.exit(checklistDocumentIsCurrent() ? 0 : 1)
  writeFileSync(path, renderChecklist())
}
