// What a person sees while an observation runs: one line that is written over on a terminal, plain lines every few seconds
// where it was asked for, nothing otherwise. All on standard error.
import { fitDisplay } from 'look'
import type { Terminal } from '../command/terminal.ts'

export interface Progress {
  step(step: { readonly target: string; readonly probe: string; readonly verdict?: string }): void
  /** A host asks to be left alone for a while, and the run waits. */
  rest(rest: { readonly host: string; readonly seconds: number }): void
  done(): void
}

export interface ProgressOptions {
  /** Plain lines although nobody may be looking. */
  readonly plain: boolean
  /** Steps of the plan: at most so many. */
  readonly steps: number
  readonly language?: 'ja' | 'en'
  readonly clock?: () => number
}

const everyMilliseconds = 5000

export function openProgress(terminal: Terminal, { plain, steps, language = 'en', clock = Date.now }: ProgressOptions): Progress {
  const over = process.stderr.isTTY && !plain
  if (!over && !plain) return { step: () => undefined, rest: () => undefined, done: () => undefined }
  let count = 0
  let violated = 0
  let said = clock()
  const line = (target: string, probe: string) => `${Math.min(count, steps)}/${steps}  ✗ ${violated}  ${printable(target)}  ${probe}`
  return {
    step({ target, probe, verdict }) {
      if (verdict === 'violated') violated += 1
      if (verdict !== undefined) return
      count += 1
      if (over) process.stderr.write(`\r\u001b[K${terminal.paint('dim', line(target, probe).slice(0, terminal.width - 1))}`)
      else if (clock() - said >= everyMilliseconds) {
        said = clock()
        terminal.note(line(target, probe))
      }
    },
    rest({ host, seconds }) {
      const waits =
        language === 'ja'
          ? `${printable(host)} に頼まれ、${seconds} 秒待っています（Retry-After）`
          : `waiting for ${seconds} s, as ${printable(host)} asks (Retry-After)`
      if (over) process.stderr.write(`\r\u001b[K${terminal.paint('dim', fitDisplay(waits, terminal.width - 1))}`)
      else terminal.note(waits)
    },
    done() {
      if (over) process.stderr.write('\r\u001b[K')
      else terminal.note(`${count} steps, ✗ ${violated}`)
    },
  }
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD')
}
