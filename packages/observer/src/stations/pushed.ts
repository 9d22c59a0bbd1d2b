// The pushed authorization request as a place to probe: the push, then its use by the test account as far as the code.
import { type Answered, fingerprint } from '../baseline.ts'
import { type AuthorizationPlan, writeAuthorization } from '../clients/grant-source.ts'
import { formCall } from '../clients/prepare.ts'
import { writeFormCall } from '../edits/plans.ts'
import type { PushedCall } from '../probe.ts'
import type { Performed, Station } from '../run/sandwich.ts'
import { headerValues, type RawAnswer } from '../wire/raw-client.ts'
import type { CodeFlowParts } from './code-flow.ts'
import { readReturn } from './read-return.ts'

export function pushedStation(
  parts: CodeFlowParts,
  shared: Pick<Station<'pushed'>, 'kit' | 'nonceDemanded'>,
  plan: () => AuthorizationPlan,
): Station<'pushed'> | undefined {
  const { client, line, pushedEndpoint } = parts
  if (pushedEndpoint === undefined) return undefined
  return {
    ...shared,
    name: 'pushed',
    async build() {
      // Whoever sends the request says who it is by itself.
      const form = plan().parameters.filter(([name]) => name !== 'client_id')
      return { push: formCall(client, { url: pushedEndpoint, form, proof: true }, line), use: [['client_id', client.entry.clientId]] }
    },
    perform: (call, role) => pushAndUse(parts, call, role),
  }
}

export interface Pushed {
  readonly requestUri: string
  readonly expiresInSeconds: number
}

function readPushed({ status, body }: RawAnswer): Pushed | undefined {
  if (status !== 201) return undefined
  try {
    const json = JSON.parse(body) as Record<string, unknown>
    const { request_uri: requestUri, expires_in: expiresInSeconds } = json
    return typeof requestUri === 'string' && typeof expiresInSeconds === 'number' ? { requestUri, expiresInSeconds } : undefined
  } catch {
    return undefined
  }
}

/** The push alone: what it gave, or how it was answered instead. */
export async function push(
  { line, target }: CodeFlowParts,
  call: PushedCall,
  role: string,
): Promise<{ readonly pushed: Pushed; readonly evidence: string } | { readonly answered: Answered; readonly evidence: string }> {
  const { answer, evidence } = await line.send(target, role, writeFormCall(call.push))
  const { error, status } = fingerprint(answer)
  const nonce = headerValues(answer.headers, 'dpop-nonce')[0]
  if (error === 'use_dpop_nonce' && nonce !== undefined) return { answered: { kind: 'nonce-challenge', nonce }, evidence }
  const pushed = readPushed(answer)
  if (pushed !== undefined) return { pushed, evidence }
  const said = `${status} ${error ?? ''}`.trim()
  return { answered: status >= 400 && status < 500 ? { kind: 'refused', by: said } : { kind: 'unclear', because: said }, evidence }
}

/** What the browser opens. */
export function pushedUse(parts: CodeFlowParts, call: PushedCall, { requestUri }: Pushed) {
  return { url: parts.authorizationEndpoint, parameters: [...call.use, ['request_uri', requestUri] as const] }
}

async function pushAndUse(parts: CodeFlowParts, call: PushedCall, role: string): Promise<Performed> {
  const sent = await push(parts, call, role)
  if ('answered' in sent)
    return { answered: sent.answered, evidence: [sent.evidence], repeat: () => pushAndUse(parts, call, `${role}, again`) }
  if (call.late) await parts.wait?.(sent.pushed.expiresInSeconds + 1)
  const used = await use(parts, call, sent.pushed, `${role}, use`)
  return { ...used, evidence: [sent.evidence, ...used.evidence] }
}

/** Its repetition uses the same pushed request again. */
async function use(parts: CodeFlowParts, call: PushedCall, pushed: Pushed, role: string): Promise<Performed> {
  const plan = pushedUse(parts, call, pushed)
  const back = await parts.signIn(writeAuthorization(plan))
  return {
    answered: readReturn(back),
    evidence: [parts.line.remember(parts.target, role, plan.url)],
    repeat: () => use(parts, call, pushed, `${role}, again`),
  }
}
