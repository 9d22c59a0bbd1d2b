// One grant of one client, asked without a proof, as a report has it. Types only; how it is judged stands in `judgement/grant-table.ts`.

export type GrantName =
  | 'client_credentials'
  | 'authorization_code'
  | 'refresh_token'
  | 'device_code'
  | 'token-exchange'
  | 'jwt-bearer'
  | 'ciba'

/** One grant of one client, asked without a proof: what came out (AS8). */
export interface GrantCell {
  readonly grant: GrantName
  /** `bound`: a ticket, bound all the same; `no-such-ticket`: the client gets nothing by this grant. */
  readonly outcome: 'bound' | 'refused' | 'unbound' | 'unknown' | 'not-tried' | 'no-such-ticket'
  /** Something bound went in, and an unbound ticket came out. */
  readonly laundered?: boolean
  readonly probes: readonly string[]
  /** Why it is not known. */
  readonly reason?: string
  readonly evidence: readonly string[]
}
