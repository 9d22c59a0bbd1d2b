// Places that need a signed-in test account: the authorization request, the redemption of its code, the refresh, the revocation.
// Each working exchange begins with a sign-in of its own, so that a spoilt one spoils nothing else.
import { fingerprint } from '../baseline.ts'
import { type AuthorizationPlan, authorizationRequest, writeAuthorization } from '../clients/grant-source.ts'
import { kitCertificates } from '../clients/kit-certificates.ts'
import { formCall, type PreparedClient } from '../clients/prepare.ts'
import type { SignInWay } from '../clients/sign-in-way.ts'
import { readTokenAnswer, type TicketWish } from '../clients/tickets.ts'
import { type FormCall, writeFormCall } from '../edits/plans.ts'
import { getsNoRefreshToken } from '../judgement/grant-table.ts'
import type { ObserveOptions } from '../observation.ts'
import type { EditKit, RedemptionCall } from '../probe.ts'
import type { Performed, Station } from '../run/sandwich.ts'
import type { Line } from '../wire/line.ts'
import type { RawRequest } from '../wire/raw-client.ts'
import { pushedStation } from './pushed.ts'
import { pushedCodeStation } from './pushed-code.ts'
import { readReturn } from './read-return.ts'
import { signOutStation } from './sign-out.ts'
import { signedRequestStation } from './signed-request.ts'
import { readTokenEndpoint, StationClosed } from './token-endpoint.ts'

export interface CodeFlowParts extends SignInWay {
  readonly client: PreparedClient
  readonly line: Line
  readonly target: string
  readonly wish: Omit<TicketWish, 'proof'>
  readonly authorizationEndpoint: string
  readonly revocationEndpoint: string | undefined
  readonly pushedEndpoint: string | undefined
  readonly endSessionEndpoint: string | undefined
  /** The issuer says that it takes request objects. */
  readonly requestObjects: boolean
  readonly redirectUri: string
  readonly wait: ObserveOptions['wait']
  readonly facts: EditKit['facts']
}

export interface CodeFlow {
  readonly authorization: Station<'authorization'>
  readonly redemption: Station<'redemption'>
  readonly refresh: Station<'refresh'>
  readonly revocation: Station<'revocation'> | undefined
  readonly pushed: Station<'pushed'> | undefined
  readonly pushedCode: Station<'pushed-code'> | undefined
  readonly signOut: Station<'sign-out'> | undefined
  readonly signedRequest: Station<'signed-request'> | undefined
}

export function codeFlow(parts: CodeFlowParts): CodeFlow {
  const { client, line, target } = parts
  const endpoint = client.issuer.tokenEndpoint
  const demanded = { nonce: false }
  const plan = () =>
    authorizationRequest({
      endpoint: parts.authorizationEndpoint,
      clientId: client.entry.clientId,
      redirectUri: parts.redirectUri,
      wish: parts.wish,
    })
  const post = async (request: RawRequest, role: string): Promise<Performed> => {
    const sent = await line.send(target, role, request)
    return { answered: readTokenEndpoint(sent.answer), evidence: [sent.evidence], repeat: () => post(request, `${role}, again`) }
  }
  const kit = kitOf(parts, demanded)
  const shared = {
    kit,
    nonceDemanded() {
      demanded.nonce = true
    },
  }

  const redeem = async (call: RedemptionCall, role: string): Promise<Performed> => {
    const code = call.code ?? (await kit.freshCode(call.authorization))
    if (code === undefined) {
      const again = () => redeem(call, role)
      return { answered: { kind: 'refused', by: 'no code was given' }, evidence: [], repeat: again }
    }
    return post(writeFormCall(call.change(redemptionForm(parts, call.authorization, code))), role)
  }

  const refreshToken = () => freshRefreshToken(parts, plan(), kit)

  return {
    authorization: {
      ...shared,
      name: 'authorization',
      build: async () => plan(),
      perform: (wanted, role) => authorize(parts, wanted, role),
    },
    redemption: { ...shared, name: 'redemption', build: async () => ({ authorization: plan(), change: (call) => call }), perform: redeem },
    refresh: {
      ...shared,
      name: 'refresh',
      async build() {
        const token = await refreshToken()
        return formCall(client, { url: endpoint, form: refreshForm(token), proof: true }, line)
      },
      perform: (call, role) => post(writeFormCall(call), role),
    },
    revocation: revocationStation(parts, shared, refreshToken),
    pushed: pushedStation(parts, shared, plan),
    pushedCode: pushedCodeStation(parts, shared, plan),
    signOut: signOutStation(parts, shared),
    signedRequest: signedRequestStation(parts, shared, plan),
  }
}

/** A refresh token of a fresh sign-in. A nonce challenge on the way is a step. */
async function freshRefreshToken(parts: CodeFlowParts, authorization: AuthorizationPlan, kit: EditKit): Promise<string> {
  const { line, target } = parts
  const code = await kit.freshCode(authorization)
  if (code === undefined) throw new StationClosed('the test account could not be signed in')
  const once = async () =>
    readTokenAnswer((await line.send(target, 'redemption', writeFormCall(redemptionForm(parts, authorization, code)))).answer)
  const issued = (await once()) ?? (await once())
  if (issued?.refreshToken === undefined) throw new StationClosed(getsNoRefreshToken, { nothing: true })
  return issued.refreshToken
}

export const refreshForm = (token: string) =>
  [
    ['grant_type', 'refresh_token'],
    ['refresh_token', token],
  ] as const

export function redemptionForm({ client, line, redirectUri }: CodeFlowParts, { verifier }: AuthorizationPlan, code: string): FormCall {
  const form = [
    ['grant_type', 'authorization_code'],
    ['code', code],
    ['redirect_uri', redirectUri],
    ['code_verifier', verifier],
  ] as const
  return formCall(client, { url: client.issuer.tokenEndpoint, form, proof: true }, line)
}

/** Accepted: the browser came back with a code. */
async function authorize(parts: CodeFlowParts, plan: AuthorizationPlan, role: string): Promise<Performed> {
  const back = await parts.signIn(writeAuthorization(plan))
  return {
    answered: readReturn(back),
    evidence: [parts.line.remember(parts.target, role, plan.url)],
    repeat: () => authorize(parts, plan, role),
  }
}

function revocationStation(
  parts: CodeFlowParts,
  shared: Pick<Station<'revocation'>, 'kit' | 'nonceDemanded'>,
  refreshToken: () => Promise<string>,
): Station<'revocation'> | undefined {
  const { client, line, target, revocationEndpoint } = parts
  if (revocationEndpoint === undefined) return undefined
  const perform = async (call: FormCall, role: string): Promise<Performed> => {
    const sent = await line.send(target, role, writeFormCall(call))
    const repeat = () => perform(call, `${role}, again`)
    const { error } = fingerprint(sent.answer)
    if (sent.answer.status !== 200)
      return { answered: { kind: 'refused', by: `${sent.answer.status} ${error ?? ''}`.trim() }, evidence: [sent.evidence], repeat }
    // 200 also means "unknown token": only the token itself tells whether it is gone (RFC 7009 §2.2).
    const token = call.form.find(([name]) => name === 'token')![1]
    const use = await line.send(
      target,
      `${role}, use`,
      writeFormCall(formCall(client, { url: client.issuer.tokenEndpoint, form: refreshForm(token), proof: true }, line)),
    )
    const gone = readTokenAnswer(use.answer) === undefined
    return {
      answered: gone ? { kind: 'accepted' } : { kind: 'refused', by: '200, but the token still works' },
      evidence: [sent.evidence, use.evidence],
      repeat,
    }
  }
  return {
    ...shared,
    name: 'revocation',
    // With a proof: some issuers revoke what is bound to a key only for whoever shows it.
    build: async () => formCall(client, { url: revocationEndpoint, form: [['token', await refreshToken()]], proof: true }, line),
    perform,
  }
}

function kitOf(parts: CodeFlowParts, demanded: { readonly nonce: boolean }): EditKit {
  const { client, line, target } = parts
  return {
    key: client.key,
    otherKey: client.otherKey,
    certificates: kitCertificates(client, parts.line, parts.target),
    random: line.random,
    now: () => line.now(client.issuer.tokenEndpoint),
    clockInDoubt: () => line.clockInDoubt(client.issuer.tokenEndpoint),
    get nonceDemanded() {
      return demanded.nonce
    },
    unboundToken: async () => undefined,
    otherTicket: async () => undefined,
    forge: undefined,
    revokedTicket: async () => undefined,
    send: async (role, call) => (await line.send(target, role, writeFormCall(call))).answer,
    wait: parts.wait,
    async freshCode(authorization) {
      const back = await parts.signIn(writeAuthorization(authorization))
      return 'page' in back ? undefined : (new URL(back.redirectedTo).searchParams.get('code') ?? undefined)
    },
    facts: parts.facts,
  }
}
