// Files of passive evidence: those of the inventory and those named on the command line, opened and read one after the other.
// What they say is the observer's business.
import { createReadStream, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import type { Inventory, PassiveReading } from '@kimei/observer'
import { Misuse } from '@kimei/protocol'
import { type ExitCode, readFlags, UsageError } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'
import { readInventoryFile } from './inventory-file.ts'
import { readLanguage } from './language.ts'

type Entry = Inventory['evidence'][number]

/** From files that people keep beside the inventory. @throws Misuse, UsageError naming the file. */
export async function readEvidenceFiles(
  inventory: Inventory | undefined,
  inventoryPath: string | undefined,
  named: readonly string[],
): Promise<readonly PassiveReading[]> {
  const folder = inventoryPath === undefined ? '.' : dirname(resolve(inventoryPath))
  const entries = [
    ...(inventory?.evidence ?? []).map((entry) => ({ ...entry, file: isAbsolute(entry.file) ? entry.file : join(folder, entry.file) })),
    ...named.map((file): Entry => ({ file })),
  ]
  const readings: PassiveReading[] = []
  for (const entry of entries) readings.push(await readOne(entry, inventory))
  return readings
}

async function readOne(entry: Entry, inventory: Inventory | undefined): Promise<PassiveReading> {
  const { knownPlaces, readEvidence } = await import('@kimei/observer')
  refuseNoFile(entry.file)
  try {
    return await readEvidence(basename(entry.file), withProgress(entry.file), {
      ...(inventory && { places: knownPlaces(inventory), idOf: idByName(inventory) }),
      at: entry.at,
      fields: entry.fields,
      key: entry.key,
    })
  } catch (error) {
    if (error instanceof Misuse) throw new Misuse(error.mistakes.map((mistake) => `${entry.file}: ${mistake}`))
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EACCES') throw new UsageError(`${entry.file} is not yours to read`)
    throw error
  }
}

const quietMilliseconds = 2000

/** What takes longer than two seconds says how far it is, where somebody looks. */
async function* withProgress(path: string): AsyncGenerator<Uint8Array> {
  const { size } = statSync(path)
  const began = Date.now()
  let read = 0
  let said = began + quietMilliseconds
  for await (const part of createReadStream(path, { highWaterMark: 1_048_576 }) as AsyncIterable<Uint8Array>) {
    read += part.length
    if (process.stderr.isTTY && Date.now() > said) {
      said = Date.now() + 200
      process.stderr.write(`\r\u001b[K… ${basename(path)} ${Math.floor((100 * read) / size)} %`)
    }
    yield part
  }
  if (process.stderr.isTTY && said > began + quietMilliseconds) process.stderr.write('\r\u001b[K')
}

function refuseNoFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new UsageError(`there is no file ${path}`)
  if (found.isDirectory()) throw new UsageError(`${path} is a folder`)
}

/** A log calls an API by its id, its path, or method and path. */
function idByName({ apis }: Inventory): (name: string) => string | undefined {
  const names = new Map<string, string>()
  for (const { id, method, url } of [...apis].reverse()) {
    const { pathname } = new URL(url)
    for (const name of [pathname, url, `${method} ${pathname}`, id]) names.set(name, id)
  }
  return (name) => names.get(name)
}

const options = { inventory: { type: 'string' }, lang: { type: 'string' }, json: { type: 'boolean', default: false } } as const
const mostFiles = 50

/** `kimei observe evidence <file>...`: what files say, without asking anybody. */
export async function sayEvidence(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readFlags(args, options, ['<file>', ...Array<string>(mostFiles).fill('[<file>]')])
  const { language } = readLanguage(values.lang)
  const file = values.inventory === undefined ? undefined : await readInventoryFile(values.inventory, undefined)
  const readings = await readEvidenceFiles(file?.inventory, values.inventory, positionals)
  const { renderReadings } = await import('@kimei/observer')
  terminal.say(
    values.json ? JSON.stringify(readings, undefined, 2) : renderReadings(readings, { language, width: terminal.width }).trimEnd(),
  )
  return 0
}
