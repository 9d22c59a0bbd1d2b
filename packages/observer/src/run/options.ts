// What whoever calls `observe` may give: clock, pace, depth, and the hands that sign in, allow and wait. Types only.
import type { Seconds } from '@kimei/protocol'
import type { DeviceView, SignInAnswer } from '../clients/by-hand.ts'
import type { PassiveReading } from '../evidence/reading.ts'
import type { Pace } from '../inventory/inventory.ts'
import type { Verdict } from '../observation.ts'
import type { HostRest } from '../wire/pacer.ts'

export interface ObserveOptions {
  readonly clock?: () => Seconds
  readonly random?: (bytes: number) => Uint8Array
  /** Loosens or tightens the pace of the inventory; more than 50 requests a second only on loopback. */
  readonly pace?: Partial<Pace>
  /** `core`: the sixteen API and four issuer probes. `full`: every probe there is. */
  readonly depth?: 'core' | 'full'
  /** Also asks whether the issuers are ready for OAuth 2.1. */
  readonly oauth21?: boolean
  /** Only these probes (and the baselines). */
  readonly only?: readonly string[]
  /** Reads `{ env }` and `{ file }` secrets. */
  readonly readSecret?: (source: { readonly env: string } | { readonly file: string }) => string | Promise<string>
  /** Signs a test account in at an authorization URL; answers what came back. */
  readonly signIn?: (authorizationUrl: string) => Promise<SignInAnswer>
  /** `person`: only for tickets, not for the many sign-ins that probes of the code flow take. Default: `driver`. */
  readonly signInBy?: 'driver' | 'person'
  /** Signs the test account out at the end-session URL of its issuer; answers what came back. Without it nobody is signed out. */
  readonly signOut?: (endSessionUrl: string) => Promise<SignInAnswer>
  /** Waits until a person has allowed the device. */
  readonly allowDevice?: (view: DeviceView) => Promise<void>
  /** Lets time pass for probes of expiry, which are left out where nobody waits. */
  readonly wait?: (seconds: number) => Promise<void>
  /** How long the whole run may stand still for probes at APIs that need time to pass, where nothing else lets it. Default 0. */
  readonly patienceSeconds?: number
  /** Owners of the issuer's keys (the lab) can make access tokens that no issuer would. */
  readonly forgeAccessToken?: ForgeAccessToken
  /** What was read beside: see `readEvidence`. */
  readonly passive?: readonly PassiveReading[]
  readonly onStep?: (step: { readonly target: string; readonly probe: string; readonly verdict?: Verdict }) => void
  /** A host asks to be left alone for a while (`Retry-After`); the run waits. */
  readonly onRest?: (rest: HostRest) => void
  readonly signal?: AbortSignal
}

export type ForgeAccessToken = (edit: {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** Members to leave out, after the edit. */
  readonly without?: readonly string[]
  readonly signature?: 'good' | 'flipped' | 'none' | 'other-key' | 'hmac-with-public-key'
}) => Promise<string>
