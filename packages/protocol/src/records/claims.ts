// Claims that a client asks for by name (OpenID Connect Core §5.5): as asked, and as a person granted them.

/** How one claim is asked for; `{}` where only its name was sent. */
export interface ClaimAsk {
  readonly essential?: boolean
  readonly value?: unknown
  readonly values?: readonly unknown[]
}

export type ClaimAsks = Readonly<Record<string, ClaimAsk>>

/** By the place where they are to be told. */
export interface ClaimsRequest {
  readonly userinfo: ClaimAsks
  readonly id_token: ClaimAsks
}
