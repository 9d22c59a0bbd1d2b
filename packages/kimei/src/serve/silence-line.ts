// What the operator reads beside the audit log when nobody tells whether a client's certificate was revoked. Once a minute for each client.
import type { AuditEvent } from '@kimei/protocol'

const minuteSeconds = 60
const mostClients = 1000

/** Answers `undefined` where the event tells of something else, or the same was said a moment ago. */
export function makeSilenceLine(): (event: AuditEvent) => string | undefined {
  const said = new Map<string, number>()
  return ({ at, event, rule, issuer, clientId = 'unknown', received }) => {
    const passed = event === 'certificate_unchecked'
    if (!passed && rule !== 'client-certificate.status-is-told') return undefined
    const who = `${issuer} ${clientId}`
    const last = said.get(who)
    if (last !== undefined && at < last + minuteSeconds) return undefined
    said.delete(who)
    if (said.size >= mostClients) said.delete(said.keys().next().value as string)
    said.set(who, at)
    const outcome = passed ? 'let in all the same (dangerouslyAcceptSilent)' : 'refused'
    return `nobody tells whether the certificate of client ${clientId} at ${issuer} was revoked: ${outcome}${askedOf(received)}`
  }
}

function askedOf(received: unknown): string {
  const all = Array.isArray(received) ? received : []
  const asked = all.map(({ source, target, rule }: Readonly<Record<string, unknown>>) => `${source} at ${target}: ${rule}`)
  return asked.length === 0 ? '' : `\n  ${asked.join('\n  ')}`
}
