// What an API answers to a certificate without a ticket, before anybody is probed there.
import { type Baseline, fingerprint, sameAnswer } from '../baseline.ts'
import { type ApiCall, withUnknownParameter, writeApiCall } from '../edits/plans.ts'
import type { ApiEntry } from '../inventory/inventory.ts'
import type { Line } from '../wire/line.ts'

interface Asking {
  readonly api: ApiEntry
  readonly line: Line
}

/** Where that is the good answer, a cache may have given it: another URL tells. */
export async function certificateAlone({ api, line }: Asking, call: ApiCall, { ok, closeness }: Pick<Baseline, 'ok' | 'closeness'>) {
  const sent = await line.send(api.id, 'no credentials, with the certificate', writeApiCall(call))
  const print = fingerprint(sent.answer)
  if (!sameAnswer(print, ok, closeness)) return { print, enough: false, cached: false, evidence: [sent.evidence] }
  const url = withUnknownParameter(call.url, line.random())
  const again = await line.send(
    api.id,
    'no credentials, with the certificate, at a URL that no cache knows',
    writeApiCall({ ...call, url }),
  )
  const enough = sameAnswer(fingerprint(again.answer), ok, closeness)
  return { print, enough, cached: !enough, evidence: [sent.evidence, again.evidence] }
}
