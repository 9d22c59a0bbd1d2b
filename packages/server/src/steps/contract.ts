// How the authorization endpoint and the steps a person takes (sign in, consent) hand over to each other. Only types.
//
//   /authorize    checks the request, opens an Interaction bound to this browser, answers 303 to
//                 `/signin?interaction=<id>` or `/consent?interaction=<id>`
//   /signin       loadInteraction → form → password → session → noteSignIn → findNextStep → 303 to /consent, or completeAuthorization
//   /consent      loadInteraction → page → POST → completeAuthorization(context, exchange, interaction, decision)
//
// `interactions.ts` has loadInteraction, noteSignIn, findNextStep and completeAuthorization; `sessions.ts` has readSignIn.
// A Broken that one of them answers is shown on the error page.
import type {
  AcrWish,
  AuthorizationDetail,
  Broken,
  ClaimsRequest,
  ClientRecord,
  InteractionRecord,
  Issuer,
  Language,
  Prompt,
  ResponseMode,
  ResponseType,
  Seconds,
  SecretHash,
  Thumbprint,
} from '@kimei/protocol'
import type { Exchange, Handler, ServerContext } from '../context.ts'
import type { ClientAnswer } from './answer-client.ts'

/** The authorization request after every check: what `InteractionRecord.request` holds. */
export interface CheckedAuthorization {
  readonly clientId: string
  /** Exact value to answer to (for loopback: with the port of this request). */
  readonly redirectUri: string
  readonly responseType: ResponseType
  readonly responseMode: ResponseMode
  readonly state: string | null
  readonly nonce: string | null
  readonly codeChallenge: string
  readonly dpopJkt: Thumbprint | null
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  /** Absent where none are asked for. */
  readonly details?: readonly AuthorizationDetail[]
  readonly prompt: readonly Prompt[]
  readonly maxAgeSeconds: number | null
  /** The level asked for (acr). Absent where nothing is said about it. */
  readonly acr?: AcrWish
  readonly loginHint: string | null
  /** Supported languages in the order the request prefers; empty: no preference. */
  readonly uiLocales: readonly Language[]
  /** Subject that `id_token_hint`, or `sub` among the claims, named. */
  readonly hintedSubject: string | null
  /** Asked for by name (OIDC Core §5.5), as far as this client may be told. */
  readonly claims: ClaimsRequest
  /** Where the request was pushed: taken by whoever completes it. */
  readonly pushedHash?: SecretHash
}

/** Who is signed in in this browser. */
export interface SignIn {
  readonly issuer: Issuer
  readonly subject: string
  /** Public id of the session (`sid`), never the cookie. */
  readonly sessionId: string
  /** Under which storage knows it. */
  readonly sessionHash: SecretHash
  readonly authTime: Seconds
  readonly amr: readonly string[]
}

/** An open interaction that this browser owns. */
export interface Interaction {
  /** The secret id in the URL; storage has its hash. */
  readonly id: string
  readonly record: InteractionRecord
  readonly request: CheckedAuthorization
  readonly client: ClientRecord
}

export type Decision =
  | {
      readonly answer: 'allow'
      readonly signIn: SignIn
      /** What the user left ticked: a subset of the requested scopes; `undefined` allows all. */
      readonly scopes?: readonly string[]
    }
  | { readonly answer: 'deny'; readonly signIn: SignIn | undefined }
  /** The person went away from signing in. */
  | { readonly answer: 'abandon' }

/** What the person has to do next. */
export type NextStep =
  | { readonly step: 'sign-in' }
  | { readonly step: 'second-factor'; readonly signIn: SignIn }
  | { readonly step: 'consent'; readonly signIn: SignIn }
  | { readonly step: 'complete'; readonly signIn: SignIn }

/** `sessions.ts`: the live session behind this browser's cookie. */
export type ReadSignIn = (context: ServerContext, exchange: Exchange) => Promise<SignIn | undefined>

/** `interactions.ts`: broken (`authorize.interaction-is-open`) when unknown, expired, answered, or another browser's. */
export type LoadInteraction = (context: ServerContext, exchange: Exchange, id: string | undefined) => Promise<Interaction | Broken>

/**
 * `interactions.ts`: remembers that this person signed in for this very request, so that prompt=login and max_age are met.
 * Call it after every successful sign-in on an interaction. Broken when the interaction was answered meanwhile.
 */
export type NoteSignIn = (
  context: ServerContext,
  exchange: Exchange,
  interaction: Interaction,
  signIn: SignIn,
) => Promise<Interaction | Broken>

/**
 * `interactions.ts`: mints the code (or the refusal) and makes ready what the client is told; `pages/send-answer.ts` sends it.
 * Takes the interaction: a second call is broken.
 */
export type CompleteAuthorization = (
  context: ServerContext,
  exchange: Exchange,
  interaction: Interaction,
  decision: Decision,
) => Promise<ClientAnswer | Broken>

/** `interactions.ts`: decides by prompt, max_age, hint, earlier consent; the same decision before and after sign-in. */
export type FindNextStep = (
  context: ServerContext,
  exchange: Exchange,
  interaction: Interaction,
  signIn: SignIn | undefined,
) => Promise<NextStep>

/** What the pages register: path (a trailing `*` matches the rest) and method to handler. */
export interface PageRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly handle: Handler
}
export type PageRoutes = readonly PageRoute[]
