// Waiting for the person or the system to say that it is enough.

/** Resolves at SIGINT (Ctrl+C) or SIGTERM; a second one ends the process at once. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}
