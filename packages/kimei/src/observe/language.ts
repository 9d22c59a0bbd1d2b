// In which language a report speaks: what was asked for, or what the machine speaks.
import { UsageError } from '../command/command.ts'

/** `chosen`: somebody said so. */
export function readLanguage(given: string | undefined): { readonly language: 'ja' | 'en'; readonly chosen: boolean } {
  if (given === 'ja' || given === 'en') return { language: given, chosen: true }
  if (given !== undefined) throw new UsageError(`--lang "${given}" is neither ja nor en`)
  const spoken = process.env['LC_ALL'] || process.env['LANG'] || ''
  return { language: spoken.startsWith('ja') ? 'ja' : 'en', chosen: false }
}
