// AS8: every grant that a client may use, without a proof. What goes in is bound wherever it can be: what comes out unbound was laundered.
// The client's own grant is AS2, a refresh RF-no-proof or RF-unbound, a code with an announced key RD-announced-unproven; the table stands in `judgement/`.
import { unproven } from '../../edits/unproven.ts'
import { type EditProbe, probeAt, type StationName } from '../../probe.ts'

type Head<S extends StationName> = Pick<EditProbe<S>, 'id' | 'attacks' | 'level' | 'cite' | 'says' | 'proves' | 'doesNotProve' | 'edit'>

function launderingAt<S extends StationName>(station: S, probe: Head<S>): EditProbe<S> {
  return probeAt(station, {
    ...probe,
    topic: 'issuance',
    depth: 'core',
    priority: 'P0',
    owner: 'AS',
    sources: ['token-endpoint-response'],
    asksForUnbound: true,
  })
}

export const launderingProbes = [
  launderingAt('exchange', {
    id: 'AS8-exchange',
    attacks: ['exchange.bound-token-gives-no-bearer'],
    level: 'PRODUCT',
    cite: 'RFC8693§5',
    says: {
      ja: '記名式の切符を、証明なしで無記名の切符に替えられない',
      en: 'a bound ticket is not exchanged for an unbound one without a proof',
    },
    proves: { ja: '交換しても、記名式の切符が無記名の切符に化けない', en: 'the exchange gives no unbound twin of a bound ticket' },
    doesNotProve: {
      ja: '新しい切符が誰の鍵に縛られるか。要求とは別の鍵かもしれない',
      en: 'whose key a new ticket is bound to: that of the request may be another one',
    },
    edit: unproven,
  }),
  launderingAt('vouched', {
    id: 'AS8-vouched',
    attacks: ['binding.bearer-is-permitted'],
    level: 'PRODUCT',
    cite: 'RFC9449§5.2',
    says: {
      ja: 'ほかの発行者の証言も、証明なしでは切符にならない',
      en: 'an assertion of another issuer gives no unbound ticket without a proof',
    },
    proves: { ja: '証言からは、このアプリに無記名の切符は出ない', en: 'this client gets no unbound ticket by an assertion' },
    doesNotProve: { ja: '証言を出すほかの発行者のこと', en: 'anything about other issuers that vouch' },
    edit: (call, kit) => ({ ...call, call: unproven(call.call, kit) }),
  }),
  launderingAt('vouched', {
    id: 'AS8-own-ticket',
    // No single rule: a ticket is no assertion, by its kind and by its issuer.
    attacks: [],
    level: 'PRODUCT',
    cite: 'RFC7523§3',
    says: {
      ja: '記名式の切符を証言として出しても、無記名の切符にはならない',
      en: 'a bound ticket sent as an assertion gives no unbound ticket',
    },
    proves: { ja: '記名式の切符は、持ち主の証言にはならない', en: 'a bound ticket is no assertion of its holder' },
    doesNotProve: { ja: 'ほかの発行者の切符も同じか', en: 'that tickets of other issuers are none either' },
    async edit({ call, assertion }, kit) {
      const ticket = await kit.otherTicket({})
      if (ticket === undefined || ticket.type === 'bearer') return { notApplicable: 'there is no bound ticket to send' }
      return { call: unproven(call, kit), assertion: { ...assertion, verbatim: ticket.accessToken } }
    },
  }),
  launderingAt('device', {
    id: 'AS8-device',
    attacks: ['binding.bearer-is-permitted'],
    level: 'PRODUCT',
    cite: 'RFC9449§5.2',
    says: { ja: '機器の切符も、証明なしでは出ない', en: 'a device gets no unbound ticket without a proof' },
    proves: { ja: '機器としても、このアプリに無記名の切符は出ない', en: 'this client gets no unbound ticket as a device' },
    doesNotProve: {
      ja: '機器コードが、頼んだときの鍵に縛られるか（AS6-other-key で調べます）',
      en: 'that a device code is held to the key it was asked for with: AS6-other-key asks that',
    },
    edit: ({ ask }, kit) => ({ ask: unproven(ask, kit), change: (poll) => unproven(poll, kit), collect: true }),
  }),
  launderingAt('backchannel', {
    id: 'AS8-backchannel',
    // Nothing of ours serves this grant: it is asked of issuers that do.
    attacks: [],
    level: 'PRODUCT',
    cite: 'RFC9449§5.2',
    says: {
      ja: '本人の端末で許してもらう切符（CIBA）も、証明なしでは出ない',
      en: 'a ticket that a person allows on their own device (CIBA) does not come without a proof',
    },
    proves: {
      ja: '本人の端末で許す流れからは、このアプリに無記名の切符は出ない',
      en: 'this client gets no unbound ticket through the backchannel',
    },
    doesNotProve: { ja: '頼まれたとおりの内容を、本人に尋ねているか', en: 'that the person is asked for what the client asked for' },
    edit: ({ ask }, kit) => ({ ask: unproven(ask, kit), change: (poll) => unproven(poll, kit), collect: true }),
  }),
] as const
