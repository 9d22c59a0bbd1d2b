// What an API answers to whoever has nothing: no credentials, a random ticket, a path that is not there.
// What it answers to a good ticket stands in `api.ts`.
import { type Fingerprint, fingerprint } from '../baseline.ts'
import { writeApiCall } from '../edits/plans.ts'
import type { ApiEntry } from '../inventory/inventory.ts'
import type { Line, Sent } from '../wire/line.ts'
import { headerValues } from '../wire/raw-client.ts'
import { bareCall } from './bare-call.ts'

/** What an API answers to whoever has nothing: the same for every client. */
export interface Ground {
  readonly none: Fingerprint
  readonly garbage: Fingerprint
  /** A sibling path that does not exist. */
  readonly missing: Fingerprint
  readonly challengeLines: readonly string[]
  readonly evidence: readonly string[]
}

/** Two more harmless requests without a ticket, beside the one that was answered `none`. */
export async function surveyGround(api: ApiEntry, line: Line, none: Sent): Promise<Ground> {
  const bare = bareCall(api)
  const garbage = await line.send(
    api.id,
    'random token',
    writeApiCall({ ...bare, credentials: [{ scheme: 'Bearer', token: line.random() }] }),
  )
  const sibling = new URL(line.random(), api.url)
  const missing = await line.send(api.id, 'path that does not exist', writeApiCall({ ...bare, url: sibling.href }))
  return {
    none: fingerprint(none.answer),
    garbage: fingerprint(garbage.answer),
    missing: fingerprint(missing.answer),
    challengeLines: headerValues(none.answer.headers, 'www-authenticate'),
    evidence: [none, garbage, missing].map(({ evidence }) => evidence),
  }
}
