// The keys that a client publishes or registers with its certificates (RFC 8705 §2.2.2): which of two stand in them, and how to add one.
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { KnownCertificate } from '@kimei/client/node'
import { UsageError } from '../command/command.ts'
import type { RenewalStep } from './renewal-checks.ts'

interface KeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[]
}

/** A key with its certificate: the member that counts is `x5c`. */
export function keyOf({ x509, x5t }: KnownCertificate): Readonly<Record<string, unknown>> {
  return { ...x509.publicKey.export({ format: 'jwk' }), use: 'sig', kid: x5t, x5c: [x509.raw.toString('base64')] }
}

/** @throws UsageError for a file that holds no keys. */
export function checkPublished(path: string, before: KnownCertificate, after: KnownCertificate): readonly RenewalStep[] {
  const set = readKeySet(path)
  const [old, fresh] = [before, after].map((one) => holds(set, one))
  return [
    {
      id: 'published-new',
      state: fresh ? 'ok' : 'failed',
      says: fresh ? `${path} holds the new one` : `${path} does not hold the new one yet: --publish adds it`,
    },
    {
      id: 'published-old',
      state: old ? 'ok' : 'unclear',
      says: old ? `${path} holds the old one too, as long as it is in use` : `${path} does not hold the old one any more`,
    },
  ]
}

/** Puts the new one first and leaves everything else as it is; the file is whole or not there. */
export function publish(path: string, after: KnownCertificate): void {
  const set = readKeySet(path)
  if (holds(set, after)) return
  const text = `${JSON.stringify({ ...set, keys: [keyOf(after), ...set.keys] }, undefined, 2)}\n`
  const draft = `${path}.${createHash('sha256').update(text).digest('hex').slice(0, 8)}`
  writeFileSync(draft, text)
  renameSync(draft, path)
}

function holds({ keys }: KeySet, { x509 }: KnownCertificate): boolean {
  const wanted = x509.raw.toString('base64')
  return keys.some(({ x5c }) => Array.isArray(x5c) && x5c[0] === wanted)
}

function readKeySet(path: string): KeySet {
  try {
    const set = JSON.parse(readFileSync(path, 'utf8')) as Partial<KeySet>
    if (Array.isArray(set.keys)) return set as KeySet
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UsageError(`there is no file ${path}`)
  }
  throw new UsageError(`${path} is no JSON Web Key Set: {"keys":[…]}`)
}
