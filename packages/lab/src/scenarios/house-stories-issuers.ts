// Stories of houses whose issuer forgets something that no rule of its own says. Data by hand.
import type { housesOfIssuers } from '../houses/houses-of-issuers.ts'
import type { HouseStory } from './house-scenarios.ts'
import { issuerPlace } from './not-in-force.ts'

const loose = { posture: {}, priority: 'P1', owner: 'AS', enforced: 'yes', mode: 'dpop' } as const satisfies Partial<HouseStory>

export const storiesOfIssuers: Readonly<Record<keyof typeof housesOfIssuers, HouseStory>> = {
  'nonces-not-compared': {
    ...loose,
    title: { ja: 'nonce は求めるが、比べない', en: 'A nonce is demanded, and never compared' },
    story: {
      ja: '発行側は、証明に nonce を入れさせます。入っていれば何でもよく、自分が出したものか、古くないかは見ません。証明を前もって作りためておけます。',
      en: 'The issuer makes clients put a nonce into their proofs. Any will do: nobody looks whether it was ever given, or when. Proofs can be made in advance.',
    },
    mend: {
      ja: 'nonce は自分が出したものだけを、短いあいだだけ受け取る。',
      en: 'Take only nonces that this server gave, and only for minutes.',
    },
    open: { [issuerPlace]: ['AS6-nonce-random', 'AS6-nonce-stale'] },
  },
  'nonces-promised-and-not-demanded': {
    ...loose,
    title: { ja: 'nonce を求めるはずが、求めていない', en: 'Nonces are promised, and not demanded' },
    story: {
      ja: '設計書には「切符の申請には nonce が必須」とあります。設定が一つの環境だけ抜けていて、nonce のない証明でも切符が出ます。誰も困らないので、気づきません。',
      en: 'The design says that every token request needs a nonce. In one environment the setting is missing, and proofs without a nonce get their ticket. Nothing fails, so nobody notices.',
    },
    mend: {
      ja: 'どの環境でも nonce を求める設定にし、求めていることを外から確かめる。',
      en: 'Switch the demand on in every environment, and check from outside that it is there.',
    },
    open: { [issuerPlace]: ['AS6-nonce-absent'] },
  },
  'nonces-shared-with-the-issuer': {
    ...loose,
    owner: 'RS',
    priority: 'P2',
    title: { ja: '発行側の nonce が、API でも通る', en: 'The issuer’s nonce passes at the API' },
    story: {
      ja: '発行側と API は nonce の置き場を共にしています。発行側でもらった nonce が API でも通るので、API が「いま」を確かめたことになりません。',
      en: 'Issuer and API share one list of nonces. What the issuer gave passes at the API, which then has not checked its own now.',
    },
    mend: {
      ja: 'nonce は、それを出したサーバーだけで通るように作る。',
      en: 'Make nonces so that they count only at the server that gave them.',
    },
    open: { fresh: ['N3-issuer'] },
  },
  'fast-clocks-shut-out': {
    ...loose,
    priority: 'P2',
    title: { ja: '時計が少し進んだアプリを締め出す', en: 'Apps whose clock is a little fast are shut out' },
    story: {
      ja: '発行側は、証明の日時が自分の時計より少しでも先なら断ります。スマホの時計は数秒ずれるので、正しい利用者が、わけもわからず断られます。',
      en: 'The issuer refuses proofs dated even seconds ahead of its own clock. Phones are off by seconds, so honest people are turned away without a reason they could understand.',
    },
    mend: {
      ja: '十秒先までは受け取り、一分より先は断る。',
      en: 'Take proofs up to ten seconds ahead, and refuse those of more than a minute.',
    },
    open: { [issuerPlace]: ['AS5-ahead'] },
  },
  'own-tickets-as-assertions': {
    ...loose,
    posture: { as_enforced: 'no' },
    priority: 'P0',
    title: { ja: '自分の切符を、証言として受け取る', en: 'Its own tickets count as assertions' },
    story: {
      ja: '発行側は、知っている鍵で署名された JWT なら何でも、ほかの発行者の証言とみなします。自分の出した切符も署名は正しいので、記名の切符が無記名の切符に化けます。',
      en: 'The issuer takes whatever is signed by a key it knows for the assertion of another issuer. Its own tickets are signed rightly, so a bound ticket goes in and one bound to nothing comes out.',
    },
    mend: {
      ja: '証言は、決めた発行者のもの、決めた種類のもの、自分あてのものだけを受け取る。',
      en: 'Take assertions only of the issuers that are named, only of their own kind, and only those made out to this issuer.',
    },
    open: { [issuerPlace]: ['AS8-own-ticket'] },
  },
  'names-not-told-to-apis': {
    ...loose,
    title: { ja: '照会の答えに、名前がない', en: 'Introspection does not tell the name' },
    story: {
      ja: 'API が切符を照会すると、有効かどうかと範囲は返りますが、縛られた鍵は返りません。手前の部品が、知らない項目を落とすからです。照会に頼る API は、何も確かめられません。',
      en: 'An API that asks about a ticket learns whether it is active and for what, and not whose key it names: a piece in between passes on only the members it knows. An API that relies on it cannot enforce anything.',
    },
    mend: {
      ja: '照会の答えには cnf と token_type を必ず入れ、途中で落とさない。',
      en: 'Answer with cnf and token_type, and let nothing in between drop them.',
    },
    open: { [issuerPlace]: ['AS10'] },
  },
  'issuer-exempts-itself': {
    ...loose,
    priority: 'P0',
    title: { ja: '発行側が、自分だけ例外にしている', en: 'The issuer exempts itself' },
    story: {
      ja: '発行側は、ほかの API には証明を求めよと言います。自分の名簿、照会、取り消しの入口では、切符を Bearer として出すだけで通ります。名簿には全員がいます。',
      en: 'The issuer tells every API to demand the proof. At its own directory of people, at introspection and at revocation, the ticket as Bearer is enough. Everybody is in that directory.',
    },
    mend: {
      ja: '発行側の入口にも、ほかの API と同じ守りを置く。',
      en: 'Put the guard of every other API before the issuer’s own addresses as well.',
    },
    open: { [issuerPlace]: ['AS9-introspection', 'AS9-revocation', 'AS9-own'] },
  },
  'any-ticket-registers-clients': {
    ...loose,
    priority: 'P0',
    title: { ja: 'どの切符でも、アプリを登録できる', en: 'Any ticket registers apps' },
    story: {
      ja: 'アプリの登録には専用のトークンがいるはずです。ところが手前の部品は「有効な切符なら社内の人」とみなし、拾った切符を Bearer として出すだけで、登録も、ほかのアプリの設定を見ることもできます。',
      en: 'Registering an app needs a token made for that. A piece in front holds whoever has a valid ticket for one of the house, so a ticket that was found, sent as Bearer, registers apps and reads the settings of others.',
    },
    mend: {
      ja: '登録には登録用のトークンだけを、管理にはそのアプリのトークンだけを受け取る。',
      en: 'Take initial access tokens for registration, the client’s own token for its management, and nothing else.',
    },
    open: { [issuerPlace]: ['AS9-registration', 'AS9-management'] },
  },
}
