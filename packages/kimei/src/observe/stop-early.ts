// Ctrl+C while an observation runs: nothing further is sent, and what was seen so far becomes the report. A second one ends at once.
import type { Terminal } from '../command/terminal.ts'

export interface StopEarly {
  readonly signal: AbortSignal
  /** Ctrl+C means again what it always means. */
  forget(): void
}

export function stopEarly(terminal: Terminal): StopEarly {
  const controller = new AbortController()
  const stop = () => {
    forget()
    terminal.note('\nstopping: the report says what was seen so far. Ctrl+C once more ends at once.')
    controller.abort()
  }
  const forget = () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  return { signal: controller.signal, forget }
}
