// The pushed authorization request until its ticket: the push, its use by the test account, the redemption of the code.
// As far as the code alone it stands in `pushed.ts`.
import { type AuthorizationPlan, writeAuthorization } from '../clients/grant-source.ts'
import { formCall } from '../clients/prepare.ts'
import { writeFormCall } from '../edits/plans.ts'
import type { PushedCodeCall } from '../probe.ts'
import type { Performed, Station } from '../run/sandwich.ts'
import { type CodeFlowParts, redemptionForm } from './code-flow.ts'
import { push, pushedUse } from './pushed.ts'
import { readReturn } from './read-return.ts'
import { readTokenEndpoint } from './token-endpoint.ts'

export function pushedCodeStation(
  parts: CodeFlowParts,
  shared: Pick<Station<'pushed-code'>, 'kit' | 'nonceDemanded'>,
  plan: () => AuthorizationPlan,
): Station<'pushed-code'> | undefined {
  const { client, line, pushedEndpoint } = parts
  if (pushedEndpoint === undefined) return undefined
  return {
    ...shared,
    name: 'pushed-code',
    async build() {
      const { parameters, verifier } = plan()
      const form = parameters.filter(([name]) => name !== 'client_id')
      return {
        push: formCall(client, { url: pushedEndpoint, form, proof: true }, line),
        use: [['client_id', client.entry.clientId]],
        verifier,
        change: (call) => call,
      }
    },
    perform: (call, role) => untilTicket(parts, call, role),
  }
}

async function untilTicket(parts: CodeFlowParts, call: PushedCodeCall, role: string): Promise<Performed> {
  const { line, target } = parts
  const repeat = () => untilTicket(parts, call, `${role}, again`)
  const sent = await push(parts, call, role)
  if ('answered' in sent) return { answered: sent.answered, evidence: [sent.evidence], repeat }
  const plan = pushedUse(parts, call, sent.pushed)
  const back = await parts.signIn(writeAuthorization(plan))
  const used = [sent.evidence, line.remember(target, `${role}, use`, plan.url)]
  const code = 'page' in back ? null : new URL(back.redirectedTo).searchParams.get('code')
  if (code === null) {
    const answered = readReturn(back)
    return { answered: answered.kind === 'accepted' ? { kind: 'unclear', because: 'no code came back' } : answered, evidence: used, repeat }
  }
  const redemption = redemptionForm(parts, { ...plan, verifier: call.verifier }, code)
  const redeemed = await line.send(target, `${role}, redemption`, writeFormCall(call.change(redemption)))
  return { answered: readTokenEndpoint(redeemed.answer), evidence: [...used, redeemed.evidence], repeat }
}
