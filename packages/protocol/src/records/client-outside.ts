// What of a client stands outside the issuer, at URLs that the client names.

export interface ClientOutside {
  /** Where its public keys are published; then `jwks` is empty. */
  readonly jwksUri?: string
}
