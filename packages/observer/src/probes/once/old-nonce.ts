// N3, second part: a nonce of some minutes ago.
import { withClaims, withProof } from '../../edits/plans.ts'
import type { ApiSequencePlace, SequenceProbe } from '../../probe.ts'
import { describe, type Outcome, skipped } from '../../run/sandwich.ts'

const oldSeconds = 300

async function run({ station, waitFor }: ApiSequencePlace): Promise<Outcome> {
  if (!station.kit.nonceDemanded) return skipped('no nonce is demanded here')
  const wait = waitFor(oldSeconds)
  if (wait === undefined) return skipped(`nobody waits ${oldSeconds} seconds for a nonce to grow old`)
  const nonce = (await station.build()).proofs[0]?.claims['nonce']
  if (nonce === undefined) return skipped('there is no nonce yet')
  await wait()
  const call = withProof(await station.build(), (proof) => withClaims(proof, { nonce }))
  const { answered: met, evidence } = await station.perform(call, `N3, a nonce of ${oldSeconds} s ago`)
  const answered = describe(met)
  if (met.kind === 'unclear') return { verdict: 'inconclusive', reason: answered, answered, evidence }
  return { verdict: met.kind === 'accepted' ? 'violated' : 'holds', answered, evidence }
}

export const oldNonce: SequenceProbe = {
  station: 'sequence',
  id: 'N3-old',
  topic: 'once',
  attacks: ['dpop.nonce-is-current'],
  level: 'MUST',
  cite: 'RFC9449§8',
  says: { ja: '5 分前の nonce では通らない', en: 'a nonce of five minutes ago does not pass' },
  proves: { ja: 'nonce に期限がある', en: 'nonces come to an end' },
  doesNotProve: { ja: '正確にいつか', en: 'when exactly' },
  depth: 'full',
  priority: 'P2',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  requests: 2,
  run,
}
