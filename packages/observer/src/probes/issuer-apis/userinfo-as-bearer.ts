// AS9: the issuer's own API. A bound ticket that opens UserInfo with its proof does not open it as a bearer ticket.
import { proofPlan, writeApiCall } from '../../edits/plans.ts'
import type { IssuerPlace, ProcedureProbe } from '../../probe.ts'
import type { Outcome } from '../../sandwich.ts'
import type { Ticket } from '../../tickets.ts'
import { sameOrigin } from '../../wire/same-origin.ts'

const sentence = 'a bound ticket does not pass as Bearer at the UserInfo endpoint of the issuer'

export const userinfoAsBearer: ProcedureProbe = {
  station: 'procedure',
  id: 'AS9',
  topic: 'issuer-apis',
  // The rule is that of every API, and B1 attacks it there: this asks whether the issuer follows it itself.
  attacks: [],
  level: 'MUST',
  cite: 'RFC9449§7.2',
  says: { ja: '発行者自身の UserInfo でも、記名式の切符は Bearer としては通らない', en: sentence },
  proves: sentence,
  doesNotProve: 'that other APIs of the issuer (registration, administration) do the same',
  depth: 'full',
  priority: 'P0',
  owner: 'AS',
  sources: ['authorization-header'],
  async run(place): Promise<Outcome> {
    const { ticket, kit } = place
    const url = kit.facts['userinfoEndpoint']
    if (url === undefined || !sameOrigin(url, kit.facts['tokenEndpoint']))
      return notHere('the issuer names no UserInfo endpoint of its own')
    if ('none' in ticket || ticket.type !== 'dpop') return notHere('there is no bound ticket to send')
    const before = await opens(place, ticket, url, 'AS9, with its proof')
    if (before.status !== 200) return { ...notHere(`the ticket does not open UserInfo (${before.status})`), evidence: before.evidence }
    const bearer = await ask(place, url, 'AS9, as Bearer', { scheme: 'Bearer', token: ticket.accessToken })
    const after = await opens(place, ticket, url, 'AS9, with its proof again')
    const evidence = [...before.evidence, ...bearer.evidence, ...after.evidence]
    if (after.status !== 200)
      return { verdict: 'inconclusive', reason: `the control after was answered ${after.status}`, answered: '', evidence }
    return { ...judge(bearer.status), evidence }
  },
}

const notHere = (reason: string): Outcome => ({ verdict: 'not-applicable', reason, answered: '', evidence: [] })

function judge(status: number): Omit<Outcome, 'evidence'> {
  if (status === 200) return { verdict: 'violated', answered: 'accepted' }
  if ([400, 401, 403].includes(status)) return { verdict: 'holds', answered: `refused (${status})` }
  return { verdict: 'inconclusive', reason: `${status} is neither acceptance nor refusal`, answered: String(status) }
}

interface Told {
  readonly status: number
  readonly evidence: readonly string[]
}

/** A nonce challenge is a step. */
async function opens(place: IssuerPlace, ticket: Ticket, url: string, role: string): Promise<Told> {
  const nonce = place.line.nonce(url)
  const first = await withProof(place, ticket, url, role)
  if (first.status !== 401 || place.line.nonce(url) === nonce) return first
  const second = await withProof(place, ticket, url, `${role}, with nonce`)
  return { ...second, evidence: [...first.evidence, ...second.evidence] }
}

function withProof({ line, ...place }: IssuerPlace, { key, accessToken }: Ticket, url: string, role: string): Promise<Told> {
  const proof = proofPlan({ key, method: 'GET', url, now: line.now(url), jti: line.random(), nonce: line.nonce(url), accessToken })
  return ask({ ...place, line }, url, role, { scheme: 'DPoP', token: accessToken }, [proof])
}

async function ask(
  { line, target }: IssuerPlace,
  url: string,
  role: string,
  credential: { readonly scheme: string; readonly token: string },
  proofs: Parameters<typeof writeApiCall>[0]['proofs'] = [],
): Promise<Told> {
  const call = { method: 'GET', url, credentials: [credential], proofs, joinProofs: false, headers: [] }
  const sent = await line.send(target, role, writeApiCall(call))
  return { status: sent.answer.status, evidence: [sent.evidence] }
}
