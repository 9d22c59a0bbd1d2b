// Which audit event a decision becomes. Never a token, a proof or a nonce; a rule's `seen` is for exactly this place.
import type { AuditEvent, AuditName, Broken, Seconds, VerifiedAccessToken, VerifiedProof } from '@kimei/protocol'
import type { Admitted } from './facts.ts'

/** What was known when the decision fell. */
export interface Knowledge {
  readonly at: Seconds
  readonly requestId: string
  readonly method: string
  readonly route: string | undefined
  readonly token: VerifiedAccessToken | undefined
  readonly proof: VerifiedProof | undefined
  readonly certificate: 'absent' | 'presented'
  /** A stranger told of a certificate in a header. */
  readonly ignored: Broken | undefined
}

export interface AuditMaker {
  admitted(known: Knowledge, mode: Admitted['mode']): AuditEvent
  refused(known: Knowledge, broken: Broken, more?: Readonly<Record<string, unknown>>): AuditEvent
  wouldRefuse(known: Knowledge, broken: Broken): AuditEvent
}

export function makeAudit(issuer: string, resource: string): AuditMaker {
  const about = (event: AuditName, known: Knowledge): AuditEvent => {
    const { token, proof, ignored } = known
    const jkt = proof?.jkt ?? token?.confirmation?.jkt
    const x5t = token?.confirmation?.['x5t#S256']
    return {
      at: known.at,
      event,
      issuer,
      requestId: known.requestId,
      resource,
      method: known.method,
      ...(known.route !== undefined && { route: known.route }),
      ...(token && { clientId: token.clientId, subject: token.subject }),
      ...(jkt !== undefined && { jkt }),
      ...(x5t !== undefined && { x5t }),
      ...(ignored && { ignoredCertificate: { rule: ignored.broken, ...ignored.seen } }),
    }
  }
  const because = (broken: Broken) => ({ rule: broken.broken, ...(broken.seen ?? {}) })
  return {
    admitted: (known, mode) => ({ ...about('api_access', known), ...(mode !== 'none' && { mode }) }),
    refused: (known, broken, more) => ({ ...about(nameOf(broken, known), known), ...because(broken), ...more }),
    wouldRefuse: (known, broken) => ({ ...about('would_refuse', known), ...because(broken) }),
  }
}

function nameOf(broken: Broken, known: Knowledge): AuditName {
  if (broken.family === 'proof') return 'dpop_invalid'
  if (broken.family === 'proof-nonce') return 'dpop_nonce_required'
  if (broken.family === 'unavailable') return 'fault'
  if (broken.family !== 'binding' || known.token?.confirmation === undefined) return 'api_refused'
  return known.token.confirmation['x5t#S256'] !== undefined && known.certificate === 'absent' ? 'mtls_missing' : 'binding_mismatch'
}
