// Secrets that every process of one issuer shares: nonce keys, successor seals, form tokens.
import type { Awaitable } from '@kimei/storage'

export type SecretPurpose = 'nonce' | 'refresh-successor' | 'form'
export interface Secrets {
  /** 32 bytes for one purpose, derived from the current secret; with `previous`, from the one before it. */
  derive(purpose: SecretPurpose): Awaitable<{ readonly current: Uint8Array; readonly previous?: Uint8Array }>
}
