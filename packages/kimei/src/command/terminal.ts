// Where a command writes, and how: colours only on a terminal, plain words otherwise.
// Tables, marks and tickets in text are those of `look`.

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

const codes: Readonly<Record<Colour, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 }

export interface Terminal {
  /** Whether a person sees colours: a terminal, and neither NO_COLOR nor TERM=dumb. */
  readonly colour: boolean
  /** Whether a person reads at all. */
  readonly interactive: boolean
  readonly width: number
  /** One line or several on standard output. */
  say(text?: string): void
  /** The same on standard error: progress and warnings, so that output stays clean for programs. */
  note(text: string): void
  paint(colour: Colour, text: string): string
}

export function openTerminal(out: NodeJS.WriteStream = process.stdout, err: NodeJS.WriteStream = process.stderr): Terminal {
  const forced = process.env['FORCE_COLOR']
  const plain = process.env['NO_COLOR'] || process.env['TERM'] === 'dumb'
  const colour = forced !== undefined ? forced !== '0' : !plain && out.isTTY === true
  return {
    colour,
    interactive: out.isTTY === true,
    // Some pseudo-terminals say 0.
    width: Math.min(out.columns || 80, 120),
    say: (text = '') => void out.write(`${text}\n`),
    note: (text) => void err.write(`${text}\n`),
    paint: (name, text) => (colour ? `\u001b[${codes[name]}m${text}\u001b[0m` : text),
  }
}

/** Breaks at spaces so that no line is wider than `width`; `indent` stands before every line but the first. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && longer.length + (lines.length === 0 ? 0 : indent.length) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line].join(`\n${indent}`)
}
