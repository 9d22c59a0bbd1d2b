// A folder that only this account can read, checked on opening; its files, checked on every read and written whole or not at all.
// Node only.
import { createHash, randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { link, lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { HolderError } from './holder-error.ts'

const others = 0o077
/** Windows has neither modes nor owners that Node could see: the account's own folder is the boundary there. */
const hasModes = process.platform !== 'win32'

export interface PrivateFolder {
  readonly path: string
  /** Name of the file for a key or slot: a digest, so that no name can lead elsewhere. */
  fileFor(kind: string, name: string): string
  read(file: string): Promise<string | undefined>
  /** Replaces the file in one step. */
  write(file: string, text: string): Promise<void>
  /** Creates the file in one step; `false` where another was first. */
  create(file: string, text: string): Promise<boolean>
  /** Reads and removes; of two takers one gets the text. */
  take(file: string): Promise<string | undefined>
  remove(file: string): Promise<void>
}

/** Opens, or makes with mode 0700. Throws `holder.key-stays-private` where others could look in. */
export async function openPrivateFolder(path: string): Promise<PrivateFolder> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  checkPrivate(await lstat(path), path, 'folder')
  const at = (file: string): string => join(path, file)
  const draft = (): string => at(`.draft-${randomBytes(12).toString('hex')}`)
  return {
    path,
    fileFor: (kind, name) => `${kind}-${createHash('sha256').update(name).digest('hex').slice(0, 32)}.json`,
    read: (file) => readPrivate(at(file)),
    async write(file, text) {
      const whole = draft()
      await writeDraft(whole, text)
      await rename(whole, at(file))
      await syncFolder(path)
    },
    async create(file, text) {
      const whole = draft()
      await writeDraft(whole, text)
      try {
        await link(whole, at(file))
        await syncFolder(path)
        return true
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false
        throw error
      } finally {
        await rm(whole, { force: true })
      }
    },
    async take(file) {
      const taken = draft()
      try {
        await rename(at(file), taken)
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined
        throw error
      }
      const text = await readPrivate(taken)
      await rm(taken, { force: true })
      return text
    },
    remove: (file) => rm(at(file), { force: true }),
  }
}

async function readPrivate(path: string): Promise<string | undefined> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (codeOf(error) === 'ELOOP') throw new HolderError('holder.key-stays-private', `${path} is a symbolic link`)
    throw error
  }
  try {
    checkPrivate(await file.stat(), path, 'file')
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

async function writeDraft(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A rename survives a power cut only after its folder was written too. */
async function syncFolder(path: string): Promise<void> {
  if (!hasModes) return
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function checkPrivate(stats: Stats, path: string, kind: 'file' | 'folder'): void {
  const rightKind = kind === 'file' ? stats.isFile() : stats.isDirectory()
  if (!rightKind) throw new HolderError('holder.key-stays-private', `${path} is not a plain ${kind}`)
  if (!hasModes) return
  if (stats.uid !== process.getuid?.()) throw new HolderError('holder.key-stays-private', `${path} belongs to another account`)
  if ((stats.mode & others) !== 0) {
    const mode = (stats.mode & 0o777).toString(8).padStart(4, '0')
    throw new HolderError('holder.key-stays-private', `${path} has mode ${mode}; run: chmod ${kind === 'file' ? '600' : '700'} ${path}`)
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
