// What the checker knows of a setup of OAuth 2.0, whoever wrote the file. What a file does not say stays undefined.
import type { Said } from './place.ts'

export const sourceKinds = [
  'server-metadata',
  'resource-metadata',
  'keycloak-realm',
  'keycloak-clients',
  'oidc-provider',
  'auth0-clients',
  'hydra-clients',
  'registered-clients',
  'authorization-request',
  'app',
] as const
export type SourceKind = (typeof sourceKinds)[number]

export interface OldServer {
  readonly at: string
  readonly grants: readonly Said<string>[]
  readonly responseTypes: readonly Said<string>[]
  readonly authMethods: readonly Said<string>[]
  readonly idTokenAlgs: readonly Said<string>[]
  /** Absent: the file says nothing. Empty: it would have to, and does not. */
  readonly challengeMethods?: Said<readonly string[]>
  readonly namesItself?: Said<boolean>
  readonly bindsTokens?: Said<boolean>
  readonly queryTokens?: Said<string>
  readonly accessSeconds?: Said<number>
}

export interface OldClient {
  readonly at: string
  readonly id: string
  readonly name?: string
  readonly kind: 'public' | 'confidential' | 'bearer-only' | 'unknown'
  /** In a browser or on somebody's machine: it can keep nothing secret. */
  readonly app?: 'spa' | 'mobile'
  readonly secret?: Said<string>
  readonly grants: readonly Said<string>[]
  readonly responseTypes: readonly Said<string>[]
  readonly redirects: readonly Said<string>[]
  readonly scopes: readonly string[]
  readonly responseMode?: Said<string>
  readonly pkce?: Said<'S256' | 'plain' | 'none'>
  readonly rotates?: Said<boolean>
  /** Whether refresh tokens end some day. */
  readonly ends?: Said<boolean>
  readonly bound?: Said<boolean>
  readonly accessSeconds?: Said<number>
  readonly authMethod?: Said<string>
  readonly idTokenAlg?: Said<string>
  readonly assertionAudience?: Said<string>
  /** Absent: nobody can tell from such a file. */
  readonly resource?: Said<string | undefined>
}

export interface OldSetup {
  readonly kind: SourceKind
  readonly server?: OldServer
  readonly clients: readonly OldClient[]
}

/** Only what is there: absent members stay absent. */
export function known<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
