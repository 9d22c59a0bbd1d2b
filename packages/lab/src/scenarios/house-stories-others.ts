// Stories of houses where something else than a ticket opens an API, or makes its guard forget the ticket. Data by hand.
import { doorOf, type housesOfOthers } from '../houses/other-credentials.ts'
import type { HouseStory } from './house-scenarios.ts'

const exception = {
  posture: { mode: 'mixed', rs_enforced: 'partial', coverage: 'partial_api' },
  owner: 'RS',
  enforced: 'partial',
} as const satisfies Partial<HouseStory>

const kinds = ['personal-access-token', 'api-key', 'session-cookie', 'basic', 'bearer'] as const
/** What stands in Authorization cannot stand beside a ticket. */
const beside = ['personal-access-token', 'api-key', 'session-cookie'] as const
/** At the API that takes it. */
const open = (ways: (kind: keyof typeof doorOf) => readonly string[], some: readonly (keyof typeof doorOf)[] = kinds): HouseStory['open'] =>
  Object.fromEntries(some.map((kind) => [doorOf[kind], ways(kind).map((way) => `${way}-${kind}`)]))

export const storiesOfOthers: Readonly<Record<keyof typeof housesOfOthers, HouseStory>> = {
  'a-key-will-do-as-well': {
    ...exception,
    priority: 'P1',
    title: { ja: '切符がなくても、鍵があればよい', en: 'No ticket? A key will do as well' },
    story: {
      ja: 'OAuth のアプリには記名式の切符を求めます。けれども、この API はその前からあり、取引先の API キーも、個人用トークンも、画面の Cookie も受け続けています。どれか一つの文字列が漏れれば、切符も証明も要りません。',
      en: 'From OAuth clients the API demands named tickets. But it is older than they are, and still takes the partner’s API key, personal tokens and the cookie of the web page. Whoever finds one of these strings needs neither ticket nor proof.',
    },
    mend: {
      ja: '鍵や Cookie を受けるのをやめ、持ち主を記名式の切符に移す。残すものは、権限と届く先を絞り、期限を切る。',
      en: 'Stop taking keys and cookies, and move their holders to named tickets. What must stay gets few rights, few addresses and an end.',
    },
    open: open(() => ['OT1']),
  },
  'any-key-will-do': {
    ...exception,
    priority: 'P0',
    title: { ja: '鍵はあるだけでよい', en: 'Any key will do' },
    story: {
      ja: '手前の部品は、鍵や Cookie の付いた要求を「奥で確かめるもの」として通します。奥のアプリは、手前が確かめたと思っています。でたらめな文字列でも通ります。',
      en: 'The piece in front lets requests with a key or cookie through, to be checked behind. The application behind believes that they were checked in front. Any made-up string passes.',
    },
    mend: {
      ja: '鍵は一か所で調べ、知らないものは断る。調べる所がなければ、切符を求める。',
      en: 'Look keys up in one place and refuse what is not known; where nobody does, demand the ticket.',
    },
    open: open((kind) => ['OT1', 'OT2', ...(beside.some((one) => one === kind) ? ['OT3'] : [])]),
  },
  'guard-leaves-early': {
    ...exception,
    priority: 'P0',
    title: { ja: '鍵を見た番人が、先に帰る', en: 'The guard sees a key and leaves early' },
    story: {
      ja: '番人は「鍵が付いているなら切符の要求ではない」と考え、古い処理に任せます。古い処理は、知らない鍵を無視して、隣の切符を Bearer として読みます。盗んだ切符に、でたらめな鍵を一行添えるだけで通ります。',
      en: 'Where there is a key, thinks the guard, this is no matter of tickets, and leaves it to the old code. The old code ignores a key it does not know and reads the ticket beside it as Bearer. One made-up line beside a stolen ticket is enough.',
    },
    mend: {
      ja: '切符が付いていれば、ほかに何があっても cnf を確かめる。鍵と切符が一緒なら断る。',
      en: 'Whenever a ticket is there, compare its cnf, whatever else is there; refuse a key and a ticket together.',
    },
    open: open(() => ['OT3', 'OT4'], beside),
  },
}
