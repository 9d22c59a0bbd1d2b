// What an authorization request asks to be answered with, and by which way: response types (OAuth 2.1 §4.1.1, OIDC Core §3.3)
// and response modes (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2, JARM §2.3).
import type { Form } from '../form.ts'
import type { ClientRecord, ResponseType } from '../records.ts'
import { rulesFor } from '../rule.ts'

export const responseTypes: readonly ResponseType[] = ['code', 'code id_token']

/** How parameters reach the client. `.jwt`: all of them inside one signed JWT. */
export type ResponseMode = 'query' | 'fragment' | 'form_post' | 'query.jwt' | 'fragment.jwt' | 'form_post.jwt'
export type Carrier = 'query' | 'fragment' | 'form_post'

const resolvedModes: readonly string[] = ['query', 'fragment', 'form_post', 'query.jwt', 'fragment.jwt', 'form_post.jwt']

/** As a request may name them: `jwt` is the signed form of the type's own way. */
export const responseModes: readonly string[] = [...resolvedModes, 'jwt']

export function carrierOf(mode: ResponseMode): { readonly carrier: Carrier; readonly signed: boolean } {
  const signed = mode.endsWith('.jwt')
  return { carrier: (signed ? mode.slice(0, -'.jwt'.length) : mode) as Carrier, signed }
}

/** The order of the values says nothing (OAuth 2.0 Multiple Response Types §3). `undefined`: not served here. */
export function readResponseType(text: string | undefined): ResponseType | undefined {
  const sorted = text?.split(' ').sort().join(' ')
  return responseTypes.find((type) => type === sorted)
}

/** OAuth 2.0 Multiple Response Types §5: what carries a token never goes by query. An unknown type is told as its like would be. */
function ownCarrier(type: string | undefined): Carrier {
  return type?.split(' ').some((value) => value === 'id_token' || value === 'token') ? 'fragment' : 'query'
}

/** `undefined`: a mode that is not served. */
export function resolveMode(mode: string | undefined, type: string | undefined): ResponseMode | undefined {
  if (mode === undefined) return ownCarrier(type)
  if (mode === 'jwt') return `${ownCarrier(type)}.jwt`
  return resolvedModes.includes(mode) ? (mode as ResponseMode) : undefined
}

/** For answers before everything was checked: what was asked for, where it can be understood. */
export function wantedMode(form: Form): ResponseMode {
  const type = form.repeated.has('response_type') ? undefined : form.get('response_type')
  const mode = form.repeated.has('response_mode') ? undefined : form.get('response_mode')
  return resolveMode(mode, type) ?? ownCarrier(type)
}

export interface ResponseFacts {
  readonly type: ResponseType
  readonly mode: ResponseMode
  readonly client: Pick<ClientRecord, 'responseTypes'>
  readonly redirectUri: string
  readonly nonce: string | undefined
  readonly openid: boolean
}

const asksIdToken = ({ type }: ResponseFacts): boolean => type === 'code id_token'

/** Judged once type and mode are known to be served. */
export const responseRules = rulesFor<ResponseFacts>()('request', {
  'authorize.response-type-is-registered': {
    cite: 'OIDC-Registration§2',
    level: 'MUST',
    says: 'the response type is one that the client is registered for: code, where it names none',
    rows: ['ASVS-10.6.1', 'ASVS-10.4.4'],
    family: 'unauthorized-client',
    holds: (f) => (f.client.responseTypes ?? ['code']).includes(f.type),
  },
  'authorize.response-mode-fits-type': {
    cite: 'OAuth-Multiple-Response-Types§5',
    level: 'MUST',
    says: 'an ID token goes by fragment or form_post, never by query',
    rows: ['JARM-2.3-01'],
    family: 'response-mode',
    holds: (f) => !asksIdToken(f) || carrierOf(f.mode).carrier !== 'query',
  },
  'authorize.form-post-goes-to-the-web': {
    cite: 'OAuth-Form-Post§2',
    level: 'PRODUCT',
    says: 'form_post goes to an http or https address: a form cannot be posted to an app',
    rows: ['FORMPOST-2-01'],
    family: 'response-mode',
    unseen: 'a probe would need a client that answers under a scheme of its own',
    holds: (f) => carrierOf(f.mode).carrier !== 'form_post' || /^https?:\/\//.test(f.redirectUri),
  },
  'authorize.id-token-is-openid': {
    cite: 'OIDC-Core§3.3.2.1',
    level: 'MUST',
    says: 'an ID token is asked for together with the scope openid',
    holds: (f) => !asksIdToken(f) || f.openid,
  },
  'authorize.id-token-has-nonce': {
    cite: 'OIDC-Core§3.3.2.11',
    level: 'MUST',
    says: 'a request for an ID token through the browser carries a nonce',
    holds: (f) => !asksIdToken(f) || f.nonce !== undefined,
  },
})
