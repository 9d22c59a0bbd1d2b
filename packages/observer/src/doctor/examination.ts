// What a doctor's examination is made of: one line for each thing looked at, its state, what was found, what to do. Shapes only.
import type { Seconds, Text } from '@kimei/protocol'
import type { Asker } from './ask.ts'

/** `not-seen`: it could not be looked at, which is no good sign and no bad one. */
export type Health = 'good' | 'doubtful' | 'wrong' | 'not-seen'

export const checkNames = [
  'reach',
  'clock',
  'tls',
  'chain',
  'old-tls',
  'metadata',
  'addresses',
  'keys',
  'browsers',
  'target',
  'forwarded',
  'certificates',
  'proxy',
] as const
export type CheckName = (typeof checkNames)[number]

export interface Line {
  readonly check: CheckName
  readonly health: Health
  /** What was seen, without anything secret. */
  readonly found: string
  readonly says: Text
  /** What to do, and where. */
  readonly mend?: Text | undefined
  /** Which kind of trouble it is, for the lines of a proxy's configuration. */
  readonly trouble?: Trouble | undefined
}

/** Troubles that a proxy's configuration makes or mends. */
export const troubles = ['host', 'scheme', 'prefix', 'trust', 'cors', 'chain', 'old-tls', 'certificate', 'proof-header'] as const
export type Trouble = (typeof troubles)[number]

/** Where in a proxy's configuration something has to change. */
export interface ProxyLine {
  readonly proxy: ProxyName
  readonly trouble: Trouble
  /** `nginx.conf:12`; only the name of the proxy where no file was given. */
  readonly at: string
  /** What has to stand there. */
  readonly write: string
  readonly why: Text
}

export const proxyNames = ['nginx', 'envoy', 'haproxy', 'traefik', 'caddy'] as const
export type ProxyName = (typeof proxyNames)[number]

export interface Examination {
  readonly url: string
  readonly kind: 'issuer' | 'api'
  readonly at: Seconds
  readonly requests: number
  readonly lines: readonly Line[]
  readonly proxies: readonly ProxyLine[]
}

export interface DoctorOptions {
  readonly url: string
  /** Left out: an issuer where it has metadata of one. */
  readonly kind?: 'issuer' | 'api' | undefined
  /** Under which address the program behind the proxy thinks it is, or is reached by the proxy. */
  readonly inside?: string | undefined
  /** A public client id, for asking the token endpoint with a code that does not exist. */
  readonly clientId?: string | undefined
  /** Origin of a browser app. */
  readonly origin?: string | undefined
  /** Hosts beside that of `url` that may be asked: where keys are, for example. */
  readonly allowedHosts?: readonly string[] | undefined
  /** PEM of authorities to trust beside the usual ones. */
  readonly authorities?: string | undefined
  /** Configurations of proxies in front. */
  readonly proxies?: readonly { readonly name: string; readonly text: string }[] | undefined
  readonly clock?: (() => Seconds) | undefined
  readonly signal?: AbortSignal | undefined
  readonly onStep?: ((check: CheckName) => void) | undefined
}

/** What the checks share. */
export interface Bedside {
  readonly options: DoctorOptions
  readonly url: URL
  readonly ask: Asker
  readonly now: () => Seconds
  /** Metadata of the issuer or API, once read. */
  document: Readonly<Record<string, unknown>> | undefined
}

export function line(check: CheckName, health: Health, found: string, says: Text, more: Pick<Line, 'mend' | 'trouble'> = {}): Line {
  return { check, health, found: found.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').slice(0, 200), says, ...more }
}
