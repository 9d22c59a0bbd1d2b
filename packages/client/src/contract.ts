// The shapes that the holder's parts and its users share: keys, tickets, sessions, and what a device lends.
// No behaviour; each part implements its own shape in its own file.
import type { Awaitable, ProofKey, Random, Seconds, SignatureAlg, Thumbprint } from '@kimei/protocol'

export type { Awaitable, ProofKey, Random }
/** Answers whole seconds since 1970. */
export type Clock = () => Seconds
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Algorithms a holder makes its own keys for. */
export type HolderAlgorithm = Exclude<SignatureAlg, 'RS256'>

/** A proof key with its name, as a key store answers it. */
export interface HolderKey extends ProofKey {
  /** RFC 7638 thumbprint: the name on every ticket bound to this key. */
  readonly jkt: Thumbprint
  /** Where the private half rests. Only `file` can be copied, by whoever can read the owner's files. */
  readonly home: 'browser' | 'memory' | 'file'
  /** The platform's handle, never extractable, so that an application can show that exporting it fails. */
  readonly privateKey: CryptoKey
}

/** Whose key it is. Each issuer and client gets its own (FAPI 2.0 SP §6, injection of stolen tokens). */
export interface KeyOwner {
  readonly issuer: string
  readonly clientId: string
}

export interface KeyStore {
  /** `lasting` survives a restart or reload, `this-process` does not. */
  readonly durability: 'lasting' | 'this-process'
  /** The owner's key, made on first use. Two callers at once get the same key. */
  keyFor(owner: KeyOwner): Promise<HolderKey>
  /** Destroys the owner's key. Every ticket bound to it becomes waste paper. */
  forget(owner: KeyOwner): Promise<void>
}

/** Small JSON values by name: saved sessions and sign-ins under way. */
export interface Shelf {
  read(slot: string): Promise<unknown>
  write(slot: string, value: unknown): Promise<void>
  /** Reads and removes in one atomic step: of two takers one gets the value, the other `undefined`. */
  take(slot: string): Promise<unknown>
  remove(slot: string): Promise<void>
}

/** Runs one piece of work at a time by name, across everything that shares the device: tabs or processes. */
export type Lock = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** What the platform lends a holder. `openDevice` answers the one for this platform. */
export interface Device {
  readonly keys: KeyStore
  readonly shelf: Shelf
  readonly lock: Lock
}

export interface DeviceOptions {
  /** Node: folder for keys and sessions, made 0700. Without it everything lives in memory. */
  readonly folder?: string
  /** Browser: name of the IndexedDB database; default `kimei`. */
  readonly database?: string
  /** Browser: what to do where IndexedDB is missing or locked down; default `refuse`. */
  readonly withoutStorage?: 'refuse' | 'keep-in-memory'
  readonly algorithm?: HolderAlgorithm
}

/** The newest nonce each origin gave (RFC 9449 §8.2). */
export interface NonceJar {
  get(origin: string): string | undefined
  /** Learns from any response, 200 included. Answers whether the nonce is new. */
  learn(origin: string, response: Response): boolean
}

/** Each origin's idea of the time, learned from `Date`. */
export interface OriginClock {
  /** The time as that origin sees it, as far as known. */
  now(origin: string): Seconds
  /** Own time, for taking `sentAt`. */
  local(): Seconds
  /** Learns from a response whose request was sent at `sentAt`. Answers whether the correction moved. */
  learn(origin: string, response: Response, sentAt: Seconds): boolean
}

export interface DpopFetchOptions {
  readonly key: ProofKey
  readonly fetch?: Fetch
  readonly clock?: Clock
  readonly random?: Random
  /** Share one jar, and one clock, among everything that talks to the same servers. */
  readonly nonces?: NonceJar
  readonly times?: OriginClock
  /** One-shot bodies (streams) are buffered up to here so that a challenge can be answered; default 1 MiB, 0 refuses them. */
  readonly bufferBodyBytes?: number
}

export interface DpopRequestInit extends RequestInit {
  /** The access token: its `Authorization` and its proof's `ath` are made from this one value. Absent at a token endpoint. */
  readonly token?: string
  /** `surface` leaves a nonce challenge to the caller, who must then build the whole request anew. */
  readonly onChallenge?: 'retry' | 'surface'
}

/** `fetch` that proves possession of the key on every request. */
export type DpopFetch = (input: string | URL | Request, init?: DpopRequestInit) => Promise<Response>

/** A certificate as it is at one moment: its name, and connections that show it. */
export interface CertificateInUse {
  /** base64url SHA-256 of its DER (RFC 8705 §3.1): the name on every ticket bound to it. */
  readonly x5t: Thumbprint
  readonly notAfter: Seconds
  /** https only. */
  readonly fetch: Fetch
}

/** What a holder shows on TLS connections. `openCertificate` of `@kimei/client/node` makes one. */
export interface HolderCertificate {
  /** The one that counts now; ask once for each piece of work. Throws `holder.certificate-is-usable` when it has expired. */
  current(): CertificateInUse
  /** Connections that trust the same authorities and show nothing. */
  readonly plainFetch: Fetch
}

/** What a ticket is named after, at one moment. At least one of them. */
export interface Naming {
  readonly key?: HolderKey
  readonly certificate?: CertificateInUse
}

/** How a client proves who it is. */
export type ClientAuthentication =
  | { readonly method: 'none' }
  /** By the certificate of the connection (RFC 8705 §2): nothing is sent but the client_id. */
  | { readonly method: 'tls_client_auth' | 'self_signed_tls_client_auth' }
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: string }
  | { readonly method: 'private_key_jwt'; readonly key: ProofKey; readonly kid: string }

/** A named ticket as it may be shown. The token itself stays inside. */
export interface Ticket {
  readonly issuer: string
  readonly clientId: string
  /** The key the ticket is named after, where it is. */
  readonly jkt: Thumbprint | undefined
  /** The certificate the ticket is named after, where it is. */
  readonly x5t: Thumbprint | undefined
  readonly scopes: readonly string[]
  readonly issuedAt: Seconds
  readonly expiresAt: Seconds | undefined
  /** `sub` of the ID token, where one came with it. */
  readonly subject: string | undefined
  readonly renewable: boolean
}

export interface HolderOptions {
  /** Compared code point by code point with everything that comes back. */
  readonly issuer: string
  readonly clientId: string
  /** Default `none`. */
  readonly authentication?: ClientAuthentication
  readonly scopes?: readonly string[]
  /** Resource indicators (RFC 8707). */
  readonly resources?: readonly string[]
  /** Default: what `openDevice()` answers on this platform. */
  readonly device?: Device
  /** Not beside `certificate`, which brings its own. */
  readonly fetch?: Fetch
  /** Node: shown at the issuer's endpoints for clients with certificates, and at APIs. */
  readonly certificate?: HolderCertificate
  /** What tickets are to be named after; default `certificate` where there is one, else `key`. */
  readonly binding?: 'key' | 'certificate' | 'both'
  readonly clock?: Clock
  readonly random?: Random
  readonly nonces?: NonceJar
  /** Where metadata is found; default `oidc`. */
  readonly discovery?: 'oidc' | 'oauth2'
}

export interface SessionOptions extends HolderOptions {
  readonly redirectUri: string
  /** Algorithm registered for this client's ID tokens; default RS256 (OIDC Core §3.1.3.7-7). */
  readonly idTokenAlg?: string
  /** How often one and the same demand of an API for a better sign-in is followed; default 2. */
  readonly stepUpTries?: number
  /** Each purpose with the UserInfo claims it needs. Claims without a purpose are not kept. */
  readonly purposes?: Readonly<Record<string, readonly string[]>>
  /** `pushed`: the browser carries only a reference (RFC 9126). Default `direct`, unless the issuer demands pushing. */
  readonly requests?: 'direct' | 'pushed'
  /** `signed`: the answer must be a JWT of the issuer (JARM). Default `plain`. */
  readonly responses?: 'plain' | 'signed'
  /** Algorithm registered for signed answers; default RS256. */
  readonly responseAlg?: string
}

/** One thing that is asked for in detail (RFC 9396 §2). */
export interface AuthorizationDetail {
  readonly type: string
  readonly [member: string]: unknown
}

export interface SignInOptions {
  /** A loopback redirect with the port that was bound for it. */
  readonly redirectUri?: string
  readonly prompt?: string
  readonly loginHint?: string
  readonly uiLocales?: string
  readonly maxAgeSeconds?: number
  /** Authentication levels (acr), best first. */
  readonly acrValues?: readonly string[]
  /** Always pushed, so that nobody alters them on the way (RFC 9396 §12). */
  readonly authorizationDetails?: readonly AuthorizationDetail[]
}

export interface EndSessionOptions {
  /** Registered by this client; without it the issuer's own page is the end. */
  readonly postLogoutRedirectUri?: string
  /** Comes back to that address as it was given. */
  readonly state?: string
  readonly uiLocales?: string
}

/** What an API asks of the sign-in behind a ticket (RFC 9470 §3). */
export interface StepUp {
  /** Levels of which one is enough, as the API prefers them. */
  readonly acrValues?: readonly string[]
  /** How old the sign-in may be. */
  readonly maxAgeSeconds?: number
}

/** UserInfo, reduced to what was declared; each claim linked to the purposes it serves. */
export interface Profile {
  readonly issuer: string
  readonly subject: string
  readonly claims: Readonly<Record<string, { readonly value: unknown; readonly purposes: readonly string[] }>>
}

/** Anything that holds named tickets and spends them. */
export interface TicketHolder {
  /** The current ticket, renewed or fetched when needed; `undefined` when signed out. */
  ticket(): Promise<Ticket | undefined>
  /** Calls an API with the current ticket and a fresh proof; renews once when the API says the ticket is no longer good. */
  readonly fetch: Fetch
  /** The key of this holder; tickets are named after it unless they are bound to a certificate alone. */
  key(): Promise<HolderKey>
  /** The bare token, for demonstrations of theft. Whoever gets it can do nothing with it at an API that enforces. */
  dangerouslyRevealAccessToken(): Promise<string | undefined>
}

export interface Session extends TicketHolder {
  /** Begins a sign-in: remembers it on this device and answers the URL to send the browser to. */
  begin(options?: SignInOptions): Promise<{ readonly url: string; readonly state: string }>
  /** Ends it with the callback URL: checks state and issuer, exchanges the code, stores the ticket. */
  complete(callback: string | URL): Promise<Ticket>
  /**
   * Where an API refused a call because the sign-in is too weak or too old, begins the sign-in it asks for; `undefined` where
   * it refused for another reason. Throws `holder.step-ups-end` when the same was asked for in vain too often.
   */
  stepUp(response: Response, options?: SignInOptions): Promise<{ readonly url: string; readonly state: string } | undefined>
  /** Renews the ticket now; tabs and processes that ask together share one renewal. */
  renew(): Promise<Ticket>
  profile(): Promise<Profile>
  /**
   * Where to send the browser so that the issuer ends its own sign-in, too; `undefined` where it has no such page.
   * To be asked for before `signOut`, which forgets what names the sign-in.
   */
  endSessionUrl(options?: EndSessionOptions): Promise<string | undefined>
  /** Revokes, forgets the tickets and destroys the key. `revoked` is false where the issuer could not be told. */
  signOut(): Promise<{ readonly revoked: boolean }>
}
