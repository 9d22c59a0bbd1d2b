// `kimei observe init`: the beginning of an inventory from an issuer's address, OpenAPI documents, a recording, or metadata.
// Writes a new file, never over another; says what is left to fill in, with lines.
import { createReadStream, existsSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { InventoryDraft } from '@kimei/observer'
import { Misuse } from '@kimei/protocol'
import { columns } from 'look'
import { type ExitCode, readFlags, Trouble, UsageError } from '../command/command.ts'
import { commandName } from '../command/invocation.ts'
import type { Terminal } from '../command/terminal.ts'
import { inFile, parseYaml } from '../files/read-yaml.ts'

const options = { out: { type: 'string', default: 'kimei-observe.yaml' }, print: { type: 'boolean', default: false } } as const
const mostSources = 50

export async function beginInventory(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const names = ['<address or file>', ...Array<string>(mostSources).fill('[<address or file>]')]
  const { values, positionals } = readFlags(args, options, names)
  if (!values.print && existsSync(values.out)) throw new UsageError(`${values.out} is there already: name another with --out`)
  const { mergeDrafts, writeDraft } = await import('@kimei/observer')
  const drafts: InventoryDraft[] = []
  for (const source of positionals) drafts.push(await draftOf(source))
  const draft = mergeDrafts(drafts)
  const text = writeDraft(draft)
  if (values.print) {
    terminal.say(text.trimEnd())
    return 0
  }
  writeNew(values.out, text)
  await sayWhatIsLeft(values.out, text, draft, terminal)
  return 0
}

/** An address is asked; whoever names one agrees to that. */
async function draftOf(source: string): Promise<InventoryDraft> {
  const { askForMetadata, draftOfFile } = await import('@kimei/observer')
  try {
    if (/^https?:\/\//i.test(source)) {
      if (!URL.canParse(source)) throw new UsageError(`${source} is no address`)
      return await askForMetadata(source, 'kimei-observer (init)')
    }
    const found = statSync(source, { throwIfNoEntry: false })
    if (!found) throw new UsageError(`there is no file ${source}`)
    if (found.isDirectory()) throw new UsageError(`${source} is a folder`)
    return await draftOfFile(basename(source), createReadStream(source))
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    throw new Misuse(error.mistakes.map((mistake) => (mistake.startsWith('http') ? mistake : `${source}: ${mistake}`)))
  }
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw new UsageError(`${path} is there already: name another with --out`)
    throw new Trouble(`${path} cannot be written: ${code}`)
  }
}

async function sayWhatIsLeft(path: string, text: string, draft: InventoryDraft, terminal: Terminal): Promise<void> {
  const { parseInventory } = await import('@kimei/observer')
  const waiting = draft.apis.filter(({ needs }) => needs.length > 0).length
  terminal.say(`${path} is written.\n`)
  terminal.say(
    columns([
      ['issuers', String(draft.issuers.length)],
      ['APIs', `${draft.apis.length - waiting} ready, ${waiting} as comments that need a word from you`],
      ...draft.leftOut.map((one, index) => [index === 0 ? 'left out' : '', one]),
    ]),
  )
  try {
    inFile(path, () => void parseInventory(parseYaml(text, path)))
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    const left = error.mistakes.map((mistake) => {
      const [, line = '', place = ''] = /:(\d+): ([\w.-]+):/.exec(mistake) ?? []
      return [`line ${line}`, place]
    })
    terminal.say(`\nFill in:\n${columns(left)}`)
  }
  terminal.say(`\nThen:  ${terminal.paint('cyan', `${commandName()} observe --dry-run ${path}`)}`)
}
