// Pushed authorization requests (RFC 9126) and their proof of possession (RFC 9449 §10.1): what may be pushed, and who may use it.
// What the request itself must say is judged by the rules of every authorization request.
import { type Form, formDecode, formEncode, parseForm } from '../form.ts'
import type { Seconds, Thumbprint } from '../ids.ts'
import type { PushedRequestRecord } from '../records.ts'
import { type Broken, broke, type Law, must, namedRules } from '../rule.ts'

/** RFC 9126 §2.2: what follows is unguessable. */
export const pushedUriPrefix = 'urn:ietf:params:oauth:request_uri:'

/** Broken: told to the client that pushes. */
export const pushRules = namedRules('request', {
  'par.no-request-uri': {
    cite: 'RFC9126§2.1',
    level: 'MUST',
    says: 'request_uri is not pushed',
    rows: ['PAR-2-01'],
  },
  'par.proof-key-is-dpop-jkt': {
    cite: 'RFC9449§10.1',
    level: 'MUST',
    says: 'dpop_jkt, where it stands beside a proof, is the thumbprint of the key of that proof',
    rows: ['DPOP-10.1-02'],
    family: 'proof',
  },
  'par.proof-names-the-key': {
    cite: 'RFC9449§10.1',
    level: 'MUST',
    says: 'the key of a proof is that of the code, as if dpop_jkt had named it',
    rows: ['DPOP-10.1-01'],
  },
})

/** Broken: an error page, since nothing says where to answer. */
export const pushedUseRules = namedRules('untrusted-redirect', {
  'par.request-is-known': {
    cite: 'RFC9126§4',
    level: 'MUST',
    says: 'request_uri names a request that was pushed here and is not completed',
    rows: ['PAR-2.2-01', 'PAR-4-01'],
    fixed: 'a request that is not there asks for nothing',
  },
  'par.request-is-of-this-client': {
    cite: 'RFC9126§2.2',
    level: 'MUST',
    says: 'the pushed request is used by the client that pushed it',
    rows: ['PAR-2.2-01'],
  },
  'par.request-is-not-expired': {
    cite: 'RFC9126§4',
    level: 'MUST',
    says: 'the pushed request has not expired',
    rows: ['PAR-4-02', 'PAR-2.2-02'],
  },
  'par.request-is-unused': {
    cite: 'RFC9126§4',
    level: 'SHOULD',
    says: 'the pushed request is completed for the first time',
    rows: ['PAR-4-01'],
    fixed: 'once-only: storage decides it, and the lab wraps storage',
  },
})

/** Judged before the request itself. */
export function checkPush(form: Form, law: Law): Broken | undefined {
  return must(pushRules, 'par.no-request-uri', form.get('request_uri') === undefined, law)
}

/** `proofKey`: of the DPoP header, where there is one. `asked`: where the request was signed, what was inside. */
export function checkPushedKey(asked: Form, proofKey: Thumbprint | undefined, law: Law): Broken | undefined {
  const jkt = asked.get('dpop_jkt')
  const agrees = proofKey === undefined || jkt === undefined || jkt === proofKey
  return must(pushRules, 'par.proof-key-is-dpop-jkt', agrees, law, () => ({ expected: proofKey, received: jkt?.slice(0, 100) }))
}

export interface PushSender {
  readonly clientId: string
  /** Of the DPoP header, where there is one. */
  readonly proofKey: Thumbprint | undefined
}

/** Credentials are of the push; what the issuer knows better is said anew. */
const notKept: ReadonlySet<string> = new Set([
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'request',
  'request_uri',
])

/** The authorization request inside a push: this is judged, and remembered. What it does not say of the key, its proof says. */
export function pushedForm(form: Form, { clientId, proofKey }: PushSender, law: Law): Form | Broken {
  const kept = form.text.split('&').filter((pair) => !notKept.has(formDecode(pair.split('=', 1)[0] ?? '') ?? ''))
  const named = proofKey === undefined || form.get('dpop_jkt') !== undefined
  const bound = must(pushRules, 'par.proof-names-the-key', named, law) !== undefined
  const own = formEncode([['client_id', clientId], ...(bound && proofKey !== undefined ? [['dpop_jkt', proofKey] as const] : [])])
  // An empty dpop_jkt is an absent one (OAuth 2.1 §3.1), and must not stand beside ours.
  const rest = bound ? kept.filter((pair) => formDecode(pair.split('=', 1)[0] ?? '') !== 'dpop_jkt') : kept
  return parseForm([own, ...rest].join('&'))
}

/** Whether this client may begin with it now. Nothing is consumed: reload and link previews change nothing. */
export function checkPushedUse(
  record: PushedRequestRecord | undefined,
  clientId: string | undefined,
  now: Seconds,
  law: Law,
): PushedRequestRecord | Broken {
  if (record === undefined) return broke(pushedUseRules, 'par.request-is-known')
  return (
    must(pushedUseRules, 'par.request-is-of-this-client', record.clientId === clientId, law) ??
    must(pushedUseRules, 'par.request-is-not-expired', now < record.expiresAt, law) ??
    record
  )
}
