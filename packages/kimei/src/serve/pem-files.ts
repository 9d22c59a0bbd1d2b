// Texts of a configuration that stand in files of their own: `{ file: ca.pem }` wherever `mtls`, or the guard's `certificates`, wants a text.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Misuse } from '@kimei/protocol'

/** The input of one issuer with the files in place. `folder`: where relative paths begin. @throws Misuse with every missing file. */
export function withPemFiles(input: unknown, folder: string): unknown {
  return isPlain(input) && 'mtls' in input ? { ...input, mtls: withTexts(input['mtls'], 'mtls', folder) } : input
}

/** The same for the file of `kimei guard`. */
export function withGuardTexts(input: unknown, folder: string): unknown {
  if (!isPlain(input) || !isPlain(input['guard']) || !('certificates' in input['guard'])) return input
  const { guard } = input
  return { ...input, guard: { ...guard, certificates: withTexts(guard['certificates'], 'guard.certificates', folder) } }
}

function withTexts(value: unknown, where: string, folder: string): unknown {
  const mistakes: string[] = []
  const whole = filled(value, where, (file, place) => {
    try {
      return readFileSync(resolve(folder, file), 'utf8')
    } catch {
      mistakes.push(`${place}: there is no file ${resolve(folder, file)}, or it is not ours to read`)
      return ''
    }
  })
  if (mistakes.length > 0) throw new Misuse(mistakes)
  return whole
}

function filled(value: unknown, where: string, read: (file: string, where: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one, at) => filled(one, `${where}[${at}]`, read))
  if (!isPlain(value)) return value
  const keys = Object.keys(value)
  const { file } = value
  if (keys.length === 1 && typeof file === 'string') return read(file, where)
  return Object.fromEntries(keys.map((key) => [key, filled(value[key], `${where}.${key}`, read)]))
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
