// Looks into a JWT without judging it: for showing, never for deciding who may do what.
import { fromB64u } from '@kimei/protocol'

export type Members = Readonly<Record<string, unknown>>

/** Header and claims; `undefined` where the text is no JWT. */
export function peekJwt(text: string): { readonly header: Members; readonly claims: Members } | undefined {
  const [head, body] = text.split('.').map(readSegment)
  return head && body && text.split('.').length === 3 ? { header: head, claims: body } : undefined
}

function readSegment(segment: string): Members | undefined {
  const bytes = fromB64u(segment)
  if (!bytes) return undefined
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined
  } catch {
    return undefined
  }
}

/** `aud` of an access token as a list; empty where the token cannot be read. */
export function audiencesOf(token: string): readonly string[] {
  const aud = peekJwt(token)?.claims['aud']
  return (Array.isArray(aud) ? aud : [aud]).filter((one): one is string => typeof one === 'string')
}
