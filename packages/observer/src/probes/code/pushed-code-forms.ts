// AS4: whether a code is bound to the key that its push named, and whether a push must name one at all (RFC 9449 §10, §10.1).
// The first is a rule and a probe. The second is a policy that nobody is obliged to have: it is asked, and never judged.
import { parameter } from '../../edits/form-edits.ts'
import { signedByOtherKey } from '../../edits/proof-edits.ts'
import { type EditKit, type EditProbe, type NotApplicable, type PushedCodeCall, probeAt } from '../../probe.ts'
import { levelOf } from '../level.ts'

/** Tickets that name a certificate, or nothing, have codes that name no key either. */
function ofKeys(edit: (call: PushedCodeCall, kit: EditKit) => PushedCodeCall) {
  return (call: PushedCodeCall, kit: EditKit): PushedCodeCall | NotApplicable => {
    if (kit.facts['namedKey'] === undefined || call.push.proofs.length === 0) return { notApplicable: 'no ticket here names a key' }
    return edit(call, kit)
  }
}

const unproven = (call: PushedCodeCall): PushedCodeCall => ({ ...call, push: { ...call.push, proofs: [] } })

const attacks: EditProbe['attacks'] = ['par.proof-names-the-key', 'dpop.key-is-the-announced-one']
const head = { topic: 'authorization', level: levelOf(attacks), cite: 'RFC9449§10.1', depth: 'full', priority: 'P1', owner: 'AS' } as const

export const pushedCodeForms: readonly EditProbe<'pushed-code'>[] = [
  probeAt('pushed-code', {
    ...head,
    id: 'AS4-proven-other',
    attacks,
    says: {
      ja: '証明をつけて預けた申請のコードは、ほかの鍵では使えない',
      en: 'a code whose request was pushed with a proof is refused with another key',
    },
    proves: { ja: '預けるときの証明は、dpop_jkt と同じくコードを鍵に縛る', en: 'a proof at the push binds the code, as dpop_jkt does' },
    doesNotProve: { ja: '預けるときに、鍵の名前が必ず要るか', en: 'that a push must name a key' },
    sources: ['token-endpoint-response'],
    edit: ofKeys((call, kit) => ({ ...call, change: (redemption) => signedByOtherKey(redemption, kit) })),
  }),
]

const question = {
  ...head,
  attacks: [],
  level: 'MAY',
  doesNotProve: {
    ja: '受け取る発行者に落ち度があるか。断る義務を定めた仕様はない',
    en: 'that an issuer which takes it is at fault: no specification obliges it to refuse',
  },
  sources: ['token-endpoint-response'],
} as const

/** Whether a code can be had by a push that names no key, and redeemed. */
export const unnamedPush: EditProbe<'pushed-code'> = probeAt('pushed-code', {
  ...question,
  id: 'AS4-unnamed',
  says: {
    ja: '鍵を名のらない申請を預け、コードを使えるか',
    en: 'whether a push that names no key leads to a ticket',
  },
  proves: { ja: '引き換える前から、コードが鍵に縛られているかどうか', en: 'whether codes are bound to a key before they are redeemed' },
  edit: ofKeys(unproven),
})

/** Where not: whether dpop_jkt alone is enough. */
export const keyAlonePush: EditProbe<'pushed-code'> = probeAt('pushed-code', {
  ...question,
  id: 'AS4-key-alone',
  says: {
    ja: '証明なしで dpop_jkt だけを名のって預けられるか',
    en: 'whether a push that names its key by dpop_jkt alone leads to a ticket',
  },
  proves: {
    ja: '預けるときに証明を求めるのか、鍵の名前だけで済むのか',
    en: 'whether a push is asked for a proof, or only for the name of a key',
  },
  edit: ofKeys((call, kit) => {
    const { push, ...rest } = unproven(call)
    return { ...rest, push: parameter('dpop_jkt', kit.key.thumbprint)(push) }
  }),
})
