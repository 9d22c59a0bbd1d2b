// The shape of one client authentication method. To add one: a file beside this and a line in index.ts.
import type { Form } from '../../form.ts'
import type { Issuer, PublicJwk, Seconds } from '../../ids.ts'
import type { Awaitable } from '../../jose/index.ts'
import type { ShownCertificate } from '../../mtls/index.ts'
import type { Profile } from '../../profiles/index.ts'
import type { ClientAuthMethod, ClientRecord } from '../../records.ts'
import type { Broken, Law } from '../../rule.ts'
import type { Write } from '../../writes.ts'

export interface ClientAuthInput {
  readonly form: Form
  /** Credentials after `Basic `, when the request has an Authorization header of that scheme. */
  readonly basic: string | undefined
}

export interface ClientAuthExpectation {
  readonly issuer: Issuer
  readonly tokenEndpoint: string
  readonly profile: Profile
  readonly now: Seconds
  /** Of the client, where they do not stand in its record but were fetched. */
  readonly keys?: readonly PublicJwk[] | undefined
  /** Of client_secret_jwt, opened. */
  readonly secrets?: readonly string[] | undefined
  /** Of the connection, for clients that authenticate by it. */
  readonly certificate?: ShownCertificate | undefined
}

/** What one method found in a request. */
export interface Presented {
  readonly method: ClientAuthMethod
  readonly clientId: string
  /** Never logged. */
  readonly credential: unknown
  /** Which key signed the credential, by its own words. */
  readonly kid?: unknown
}

export interface ClientAuthMethodRow {
  readonly name: ClientAuthMethod
  /** Signature algorithms for metadata; absent: the method signs nothing. */
  readonly signingAlgorithms?: readonly string[]
  /** The certificate of the connection authenticates; the request only says which client it is of. */
  readonly certificate?: true
  /** `undefined`: this request does not use the method. */
  read(input: ClientAuthInput, law: Law): Presented | Broken | undefined
  /** Judges the credential of a known client; answers what has to be claimed once. */
  check(
    presented: Presented,
    client: ClientRecord,
    expect: ClientAuthExpectation,
    law: Law,
  ): Awaitable<Broken | readonly Extract<Write, { write: 'claim-once' }>[]>
}
