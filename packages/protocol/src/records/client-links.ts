// Where people learn more of a client: shown on pages, never fetched by the issuer.
import type { Text } from '../ids.ts'

/** https, on the host of a redirect URI: whoever receives the answer answers for them. */
export interface ClientLinks {
  readonly home?: Text
  readonly logo?: Text
  readonly policy?: Text
  readonly terms?: Text
}
