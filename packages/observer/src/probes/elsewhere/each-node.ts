// ND: every address that serves the API, one by one: the ticket alone, and the proof of another key or another certificate.
// A balancer shows one of them at a time, and one that was left behind is an exception path.

import type { ApiCall } from '../../edits/plans.ts'
import { signedByOtherKey } from '../../edits/proof-edits.ts'
import { type ApiSequencePlace, isNotApplicable, type SequenceProbe } from '../../probe.ts'
import { describe, type Outcome, type Performed, skipped } from '../../run/sandwich.ts'
import { withoutWhatItNames } from './unnamed.ts'

interface NodeSeen {
  readonly verdict: 'holds' | 'violated' | 'inconclusive'
  readonly words: string
  readonly evidence: readonly string[]
}

async function atNode({ station }: ApiSequencePlace, address: string): Promise<NodeSeen> {
  const evidence: string[] = []
  const ask = async (call: ApiCall, role: string): Promise<Performed> => {
    const asked = await station.perform({ ...call, address }, `ND, ${role} at ${address}`)
    evidence.push(...asked.evidence)
    return asked
  }
  const good = await ask(await station.build(), 'a good request')
  const say = (verdict: NodeSeen['verdict'], words: string): NodeSeen => ({ verdict, words: `${address}: ${words}`, evidence })
  if (good.answered.kind !== 'accepted') return say('inconclusive', `a good request was ${describe(good.answered)}`)
  const named = await station.build()
  const plain = withoutWhatItNames(named, station.kit)
  if (isNotApplicable(plain)) return say('inconclusive', plain.notApplicable)
  const bearer = { ...plain, credentials: named.credentials.map(({ token }) => ({ scheme: 'Bearer', token })) }
  const alone = await ask(bearer, 'the ticket alone')
  if (alone.answered.kind === 'accepted') return say('violated', 'the ticket alone passes')
  const stranger = strangersCall(await station.build(), station.kit)
  const foreign = stranger && (await ask(stranger, 'somebody else’s key or certificate'))
  if (foreign?.answered.kind === 'accepted') return say('violated', 'any key or certificate will do')
  const open = [alone, ...(foreign ? [foreign] : [])].find(({ answered }) => answered.kind === 'unclear')
  return open ? say('inconclusive', describe(open.answered)) : say('holds', 'refused')
}

function strangersCall(call: ApiCall, kit: ApiSequencePlace['station']['kit']): ApiCall | undefined {
  if (call.proofs.length > 0) return signedByOtherKey(call, kit)
  return kit.certificates?.other && { ...call, tls: { ...call.tls, identity: kit.certificates.other } }
}

async function run(place: ApiSequencePlace): Promise<Outcome> {
  if (place.nodes.length === 0) return skipped('the inventory names no addresses of this API')
  const seen: NodeSeen[] = []
  for (const address of place.nodes) seen.push(await atNode(place, address))
  const worst = (['violated', 'inconclusive', 'holds'] as const).find((verdict) => seen.some((one) => one.verdict === verdict))!
  const told = seen.filter(({ verdict }) => verdict === worst).map(({ words }) => words)
  const evidence = seen.flatMap((one) => one.evidence)
  const answered = told.join('; ')
  return worst === 'inconclusive' ? { verdict: worst, reason: answered, answered, evidence } : { verdict: worst, answered, evidence }
}

export const eachNode: SequenceProbe = {
  station: 'sequence',
  id: 'ND',
  topic: 'elsewhere',
  attacks: [],
  level: 'MUST',
  cite: 'RFC9449§7.2',
  says: { ja: 'どの番地のサーバーでも、切符だけでは通らない', en: 'the ticket alone passes at none of the addresses that serve this API' },
  proves: { ja: '一覧にあるアドレスは、どれも同じように守られている', en: 'the addresses that the inventory names are guarded alike' },
  doesNotProve: { ja: 'ほかにアドレスがないか', en: 'that there are no further ones' },
  depth: 'core',
  priority: 'P0',
  owner: 'RS',
  sources: ['authorization-header', 'rs-enforcement'],
  requests: 3,
  perNode: true,
  run,
}
