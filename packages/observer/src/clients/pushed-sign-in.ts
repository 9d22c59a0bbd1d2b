// Where an issuer takes pushed requests alone (RFC 9126 §5), every sign-in is pushed first, and the browser opens what came of it.
// Pushes as places to probe stand in `stations/pushed.ts`.
import { writeFormCall } from '../edits/plans.ts'
import type { Published } from '../metadata.ts'
import type { ObserveOptions, SignInAnswer } from '../observation.ts'
import { readJsonObject } from '../read-json.ts'
import type { Line } from '../wire/line.ts'
import { formCall, type PreparedClient } from './prepare.ts'

type SignIn = NonNullable<ObserveOptions['signIn']>

/** Whether every request must be pushed here, as the issuer publishes it. */
export function takesPushesAlone(members: Published['members']): boolean {
  return members['require_pushed_authorization_requests'] === true
}

/**
 * Signs in by pushed requests. A push names no key where that is taken: what comes out is then bound by nothing but its redemption,
 * as with a request by the browser. Where it must, it comes with a proof.
 */
export function pushedSignIn(client: PreparedClient, pushUrl: string, { signIn, line }: { readonly signIn: SignIn; readonly line: Line }) {
  let proof: boolean | undefined
  const push = async (form: readonly (readonly [string, string])[], proven: boolean) => {
    const once = () =>
      line.send(
        client.issuer.id,
        `push for ${client.entry.id}`,
        writeFormCall(formCall(client, { url: pushUrl, form, proof: proven }, line)),
      )
    const { answer } = await once()
    const body = readJsonObject(answer.body)
    if (body?.['error'] === 'use_dpop_nonce') return (await once()).answer
    return answer
  }
  return async (authorizationUrl: string): Promise<SignInAnswer> => {
    const url = new URL(authorizationUrl)
    const parameters = [...url.searchParams]
    if (url.searchParams.has('request_uri')) return signIn(authorizationUrl)
    const named = url.searchParams.getAll('client_id')
    // A push says by itself who sends it: as somebody else, or as nobody, it cannot be sent.
    if (named.length !== 1 || named[0] !== client.entry.clientId) return { page: 'only pushed requests are taken here', status: 0 }
    const form = parameters.filter(([name]) => name !== 'client_id')
    let answer = await push(form, proof ?? false)
    if (answer.status !== 201 && proof === undefined) {
      const proven = await push(form, true)
      if (proven.status === 201) [answer, proof] = [proven, true]
    } else if (answer.status === 201) proof ??= false
    const requestUri = answer.status === 201 ? readJsonObject(answer.body)?.['request_uri'] : undefined
    if (typeof requestUri !== 'string') return { page: `the push was answered ${answer.status}`, status: answer.status }
    const opened = new URL(url.pathname, url.origin)
    opened.searchParams.set('client_id', client.entry.clientId)
    opened.searchParams.set('request_uri', requestUri)
    return signIn(opened.href)
  }
}
