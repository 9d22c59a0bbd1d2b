// HD: the same URL asked with HEAD. Its answer has no body, so it is compared with what a good HEAD request is answered.
import { fingerprint } from '../../baseline.ts'
import type { ApiCall } from '../../edits/plans.ts'
import { withClaims, withProof } from '../../edits/plans.ts'
import { type ApiSequencePlace, isNotApplicable, type SequenceProbe } from '../../probe.ts'
import { type Outcome, skipped } from '../../run/sandwich.ts'
import { headerValues, type RawAnswer } from '../../wire/raw-client.ts'
import { withoutWhatItNames } from './unnamed.ts'

const looks = ({ status, headers }: RawAnswer): string =>
  JSON.stringify([status, ...['content-type', 'content-length', 'etag'].map((name) => headerValues(headers, name)[0] ?? '')])

async function run({ station, send }: ApiSequencePlace): Promise<Outcome> {
  const good = await station.build()
  if (good.method !== 'GET') return skipped('the API is not called with GET')
  const named = withProof({ ...good, method: 'HEAD' }, (proof) => withClaims(proof, { htm: 'HEAD' }))
  const plain = withoutWhatItNames(named, station.kit)
  if (isNotApplicable(plain)) return skipped(plain.notApplicable)
  const alone: ApiCall = { ...plain, credentials: named.credentials.map(({ token }) => ({ scheme: 'Bearer', token })) }
  const right = await send('HD, with everything', named)
  if (right.answer.status < 200 || right.answer.status > 299) return skipped(`HEAD is answered ${right.answer.status} here`)
  const none = await send('HD, without anything', { ...plain, credentials: [] })
  if (looks(none.answer) === looks(right.answer)) return skipped('HEAD is answered alike to everybody: its answer tells nothing')
  const sent = await send('HD, the ticket alone', alone)
  const evidence = [right, none, sent].map((one) => one.evidence)
  const passes = looks(sent.answer) === looks(right.answer)
  const { status, error } = fingerprint(sent.answer)
  const answered = passes ? 'accepted' : `refused (${error === null ? status : `${status} ${error}`})`
  return { verdict: passes ? 'violated' : 'holds', answered, evidence }
}

export const headAnswer: SequenceProbe = {
  station: 'sequence',
  id: 'HD',
  topic: 'elsewhere',
  attacks: [],
  level: 'MUST',
  cite: 'RFC9110§9.3.2',
  says: { ja: 'HEAD でも、切符だけでは通らない', en: 'the ticket alone does not pass with HEAD either' },
  proves: { ja: 'HEAD も GET と同じように守られている', en: 'HEAD is guarded as GET is' },
  doesNotProve: { ja: 'それ以外のメソッドのこと', en: 'anything about further methods' },
  depth: 'full',
  priority: 'P0',
  owner: 'RS',
  sources: ['authorization-header', 'rs-enforcement'],
  requests: 3,
  run,
}
