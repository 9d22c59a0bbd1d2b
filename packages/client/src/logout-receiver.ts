// The back-channel logout endpoint of a client (OpenID Connect Back-Channel Logout 1.0 §2.6, §2.8): checks what the issuer sends,
// tells the application which sign-in ended, answers.
import {
  type Awaitable,
  type Broken,
  broke,
  catalogue,
  checkLogoutToken,
  checkRepeats,
  formRules,
  isBroken,
  logoutOnceRules,
  parseForm,
  type Seconds,
  type VerifiedLogoutToken,
  wholeLaw,
} from '@kimei/protocol'
import type { HolderOptions } from './contract.ts'
import { createIssuerKeys } from './issuer-keys.ts'
import { createIssuerLink } from './issuer-link.ts'

/** Which sign-in ended: `sid` as its ID token had it, or every one of `subject`. */
export interface EndedSignIn {
  readonly subject: string | undefined
  readonly sid: string | undefined
}

/** Remembers what was received. Shared by all processes of a client, or a token passes once at each. */
export interface ReceivedLogouts {
  /** Whether this id is the first of its name until then; one atomic step. */
  claim(jti: string, until: Seconds): Awaitable<boolean>
  /** It was claimed, but the application could not end the sign-in: the issuer may try again. */
  release(jti: string): Awaitable<void>
}

export interface LogoutReceiverOptions extends Pick<HolderOptions, 'issuer' | 'clientId' | 'fetch' | 'clock' | 'discovery'> {
  /** Algorithm registered for this client's ID tokens, which signs these, too; default RS256. */
  readonly idTokenAlg?: 'RS256' | 'ES256'
  /** Ends the sign-ins of the application that this tells of. Unknown ones are no failure. */
  readonly onLogout: (ended: EndedSignIn) => Awaitable<void>
  /** Default: this process alone remembers. */
  readonly received?: ReceivedLogouts
  readonly leewaySeconds?: number
  /** For an issuer that sends logout tokens without `typ`. */
  readonly dangerouslyAcceptUntyped?: boolean
}

export interface LogoutReceiver {
  /** Answers the issuer: 200, or 400 where the token is not good. Rejects where the application failed: answer 500 then. */
  (request: Request): Promise<Response>
  /** The check alone, for frameworks with requests of their own. The token counts as received. */
  check(token: string): Promise<VerifiedLogoutToken | Broken>
}

const longest = 16_384

export function createLogoutReceiver(options: LogoutReceiverOptions): LogoutReceiver {
  const clock = options.clock ?? (() => Math.floor(Date.now() / 1000))
  const send = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const keyFor = createIssuerKeys(createIssuerLink(options), send, clock)
  const received = options.received ?? rememberHere(clock)
  const algorithms = [options.idTokenAlg ?? 'RS256'] as const

  const check: LogoutReceiver['check'] = async (token) => {
    const { issuer, clientId, leewaySeconds = 60, dangerouslyAcceptUntyped = false } = options
    const expect = { issuer, clientId, now: clock(), leewaySeconds, keyFor, algorithms, dangerouslyAcceptUntyped }
    const checked = await checkLogoutToken(token, expect, wholeLaw)
    if (isBroken(checked)) return checked
    const first = await received.claim(checked.jti, checked.expiresAt + leewaySeconds)
    return first ? checked : broke(logoutOnceRules, 'logout-token.jti-is-first-seen')
  }
  const answer = async (request: Request): Promise<Response> => {
    if (request.method !== 'POST') return new Response(null, { status: 405, headers: { ...noStore, allow: 'POST' } })
    const token = await readToken(request)
    const checked = typeof token === 'string' ? await check(token) : token
    if (isBroken(checked)) return refuse(checked)
    try {
      await options.onLogout({ subject: checked.subject, sid: checked.sid })
    } catch (fault) {
      await received.release(checked.jti)
      throw fault
    }
    return new Response(null, { status: 200, headers: noStore })
  }
  return Object.assign(answer, { check })
}

const noStore = { 'cache-control': 'no-store' }

async function readToken(request: Request): Promise<string | Broken> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  const malformed = broke(formRules, 'form.is-well-formed')
  if (type !== 'application/x-www-form-urlencoded' || Number(request.headers.get('content-length') ?? 0) > longest) return malformed
  const text = await request.text()
  if (text.length > longest) return malformed
  const form = parseForm(text)
  if (isBroken(form)) return form
  return checkRepeats(form, wholeLaw) ?? form.get('logout_token') ?? malformed
}

function refuse({ broken }: Broken): Response {
  const body = { error: 'invalid_request', error_description: catalogue.get(broken)?.says ?? broken }
  return new Response(JSON.stringify(body), { status: 400, headers: { ...noStore, 'content-type': 'application/json' } })
}

const mostRemembered = 100_000

/** Never forgets one that may still pass: when it is full, nothing new is taken. */
function rememberHere(clock: () => Seconds): ReceivedLogouts {
  const known = new Map<string, Seconds>()
  return {
    claim(jti, until) {
      const now = clock()
      if (known.size >= mostRemembered) for (const [id, end] of known) if (end < now) known.delete(id)
      if (known.size >= mostRemembered || (known.get(jti) ?? Number.NEGATIVE_INFINITY) >= now) return false
      known.set(jti, until)
      return true
    },
    release: (jti) => void known.delete(jti),
  }
}
