// What a client asks to be answered in (RFC 9110 §12.5.1), for the endpoint that has two forms of one answer.

/** Whether `Accept` names `wanted` itself, and names `other` no more strongly. A wildcard asks for nothing in particular. */
export function asksFor(accept: string | null, wanted: string, other: string): boolean {
  if (accept === null) return false
  const weights = accept.split(',').map(readRange)
  const weightOf = (type: string) => Math.max(0, ...weights.filter((range) => range.type === type).map((range) => range.weight))
  return weightOf(wanted) > 0 && weightOf(wanted) >= weightOf(other)
}

function readRange(text: string): { readonly type: string; readonly weight: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  return { type, weight: q === undefined ? 1 : /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) ? Number(q) : 0 }
}
