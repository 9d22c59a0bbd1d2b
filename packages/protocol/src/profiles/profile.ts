// What each profile demands beyond the rules that hold for everybody: FAPI 2.0, MCP authorization and atproto, as data.
// A profile only tightens. Loosening is never in a profile; it has keys of its own that begin with `dangerously`.
import type { SignatureAlg } from '../jose/index.ts'
import type { ClientAuthMethod } from '../records.ts'

export const profileNames = ['oauth21', 'fapi2', 'fapi2-message-signing', 'mcp', 'atproto'] as const
export type ProfileName = (typeof profileNames)[number]

export interface Profile {
  readonly name: ProfileName
  /** Of client assertions and request objects. Absent: every algorithm that Kimei verifies. */
  readonly signatureAlgorithms?: readonly SignatureAlg[]
  /** How clients may authenticate. Absent: in every way that is served. */
  readonly clientAuthentication?: readonly ClientAuthMethod[]
  /** An assertion names its audience as one plain string. */
  readonly plainAudience: boolean
  /** redirect_uri is sent even where only one is registered. */
  readonly redirectUriSent: boolean
  /** state is sent. */
  readonly stateSent: boolean
  /** Authorization responses are signed (JARM). */
  readonly responseSigned: boolean
  /** Refresh tokens of confidential clients rotate too, and are bound to the key of their proofs. */
  readonly everybodyRotates: boolean
  /** A confidential client refreshes with the very key it authenticated with when the sign-in began. */
  readonly keepsClientKey: boolean
  /** A pushed request carries a proof. */
  readonly pushProven: boolean
  /** Every answer to a proof brings a nonce, the unchanged one included. */
  readonly nonceAlways: boolean
  /** The token response says who the person is, ID token or not. */
  readonly subjectTold: boolean
  /** Clients by document follow the rules of atproto. */
  readonly atprotoClients: boolean
  /** An unbound token names one API alone. */
  readonly bearerForOneApi: boolean
  /** Every token is bound, whatever its client may elsewhere. */
  readonly everyTokenBound: boolean
  /** A request without scope asks for what the API offers. Elsewhere it is refused. */
  readonly scopeOfTheApi: boolean
}

const everybody = {
  plainAudience: false,
  redirectUriSent: false,
  stateSent: false,
  responseSigned: false,
  everybodyRotates: false,
  keepsClientKey: false,
  pushProven: false,
  nonceAlways: false,
  subjectTold: false,
  atprotoClients: false,
  bearerForOneApi: false,
  everyTokenBound: false,
  scopeOfTheApi: false,
}

/** FAPI 2.0 SP §5.4.1; both names of Ed25519 (RFC 9864 §2.2). */
const fapiAlgorithms: readonly SignatureAlg[] = ['PS256', 'ES256', 'EdDSA', 'Ed25519']
const fapi = {
  ...everybody,
  signatureAlgorithms: fapiAlgorithms,
  clientAuthentication: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'] as const,
  plainAudience: true,
  redirectUriSent: true,
  everyTokenBound: true,
}

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  oauth21: { ...everybody, name: 'oauth21' },
  fapi2: { ...fapi, name: 'fapi2' },
  'fapi2-message-signing': { ...fapi, name: 'fapi2-message-signing', responseSigned: true },
  mcp: { ...everybody, name: 'mcp', bearerForOneApi: true, scopeOfTheApi: true },
  atproto: {
    ...everybody,
    name: 'atproto',
    signatureAlgorithms: ['ES256'],
    clientAuthentication: ['none', 'private_key_jwt'],
    stateSent: true,
    everybodyRotates: true,
    keepsClientKey: true,
    pushProven: true,
    nonceAlways: true,
    subjectTold: true,
    atprotoClients: true,
    everyTokenBound: true,
  },
}
