// The tutorials, followed to the letter: every fenced command is run in one shell, in the order in which it is written, and every
// line of output that is shown comes out, in that order (numbers and digests aside).
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const bin = join(root, 'node_modules/.bin')

interface Block {
  readonly kind: string
  readonly words: readonly string[]
  readonly text: string
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\S+)(?: (.+))?\n([\s\S]*?)^```$/gm)].map(([, kind = '', words = '', text = '']) => ({
    kind,
    words: words.split(' '),
    text,
  }))
}

/** What differs from run to run is left out of the comparison. */
function comparable(line: string): string {
  return line
    .replace(/sha256 [0-9a-f]+/g, 'sha256 #')
    .replace(/\d+/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
}

function expectShown(shown: string, output: string): void {
  const lines = output.split('\n').map(comparable)
  let from = 0
  for (const line of shown.split('\n').filter((one) => one.trim() !== '' && one !== '…')) {
    const at = lines.indexOf(comparable(line), from)
    expect(at, `not in what was printed (in this order): ${line}\n\n${output}`).toBeGreaterThanOrEqual(0)
    from = at + 1
  }
}

const children: ChildProcess[] = []
const folders: string[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function begin(args: readonly string[], cwd: string, lang: string) {
  // A shell of a reader, not of the program that runs these tests.
  const foreign = /^(?:npm_.*|NODE_OPTIONS|FORCE_COLOR|LC_ALL)$/i
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
  const path = [bin, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
  const child = spawn('bash', args, { cwd, env: { ...inherited, HOME: cwd, PATH: path, LANG: lang, NO_COLOR: '1' } })
  children.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
  }
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(text)
      if (found) return found
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before ${pattern}:\n${text}`)
      await new Promise((again) => setTimeout(again, 50))
    }
  }
  return { child, until, text: () => text }
}

/** One shell for all commands, as a reader has one. */
function openShell(cwd: string, lang: string) {
  const shell = begin(['--noprofile', '--norc'], cwd, lang)
  let done = 0
  return async (text: string): Promise<{ readonly output: string; readonly code: number }> => {
    const from = shell.text().length
    done += 1
    shell.child.stdin!.write(`${text}\nprintf '\\n<<%s ended %s>>\\n' ${done} $?\n`)
    const [, code] = await shell.until(new RegExp(`<<${done} ended (\\d+)>>`))
    return { output: shell.text().slice(from), code: Number(code) }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGINT')
  while (child.exitCode === null && child.signalCode === null) await new Promise((again) => setTimeout(again, 50))
}

/** Its usual port may be in use for a while: whoever follows the tutorial would try again too. */
async function beginTerminal(text: string, cwd: string, lang: string): Promise<ReturnType<typeof begin>> {
  for (let left = 20; ; left -= 1) {
    const terminal = begin(['-c', `exec ${text}`], cwd, lang)
    try {
      await terminal.until(/Ctrl\+C/)
      return terminal
    } catch (error) {
      if (left === 0 || !/taken|EADDRINUSE/.test(terminal.text())) throw error
      await new Promise((again) => setTimeout(again, 3000))
    }
  }
}

async function follow(file: string, lang: string): Promise<number> {
  const cwd = mkdtempSync(join(tmpdir(), 'kimei-tutorial-'))
  folders.push(cwd)
  const run = openShell(cwd, lang)
  let terminal: ReturnType<typeof begin> | undefined
  let last = ''
  let ran = 0
  for (const { kind, words, text } of blocksOf(readFileSync(join(root, file), 'utf8'))) {
    if (kind === 'text') expectShown(text, last)
    if (kind !== 'sh' || words.includes('setup')) continue
    ran += 1
    if (words.includes('terminal')) {
      if (terminal) await ended(terminal.child)
      terminal = await beginTerminal(text, cwd, lang)
      last = terminal.text()
    } else {
      const { output, code } = await run(text)
      const expected = Number(words.find((word) => word.startsWith('exit-'))?.slice(5) ?? 0)
      expect(code, `${text}\n${output}`).toBe(expected)
      last = output
    }
  }
  terminal?.child.kill('SIGINT')
  return ran
}

it.each([
  ['docs/tutorial/from-an-unknown-api-to-a-report.md', 'C.UTF-8'],
  ['docs/tutorial/from-an-unknown-api-to-a-report.ja.md', 'ja_JP.UTF-8'],
])(
  '%s: every command works as it is written, and prints what is shown',
  async (file, lang) => {
    expect(await follow(file, lang)).toBeGreaterThanOrEqual(12)
  },
  300_000,
)

it('both languages have the same commands', () => {
  const commands = (file: string) =>
    blocksOf(readFileSync(join(root, file), 'utf8'))
      .filter(({ kind }) => kind === 'sh' || kind === 'yaml')
      .map(({ words, text }) => [words, text])
  const [en, ja] = ['', '.ja'].map((suffix) => commands(`docs/tutorial/from-an-unknown-api-to-a-report${suffix}.md`))
  expect(ja).toEqual(en)
})
