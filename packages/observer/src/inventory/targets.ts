// Which URLs may be observed at all: absolute, http(s), and whether they stay on this machine.
// The list of consented hosts stands in the inventory.

/** Reads an absolute http(s) URL without user info and fragment; anything else is `undefined`. */
export function readTarget(value: string): URL | undefined {
  if (!URL.canParse(value)) return undefined
  const target = new URL(value)
  const plain = target.username === '' && target.password === '' && target.hash === '' && !value.includes('#')
  return plain && (target.protocol === 'https:' || target.protocol === 'http:') ? target : undefined
}

/** `127.0.0.0/8`, `[::1]` and `localhost`, as WHATWG URL spells them. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
