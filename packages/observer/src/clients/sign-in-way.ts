// Sign-ins at issuers that take pushed requests alone (RFC 9126 §5): the request is pushed, and the browser opens what came of it.
// Pushes as places to probe stand in `stations/pushed.ts`.
import { writeFormCall } from '../edits/plans.ts'
import type { Published } from '../metadata.ts'
import type { ObserveOptions, SignInAnswer } from '../observation.ts'
import { readJsonObject } from '../read-json.ts'
import type { Line } from '../wire/line.ts'
import type { RawAnswer } from '../wire/raw-client.ts'
import { formCall, type PreparedClient } from './prepare.ts'

type SignIn = NonNullable<ObserveOptions['signIn']>

/** How the test account of a client signs in. */
export interface SignInWay {
  readonly signIn: SignIn
  /** Whether requests of this client have to be pushed, as far as it was tried. */
  readonly pushesAlone: () => boolean
  /** A request by the browser led to a code. */
  readonly takenDirectly: () => boolean
}

interface Hands extends Pick<ObserveOptions, 'signInBy'> {
  readonly signIn: SignIn
  readonly line: Line
}

export const declaresPushesAlone = (members: Published['members']): boolean => members['require_pushed_authorization_requests'] === true

/** A sign-in may fail for other reasons once. */
const mostTries = 2

/**
 * What is published is not always so, and a client may have a rule of its own: a request by the browser is tried once, but where a person
 * would have to look at its refusal. A push names no key where that is taken: what comes out is then bound by nothing but its redemption,
 * as with a request by the browser. Where it must, it comes with a proof.
 */
export function signInWay(client: PreparedClient, members: Published['members'], { signIn, signInBy, line }: Hands): SignInWay {
  const pushUrl = members['pushed_authorization_request_endpoint']
  let way: 'direct' | 'pushed' | undefined
  if (typeof pushUrl !== 'string') way = 'direct'
  else if (signInBy === 'person') way = declaresPushesAlone(members) ? 'pushed' : 'direct'
  let taken = false
  let tries = 0
  const direct = async (url: string): Promise<SignInAnswer> => {
    const back = await signIn(url)
    taken ||= hasCode(back)
    return back
  }
  const pushed = typeof pushUrl === 'string' ? pusher(client, pushUrl, { signIn, line }) : direct
  return {
    pushesAlone: () => way === 'pushed',
    takenDirectly: () => taken,
    async signIn(url) {
      if (new URL(url).searchParams.has('request_uri')) return signIn(url)
      if (way !== undefined) return way === 'pushed' ? pushed(url) : direct(url)
      const back = await direct(url)
      if (hasCode(back)) {
        way = 'direct'
        return back
      }
      const second = await pushed(url)
      tries += 1
      if (hasCode(second)) way = 'pushed'
      // Whoever cannot be signed in either way must not be tried twice each time: accounts are locked for less.
      else if (tries === mostTries) way = declaresPushesAlone(members) ? 'pushed' : 'direct'
      return hasCode(second) ? second : back
    },
  }
}

const hasCode = (back: SignInAnswer): boolean => 'redirectedTo' in back && new URL(back.redirectedTo).searchParams.has('code')

function pusher(client: PreparedClient, pushUrl: string, { signIn, line }: Pick<Hands, 'signIn' | 'line'>): SignIn {
  let proof: boolean | undefined
  const push = async (form: readonly (readonly [string, string])[], proven: boolean): Promise<RawAnswer> => {
    const once = () => {
      const call = formCall(client, { url: pushUrl, form, proof: proven }, line)
      return line.send(client.issuer.id, `push for ${client.entry.id}`, writeFormCall(call))
    }
    const { answer } = await once()
    return readJsonObject(answer.body)?.['error'] === 'use_dpop_nonce' ? (await once()).answer : answer
  }
  const pushAsItMust = async (form: readonly (readonly [string, string])[]): Promise<RawAnswer> => {
    const answer = await push(form, proof ?? false)
    if (proof !== undefined || answer.status === 201) {
      proof ??= false
      return answer
    }
    const proven = await push(form, true)
    if (proven.status !== 201) return answer
    proof = true
    return proven
  }
  return async (authorizationUrl) => {
    const url = new URL(authorizationUrl)
    const named = url.searchParams.getAll('client_id')
    // A push says by itself who sends it: as somebody else, or as nobody, it cannot be sent.
    if (named.length !== 1 || named[0] !== client.entry.clientId) return { page: 'only pushed requests are taken here', status: 0 }
    const answer = await pushAsItMust([...url.searchParams].filter(([name]) => name !== 'client_id'))
    const requestUri = answer.status === 201 ? readJsonObject(answer.body)?.['request_uri'] : undefined
    if (typeof requestUri !== 'string') return { page: `the push was answered ${answer.status}`, status: answer.status }
    const opened = new URL(url.pathname, url.origin)
    opened.searchParams.set('client_id', client.entry.clientId)
    opened.searchParams.set('request_uri', requestUri)
    return signIn(opened.href)
  }
}
