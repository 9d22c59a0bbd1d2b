// What may be said to a session. An option of another name is a mistake, above all one that asks for a flow that is gone.
import { Misuse } from '@kimei/protocol'
import type { SessionOptions } from './contract.ts'

const known: Readonly<Record<keyof SessionOptions, true>> = {
  issuer: true,
  clientId: true,
  authentication: true,
  scopes: true,
  resources: true,
  device: true,
  fetch: true,
  certificate: true,
  binding: true,
  clock: true,
  random: true,
  nonces: true,
  discovery: true,
  redirectUri: true,
  idTokenAlg: true,
  purposes: true,
  requests: true,
  responses: true,
  responseAlg: true,
  stepUpTries: true,
}

/** Throws Misuse with every mistake. */
export function checkSessionOptions(options: SessionOptions): void {
  const strange = Object.keys(options).filter((name) => !Object.hasOwn(known, name))
  const mistakes = [
    ...strange.map((name) => `"${name}" is not an option of a session: it always signs in by code with PKCE, answered in the query`),
    ...(options.resources ?? [])
      .filter((resource) => !URL.canParse(resource) || resource.includes('#'))
      .map((resource) => `resource "${resource}" is not an absolute URI without fragment (RFC 8707 §2)`),
  ]
  if (mistakes.length > 0) throw new Misuse(mistakes)
}
