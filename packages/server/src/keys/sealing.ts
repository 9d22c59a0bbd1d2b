// Private keys and other secrets at rest: sealed under the server's own key where one is configured, plain where none is.
// Several server keys may open; the first one seals, so that a server key can be replaced.
import { fromB64u, Misuse, open, type PrivateJwk, seal } from '@kimei/protocol'

export interface ServerKey {
  readonly id: string
  /** 32 bytes, base64url. */
  readonly key: string
}

/** `plain.<json>` or `sealed.<server key id>.<sealed json>`. */
export async function sealPrivate(jwk: PrivateJwk, kid: string, keys: readonly ServerKey[], iv: Uint8Array): Promise<string> {
  return sealText(JSON.stringify(jwk), aadOf(kid), keys, iv)
}

/** Any secret that must be read again; `about` binds it to what it is a secret of. */
export async function sealText(text: string, about: string, keys: readonly ServerKey[], iv: Uint8Array): Promise<string> {
  const first = keys[0]
  if (!first) return `plain.${text}`
  return `sealed.${encodeURIComponent(first.id)}.${await seal(bytesOf(first), text, about, iv)}`
}

/** `undefined`: no configured server key opens it. */
export async function openText(stored: string, about: string, keys: readonly ServerKey[]): Promise<string | undefined> {
  if (stored.startsWith('plain.')) return stored.slice('plain.'.length)
  const key = keys.find((candidate) => encodeURIComponent(candidate.id) === sealerOf(stored))
  return key && open(bytesOf(key), stored.slice(stored.lastIndexOf('.') + 1), about)
}

function sealerOf(stored: string): string {
  return stored.slice(stored.indexOf('.') + 1, stored.lastIndexOf('.'))
}

/** Throws Misuse when no configured server key opens it: starting without the keys would mean issuing nothing. */
export async function openPrivate(stored: string, kid: string, keys: readonly ServerKey[]): Promise<PrivateJwk> {
  const text = await openText(stored, aadOf(kid), keys)
  if (text === undefined)
    throw new Misuse([`no server key opens the private key ${kid}: it was sealed under "${decodeURIComponent(sealerOf(stored))}"`])
  return JSON.parse(text)
}

/** Whether the first server key, or none, is what holds it now. */
export function isSealedUnder(stored: string, keys: readonly ServerKey[]): boolean {
  const first = keys[0]
  return first ? stored.startsWith(`sealed.${encodeURIComponent(first.id)}.`) : stored.startsWith('plain.')
}

function bytesOf({ id, key }: ServerKey): Uint8Array {
  const bytes = fromB64u(key)
  if (bytes?.length !== 32) throw new Misuse([`server key "${id}" is not 32 bytes of base64url`])
  return bytes
}

/** Bound to its key id: a sealed key cannot be passed off as another. */
function aadOf(kid: string): string {
  return `kimei key ${kid}`
}
