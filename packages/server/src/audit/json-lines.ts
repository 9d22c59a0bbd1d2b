// The JSON-lines sink: one line an event, for log shippers. The table of the storage is the memory; this is the copy.
import type { AuditEvent } from '@kimei/protocol'

/** `write` gets one line with its newline; values that look like credentials have no field to come from. */
export function jsonLines(write: (line: string) => unknown): (event: AuditEvent) => void {
  return (event) => {
    write(`${JSON.stringify(event)}\n`)
  }
}
