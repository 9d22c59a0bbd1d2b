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
import { readLanguage } from './language.ts'

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

const words = {
  written: { ja: 'を書きました。', en: ' is written.' },
  issuers: { ja: '発行者', en: 'issuers' },
  ready: {
    ja: '{ready} 件はそのまま、{waiting} 件はコメントの中（ひとこと足りません）',
    en: '{ready} ready, {waiting} as comments that need a word from you',
  },
  leftOut: { ja: '省いたもの', en: 'left out' },
  fill: { ja: '埋めてください：', en: 'Fill in:' },
  line: { ja: '{line} 行', en: 'line {line}' },
  next: { ja: 'つぎに：', en: 'Then:' },
} as const

/** What stands at a place that is left empty. */
const wanted: readonly (readonly [RegExp, Readonly<Record<'ja' | 'en', string>>])[] = [
  [/^contact$/, { ja: '問い合わせ先', en: 'whom to ask: an address' }],
  [/^consent\.grantedBy$/, { ja: '誰が同意したか', en: 'who agreed' }],
  [/^consent\.until$/, { ja: 'いつまでの同意か', en: 'until when' }],
  [/^clients\.\d+\.clientId$/, { ja: '自分の試験用クライアントの id', en: 'the id of your test client' }],
  [/^issuers\.\d+\.url$/, { ja: '発行者のアドレス', en: 'the address of the issuer' }],
  [
    /^issuers\.\d+\.tokenEndpoint$/,
    {
      ja: '切符を出す入口。init に発行者のアドレスも渡せば埋まります',
      en: 'where it gives tickets: init finds it if given the issuer too',
    },
  ],
  [/^apis\.\d+\.url$/, { ja: '読み取るだけの要求のアドレス', en: 'the address of a request that reads' }],
]

async function sayWhatIsLeft(path: string, text: string, draft: InventoryDraft, terminal: Terminal): Promise<void> {
  const { parseInventory } = await import('@kimei/observer')
  const { language } = readLanguage(undefined)
  const waiting = draft.apis.filter(({ needs }) => needs.length > 0).length
  const ready = draft.apis.length - waiting
  terminal.say(`${path}${words.written[language]}\n`)
  terminal.say(
    columns([
      [words.issuers[language], String(draft.issuers.length)],
      ['API', words.ready[language].replace('{ready}', String(ready)).replace('{waiting}', String(waiting))],
      ...draft.leftOut.map((one, index) => [index === 0 ? words.leftOut[language] : '', one]),
    ]),
  )
  try {
    inFile(path, () => void parseInventory(parseYaml(text, path)))
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    const left = error.mistakes.map((mistake) => {
      const [, line = '', place = ''] = /:(\d+): ([\w.-]+):/.exec(mistake) ?? []
      return [words.line[language].replace('{line}', line), place, wanted.find(([pattern]) => pattern.test(place))?.[1][language] ?? '']
    })
    terminal.say(`\n${words.fill[language]}\n${columns(left)}`)
  }
  terminal.say(`\n${words.next[language]}  ${terminal.paint('cyan', `${commandName()} observe --dry-run ${path}`)}`)
}
