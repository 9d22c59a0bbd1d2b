// From when a code is bound to the key of its ticket (RFC 9449 §10): as it is recorded, and in words for reports.
// It is a policy, no fault: what may not be, that a named key is not kept to, is a probe of its own.
import type { Text } from '@kimei/protocol'
import type { Yes } from './observation.ts'

export interface CodeBinding {
  /** What a request must name before a code comes of it: a proof, the key alone (`dpop_jkt`), or nothing. */
  readonly demands: 'proof' | 'key' | 'nothing' | 'unknown'
  /** Whether a code is held to the key that its request named. */
  readonly keeps: Yes
  readonly evidence: readonly string[]
}

type From = 'request' | 'request-if-named' | 'redemption' | 'unknown'

/** From when on nobody else can redeem the code. */
export function boundFrom({ demands, keeps }: Pick<CodeBinding, 'demands' | 'keeps'>): From {
  if (keeps === 'no') return 'redemption'
  if (demands === 'proof' || demands === 'key') return keeps === 'yes' ? 'request' : 'unknown'
  if (keeps === 'yes') return 'request-if-named'
  return demands === 'nothing' ? 'redemption' : 'unknown'
}

const words: Readonly<Record<Exclude<From, 'unknown'>, Text>> = {
  request: { ja: '申請のときから鍵に縛られる', en: 'bound to the key from the request on' },
  'request-if-named': {
    ja: '申請で鍵を名のればそのときから、名のらなければ使うときに初めて鍵に縛られる',
    en: 'bound to the key from the request on where it names one, otherwise only when redeemed',
  },
  redemption: { ja: '使うときに初めて鍵に縛られる', en: 'bound to a key only when redeemed' },
}

/** `undefined` where nothing can be said. */
export function codeBindingWords(binding: CodeBinding): Text | undefined {
  const from = boundFrom(binding)
  return from === 'unknown' ? undefined : words[from]
}
