// Audit events as JSON lines, gathered for a moment and written together: one write for many requests.
// Where the lines go is the caller's; what an event holds is made in `audit.ts`.
import type { AuditEvent } from '@kimei/protocol'

export interface AuditLines {
  /** For `GuardDeps.audit`. */
  readonly audit: (event: AuditEvent) => void
  /** Writes what waits, now. To be called when the process ends. */
  flush(): void
}

export interface AuditLinesOptions {
  /** How long a line waits at most: what a killed process may lose. Default 20 ms; 0 writes at the end of the turn. */
  readonly delayMs?: number
}

/** No more than this waits, whatever the delay. */
const waitingCharacters = 65_536

/** `write` gets whole lines, each with its newline, in order; it should not return before it has them. */
export function makeAuditLines(write: (lines: string) => void, options: AuditLinesOptions = {}): AuditLines {
  const delayMs = options.delayMs ?? 20
  let waiting = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const lines = waiting
    waiting = ''
    if (lines !== '') write(lines)
  }
  return {
    audit(event) {
      waiting += `${JSON.stringify(event)}\n`
      if (waiting.length >= waitingCharacters) flush()
      else timer ??= setTimeout(flush, delayMs)
    },
    flush,
  }
}
