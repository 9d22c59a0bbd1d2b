// Which of the guard's response headers are lists, that an application may have begun (RFC 9110 §5.3).

const lists = new Set(['www-authenticate', 'vary', 'access-control-expose-headers'])

export function isList(name: string): boolean {
  return lists.has(name.toLowerCase())
}
