// What a probe is: one edit of a working exchange, the rules it attacks, and what its answer proves.
// How it is run stands in `run/sandwich.ts`; the probes themselves in `probes/`.
import type { Level, RuleId, Text } from '@kimei/protocol'
import type { AuthorizationPlan } from './clients/grant-source.ts'
import type { NoTicket, Ticket, TicketOffice } from './clients/tickets.ts'
import type { HeldKey, JwsPlan } from './edits/keys.ts'
import type { ApiCall, FormCall } from './edits/plans.ts'
import type { AcceptanceWindow } from './freshness.ts'
import type { ForgeAccessToken, Owner, Priority, Source } from './observation.ts'
import type { Outcome, Station } from './run/sandwich.ts'
import type { HeldCertificate } from './tls/client-certificate.ts'
import type { TlsSeen } from './tls/tls-mode.ts'
import type { Line, Sent } from './wire/line.ts'
import type { RawAnswer } from './wire/raw-client.ts'

/** The working exchanges that a probe may edit. */
export interface Stations {
  /** A call of an API with a ticket of a test client. */
  api: ApiCall
  /** A client-credentials request at the token endpoint. */
  'token-request': FormCall
  /** A refresh at the token endpoint. */
  refresh: FormCall
  /** The redemption of a fresh authorization code. */
  redemption: RedemptionCall
  /** An authorization request, as far as the code. */
  authorization: AuthorizationPlan
  /** A pushed authorization request, and its use as far as the code. */
  pushed: PushedCall
  /** The same, and the redemption of the code that came out. */
  'pushed-code': PushedCodeCall
  /** A signed authorization request, as far as the code. */
  'signed-request': SignedRequestCall
  /** A revocation of the client's own refresh token. */
  revocation: FormCall
  /** A client asks that its person signs out, in a browser where nobody is signed in. */
  'sign-out': SignOutCall
  /** The server of an API asks about one of its own tickets. */
  introspection: FormCall
  /** A device asks for its codes, and polls while nobody has decided. */
  device: DeviceCall
  /** A person is asked on a device of their own. */
  backchannel: BackchannelCall
  /** A ticket of the client's own is traded for one for another API. */
  exchange: FormCall
  /** An assertion of another issuer is traded for a ticket. */
  vouched: VouchedCall
}
export type StationName = keyof Stations

export interface DeviceCall {
  readonly ask: FormCall
  /** Applied to the poll. */
  readonly change: (poll: FormCall) => FormCall
  /** Waits before the poll until the code has expired. */
  readonly late?: true
  /** Polls twice at once; the second poll is judged. */
  readonly hurried?: true
  /** Has the device allowed and collects, where nobody refuses before: only the ticket itself tells then. */
  readonly collect?: true
}

/** A client asks that somebody is asked on a device of their own (CIBA), and polls. */
export interface BackchannelCall {
  readonly ask: FormCall
  /** Applied to the poll. */
  readonly change: (poll: FormCall) => FormCall
  readonly collect?: true
}

export interface VouchedCall {
  readonly call: FormCall
  readonly assertion: JwsPlan
}

export interface RedemptionCall {
  readonly authorization: AuthorizationPlan
  /** The code, where the test account has already signed in for it. */
  readonly code?: string
  /** Applied to the token request that redeems the code. */
  readonly change: (call: FormCall) => FormCall
}

export interface PushedCall {
  readonly push: FormCall
  /** Waits between push and use until the request has expired. */
  readonly late?: true
  /** Replaces parameters of the use: `client_id`, or what stands beside `request_uri`. */
  readonly use: readonly (readonly [name: string, value: string])[]
}

export interface PushedCodeCall extends PushedCall {
  /** Of the challenge in the push. */
  readonly verifier: string
  /** Applied to the token request that redeems the code. */
  readonly change: (call: FormCall) => FormCall
}

export interface SignedRequestCall {
  readonly object: JwsPlan
  /** What stands beside `request`. */
  readonly beside: readonly (readonly [name: string, value: string])[]
}

/** A request to the end-session endpoint, by the browser. */
export interface SignOutCall {
  readonly url: string
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

/** What an edit may use beside the plan. */
export interface EditKit {
  /** The key the ticket is bound to. */
  readonly key: HeldKey
  /** A second key that the ticket is not bound to. */
  readonly otherKey: HeldKey
  readonly random: () => string
  readonly now: () => number
  /** Whether the other side may live in another time than its `Date` says. */
  readonly clockInDoubt?: () => boolean
  /** Certificates of the test client, where it has one. */
  readonly certificates?: KitCertificates | undefined
  /** Whether a nonce was demanded at this place. */
  readonly nonceDemanded: boolean
  /** An access token of the same client that is bound to nothing, if one can be had. */
  readonly unboundToken: () => Promise<string | undefined>
  /** A ticket of another issuer of the inventory, which this API does not trust. */
  readonly foreignTicket?: (() => Promise<Ticket | undefined>) | undefined
  /** Whether a nonce was ever offered here, demanded or not. */
  readonly nonceOffered?: () => boolean
  /** A bound ticket of the same client for another wish, if the issuer gives one. */
  readonly otherTicket: (wish: { readonly scope?: string; readonly resource?: string }) => Promise<Ticket | undefined>
  /** Makes access tokens that no issuer would; only owners of the issuer's keys can. */
  readonly forge: ForgeAccessToken | undefined
  /** A ticket of the same client that was revoked just now. */
  readonly revokedTicket: () => Promise<Ticket | undefined>
  /** Sends something else before the edited request; its answer matters only to the edit. */
  readonly send: (role: string, call: FormCall) => Promise<RawAnswer>
  /** A nonce that the issuer gives just now at its token endpoint, where that is another origin. */
  readonly issuerNonce?: () => Promise<string | undefined>
  /** Lets time pass; `undefined` where nobody waits. */
  readonly wait: ((seconds: number) => Promise<void>) | undefined
  /** Signs the test account in; `undefined` where nobody does or it did not work. */
  readonly freshCode: (authorization: AuthorizationPlan) => Promise<string | undefined>
  /** Facts about this place that some edits need: client id, issuer, redirect URI, another API. */
  readonly facts: Readonly<Record<string, string | undefined>>
}

export interface KitCertificates {
  /** The one its tickets name, or that it authenticates by. */
  readonly own: HeldCertificate
  /** Of another test client, from the same authority. */
  readonly other?: HeldCertificate | undefined
  /** The same names, made on the spot: nobody but itself certifies it. */
  readonly imitation: () => HeldCertificate
  /** A TLS session made there with our certificate. */
  readonly sessionAt: (url: string) => Promise<Buffer | undefined>
}

/** The probe has nothing to attack here, and says why. */
export interface NotApplicable {
  readonly notApplicable: string
}

export interface ProbeHead {
  readonly id: string
  readonly topic: string
  /** Rules whose absence this probe must see. */
  readonly attacks: readonly RuleId[]
  readonly level: Level
  readonly cite: string
  /** The control, one sentence. */
  readonly says: Text
  readonly proves: Text
  readonly doesNotProve: Text
  /** `core` probes always run; `full` ones when asked for. */
  readonly depth: 'core' | 'full'
  /** Of the finding, when violated. */
  readonly priority: Exclude<Priority, 'none'>
  readonly owner: Owner
  /** Only for tickets that name this. Left out: for any. */
  readonly binds?: 'key' | 'certificate'
  readonly sources: readonly Source[]
  /** Id of the other credential that it sends. */
  readonly credential?: string
  /** When this one is violated, everything after it is moot. */
  readonly decisive?: true
}

export interface EditProbe<S extends StationName = StationName> extends ProbeHead {
  readonly station: S
  readonly edit: (plan: Stations[S], kit: EditKit) => Stations[S] | NotApplicable | Promise<Stations[S] | NotApplicable>
  /** `twice`: the edited request must be accepted once; the identical second one is judged. A number: all after the first are. */
  readonly sends?: 'once' | 'twice' | number
  /** With `twice`: puts what must not be used again into a new right request, instead of repeating the bytes. */
  readonly carry?: (first: Stations[S], fresh: Stations[S]) => Stations[S]
  /** Asked only where the edit was accepted, to tell why; it decides nothing. */
  readonly besides?: { readonly words: string; readonly change: (plan: Stations[S], kit: EditKit) => Stations[S] }
  /** A nonce challenge is what the probe asks about, not a step. */
  readonly judgesNonceChallenge?: true
  /** Whether a ticket comes out that is bound to nothing: one that is bound all the same is no violation. */
  readonly asksForUnbound?: true
  /** The edit is another right way to ask: refusing it is what would be wrong. */
  readonly passes?: true
  /** It asks at another place, where there may be nothing at all: an answer that says neither yes nor no is then no question left open. */
  readonly elsewhere?: true
  /** It asks how much is taken: a request that is called too large (413, 414, 431) is refused. */
  readonly asksSize?: true
  /** Why an accepted mutation is no violation here. */
  readonly excused?: (kit: EditKit) => string | undefined
}

/** One test client at its issuer. */
export interface IssuerPlace {
  readonly office: TicketOffice
  readonly line: Line
  /** Whose budget pays. */
  readonly target: string
  /** What the client was issued when it asked with a proof. */
  readonly ticket: Ticket | NoTicket
  readonly kit: EditKit
}

/** Asks in its own sequence at an issuer, where one edit is not enough. */
export interface ProcedureProbe extends ProbeHead {
  readonly station: 'procedure'
  readonly run: (place: IssuerPlace) => Promise<Outcome>
}

/** One API and one client whose ticket works there. */
export interface ApiSequencePlace {
  readonly station: Station<'api'>
  /** Sends a call, whatever it is answered. */
  readonly send: (role: string, call: ApiCall) => Promise<Sent>
  /** A working ticket of somebody else at this API, or of the same client for another key. */
  readonly otherHolder: () => Promise<Ticket | undefined>
  /** Addresses that serve the same URL. */
  readonly nodes: readonly string[]
  /** What the place has measured so far; sequences write it down for those after them. */
  readonly measured: { window?: AcceptanceWindow }
  /** Lets that much time pass; `undefined` where nobody waits so long. */
  readonly waitFor: (seconds: number) => (() => Promise<void>) | undefined
  /** Seconds for which the ticket in use still lives. */
  readonly ticketLife: () => Promise<number>
}

/** Asks in its own sequence at an API, where one edit is not enough. It stands between two good requests as well. */
export interface SequenceProbe extends ProbeHead {
  readonly station: 'sequence'
  /** At most, without the two good ones. */
  readonly requests: number
  /** So many at each address of the API. */
  readonly perNode?: true
  readonly run: (place: ApiSequencePlace) => Promise<Outcome>
}

/** Reads what one place's handshakes showed. */
export interface HandshakeProbe extends ProbeHead {
  readonly station: 'handshake'
  readonly read: (seen: TlsSeen) => Outcome
}

/** A probe of any station, for lists. */
export type AnyProbe = { [S in StationName]: EditProbe<S> }[StationName] | ProcedureProbe | SequenceProbe | HandshakeProbe

/** Whether a probe asks about tickets that name what this one names. */
export function fits({ binds }: ProbeHead, named: { readonly key: boolean; readonly certificate: boolean }): boolean {
  return binds === undefined || named[binds]
}

export function isNotApplicable(value: object): value is NotApplicable {
  return 'notApplicable' in value
}

/** A probe as code that the compiler checks against its station. */
export function probeAt<S extends StationName>(station: S, probe: Omit<EditProbe<S>, 'station'>): EditProbe<S> {
  return { ...probe, station }
}
