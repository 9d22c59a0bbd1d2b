// Calls as a TLS terminator in front of the guard makes them, and a guard that is configured to hear them.
import { type RawAnswer, rawRequest } from 'testkit'
import type { GuardConfigInput } from '../src/index.ts'
import { boundToOne, credentials, one, token } from './certified-api.ts'

export const secret = 'correct-horse-battery-staple-0123456789'
export const previousSecret = 'the-one-of-last-month-0123456789abcdef'
export const peers = ['127.0.0.1', '::1']
export type Hop = Extract<NonNullable<GuardConfigInput['certificates']>, { from: 'header' }>['hop']
export const shared: Hop = { by: 'shared-secret', peers, secret, previousSecret }
export const told = (hop: Hop, more: object = {}): Partial<GuardConfigInput> => ({ certificates: { from: 'header', hop, ...more } })

export const cert = `Client-Cert: :${one.der}:`
export const proven = `Kimei-Hop-Secret: ${secret}`

export function call(port: number, path: string, lines: readonly string[], cnf: object = boundToOne): Promise<RawAnswer> {
  const own = Object.entries(credentials(path, token(cnf), 'jkt' in cnf)).map(([name, value]) => `${name}: ${value}`)
  return rawRequest(port, [`GET ${path} HTTP/1.1`, 'Host: api.example', ...own, ...lines])
}

export const ofBody = (answer: RawAnswer) =>
  JSON.parse(answer.body.slice(answer.body.indexOf('{'), answer.body.lastIndexOf('}') + 1)) as { body?: string; headers: string[] }
