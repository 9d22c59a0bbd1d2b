// What a holder's tickets are to be named after: its key, its certificate, or both.
import { Misuse } from '@kimei/protocol'
import type { HolderKey, HolderOptions, Naming } from './contract.ts'

export type NamingOptions = Pick<HolderOptions, 'certificate' | 'binding' | 'authentication' | 'fetch'>

/** Throws Misuse with every mistake. */
export function checkNaming({ certificate, binding, authentication, fetch }: NamingOptions): void {
  const byCertificate = authentication?.method === 'tls_client_auth' || authentication?.method === 'self_signed_tls_client_auth'
  const mistakes = [
    ...(certificate === undefined && binding !== undefined && binding !== 'key' ? [`binding "${binding}" needs a certificate`] : []),
    ...(certificate === undefined && byCertificate ? [`authentication by ${authentication.method} needs a certificate`] : []),
    ...(certificate !== undefined && fetch !== undefined ? ['fetch and certificate exclude each other: a certificate brings its own'] : []),
  ]
  if (mistakes.length > 0) throw new Misuse(mistakes)
}

/** As it is now. A certificate counts for as long as one piece of work takes, even where it is exchanged meanwhile. */
export async function currentName({ certificate, binding }: NamingOptions, key: () => Promise<HolderKey>): Promise<Naming> {
  const shown = binding === 'key' ? undefined : certificate?.current()
  const byKey = shown === undefined || binding === 'both'
  return { ...(byKey && { key: await key() }), ...(shown && { certificate: shown }) }
}
