// Signs texts that no JSON writer would make: duplicate members, stray bytes, depth. Nothing of the product is used.
import { readFileSync } from 'node:fs'
import { type WireKey, wireSignature } from './hostile-jwt.ts'

const base64url = (part: string | Uint8Array): string => Buffer.from(part as string).toString('base64url')

/** A compact JWS over exactly these texts or bytes. */
export function signText(header: string | Uint8Array, payload: string | Uint8Array, key: WireKey): string {
  const input = `${base64url(header)}.${base64url(payload)}`
  return `${input}.${wireSignature(input, key)}`
}

/** Published facts from `vectors/`. */
export function vector<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), 'utf8')) as T
}
