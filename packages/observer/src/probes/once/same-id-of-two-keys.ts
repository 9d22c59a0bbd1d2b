// R6: two holders whose proofs happen to bear the same jti. Refusing the second lets anybody shut others out.
import { withClaims, withProof } from '../../edits/plans.ts'
import { withToken } from '../../edits/token-edits.ts'
import type { ApiSequencePlace, SequenceProbe } from '../../probe.ts'
import { describe, type Outcome, type Performed, skipped } from '../../run/sandwich.ts'

async function run({ station, otherHolder }: ApiSequencePlace): Promise<Outcome> {
  const other = await otherHolder()
  if (other === undefined) return skipped('no ticket of another key can be had here')
  const jti = station.kit.random()
  const ask = async (whose: 'own' | 'other', id: string | undefined, role: string): Promise<Performed> => {
    const good = await station.build()
    const call = whose === 'own' ? good : withToken(good, other.accessToken, other.key)
    return station.perform(id === undefined ? call : withProof(call, (proof) => withClaims(proof, { jti: id })), `R6, ${role}`)
  }
  const alone = await ask('other', undefined, 'the other holder')
  const first = await ask('own', jti, 'the first holder')
  const second = await ask('other', jti, 'the other holder, same jti')
  const evidence = [...other.evidence, ...alone.evidence, ...first.evidence, ...second.evidence]
  const answered = describe(second.answered)
  const unready = [alone, first].find((one) => one.answered.kind !== 'accepted')
  if (unready) return { verdict: 'inconclusive', reason: `a good request was ${describe(unready.answered)}`, answered: '', evidence }
  if (second.answered.kind === 'unclear') return { verdict: 'inconclusive', reason: answered, answered, evidence }
  return { verdict: second.answered.kind === 'accepted' ? 'holds' : 'violated', answered, evidence }
}

export const sameIdOfTwoKeys: SequenceProbe = {
  station: 'sequence',
  id: 'R6',
  topic: 'once',
  // Refusing is stricter than any rule: it harms somebody else.
  attacks: [],
  level: 'SHOULD',
  cite: 'RFC9449§11.1',
  says: {
    ja: '別の鍵の証明は、同じ jti でも通る',
    en: 'a proof of another key passes, even with a jti that somebody else has used',
  },
  proves: {
    ja: '使われた証明を鍵ごとに覚えている。他人の jti を使い切ることはできない',
    en: 'used proofs are remembered by their key: nobody can use up the jti of others',
  },
  doesNotProve: { ja: 'そもそも覚えているか', en: 'that they are remembered' },
  depth: 'full',
  priority: 'P2',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  requests: 4,
  run,
}
