// R3: the identical proof again, when it is almost too old: a memory that forgets earlier than the proof expires lets it pass.
// The window is that of T3.
import { moved } from '../../edits/proof-edits.ts'
import type { ApiSequencePlace, SequenceProbe } from '../../probe.ts'
import { describe, type Outcome, skipped } from '../../run/sandwich.ts'
import { measureWindow } from '../claims/acceptance-window.ts'

/** Of an edge that was found a second on either side. */
const margin = 2

/** Used once at this age, and once more after `wait`. */
async function twice({ station }: ApiSequencePlace, ageSeconds: number, wait: (() => Promise<void>) | undefined): Promise<Outcome> {
  const role = `R3, ${Math.abs(ageSeconds)} s ${ageSeconds < 0 ? 'ahead' : 'old'}`
  const first = await station.perform(moved(-ageSeconds)(await station.build(), station.kit), role)
  const used = first.answered.kind === 'accepted'
  if (!used) return { verdict: 'inconclusive', reason: `first use was ${describe(first.answered)}`, answered: '', evidence: first.evidence }
  await wait?.()
  const second = await first.repeat()
  const evidence = [...first.evidence, ...second.evidence]
  const answered = describe(second.answered)
  if (second.answered.kind === 'unclear') return { verdict: 'inconclusive', reason: answered, answered, evidence }
  return { verdict: second.answered.kind === 'accepted' ? 'violated' : 'holds', answered, evidence }
}

async function run(place: ApiSequencePlace): Promise<Outcome> {
  const asked = place.measured.window ? undefined : await measureWindow(place)
  const { window } = place.measured
  if (window === undefined) return { ...skipped('no window could be measured here'), evidence: asked?.evidence ?? [] }
  // Dated back, so that nobody waits: its memory must reach to the end of the window, not to some age of its own.
  const dated = await twice(place, Math.max(0, window.past.accepted - margin), undefined)
  if (dated.verdict !== 'holds') return dated
  // Dated ahead it lives longest: a memory that counts from now instead of from its own time ends before it.
  const lead = Math.max(0, window.future.accepted - margin)
  const seconds = lead + window.past.accepted - margin
  const wait = place.waitFor(seconds)
  // A ticket that ends in the meantime would be refused for that.
  if (wait === undefined || (await place.ticketLife()) < seconds + 5) return dated
  const late = await twice(place, -lead, wait)
  return { ...late, evidence: [...dated.evidence, ...late.evidence] }
}

export const replayAtEdge: SequenceProbe = {
  station: 'sequence',
  id: 'R3',
  topic: 'once',
  attacks: ['dpop.jti-is-first-use'],
  level: 'SHOULD',
  cite: 'RFC9449§11.1',
  says: {
    ja: '同じ証明は、期限の間際でも二度は通らない',
    en: 'the same proof does not pass twice, however close to its end',
  },
  proves: {
    ja: '使われた証明を、有効な間はずっと覚えている。待てた場合は、先の日付の証明も',
    en: 'used proofs are remembered to the end of the window; those dated ahead too, where time could pass',
  },
  doesNotProve: { ja: 'どのサーバーも同じ記憶を持つか', en: 'that every node shares that memory' },
  depth: 'full',
  priority: 'P1',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  requests: 4,
  run,
}
