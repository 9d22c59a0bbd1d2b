// Text that a person wrote, from a file: UTF-8, of a size that a person can have written.
// What the text means stands with each kind of file.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { Misuse } from '@kimei/protocol'
import { UsageError } from '../command/command.ts'

/** An inventory of ten thousand APIs has a quarter of it. */
export const largestFile = 8 * 1024 * 1024

/** @throws UsageError where there is no such file; Misuse where it is no text. */
export function readText(path: string): string {
  const bytes = readBounded(path)
  if (bytes.length > largestFile) throw new Misuse([`${path} is larger than ${largestFile / 1024 / 1024} MB: nobody wrote that by hand`])
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Misuse([`${path} is not written in UTF-8: save it so in your editor`])
  }
}

/** A pipe has no size: it is read until it has too much. */
function readBounded(path: string): Buffer {
  const file = opened(path)
  try {
    if (fstatSync(file).isDirectory()) throw new UsageError(`${path} is a folder`)
    const chunks: Buffer[] = []
    for (let size = 0; size <= largestFile; ) {
      const chunk = Buffer.alloc(65_536)
      const read = readSync(file, chunk)
      if (read === 0) break
      chunks.push(chunk.subarray(0, read))
      size += read
    }
    return Buffer.concat(chunks)
  } finally {
    closeSync(file)
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(code === 'EACCES' || code === 'EPERM' ? `${path} is not yours to read` : `there is no file ${path}`)
  }
}
