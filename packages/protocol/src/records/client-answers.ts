// How a client is answered: what its browser brings back, what is signed for it, what is encrypted to it.
import type { EncryptionChoice } from '../ids.ts'

/** What the browser brings back. Neither ever carries an access token. */
export type ResponseType = 'code' | 'code id_token'

/** RFC 7516, where the client wants confidentiality beyond TLS (OIDC Registration §2, JARM §3, RFC 9701 §6). */
export interface ClientEncryption {
  readonly authorization?: EncryptionChoice
  readonly idToken?: EncryptionChoice
  readonly userinfo?: EncryptionChoice
  readonly introspection?: EncryptionChoice
}

export interface ClientAnswers {
  /** Absent: code. */
  readonly responseTypes?: readonly ResponseType[]
  /** Signs its authorization responses where it asks for signed ones (JARM §3). Absent: RS256, or what the profile demands. */
  readonly authorizationAlg?: 'RS256' | 'ES256'
  /** Signs what UserInfo tells it. Absent: plain JSON. */
  readonly userinfoAlg?: 'RS256' | 'ES256'
  /** What is encrypted to one of its keys, and how. Absent: nothing is. */
  readonly encryption?: ClientEncryption
}
