// Stories of houses in which tickets name certificates, and something between TLS, issuer and API is not as it seems. Data by hand.
import type { housesOfCertificates } from '../houses/houses-of-certificates.ts'
import type { HouseStory } from './house-scenarios.ts'
import { issuerPlace } from './not-in-force.ts'

/** Two APIs are too few to speak of all, and nobody proves anything that could be used twice. */
const sealed = { mode: 'mtls', coverage: 'unknown', replay_protection: 'unknown', confidence: 'inferred' } as const
const broken = {
  posture: { ...sealed, rs_enforced: 'no' },
  priority: 'P0',
  owner: 'RS',
  enforced: 'no',
  mode: 'mtls',
} as const satisfies Partial<HouseStory>

export const storiesOfCertificates: Readonly<Record<keyof typeof housesOfCertificates, HouseStory>> = {
  'handshake-asks-nobody': {
    ...broken,
    posture: { ...sealed, mode: 'mixed', rs_enforced: 'no' },
    mode: 'bearer',
    title: { ja: '誰にも証明書を尋ねない', en: 'Nobody is asked for a certificate' },
    story: {
      ja: '発行側は切符を証明書に結びます。API の手前の装置は TLS を終えるだけで、証明書を求める設定がありません。API も「手前が見ているはず」と、切符だけを見ます。',
      en: 'The issuer binds tickets to certificates. The machine in front of the API ends TLS and was never told to ask for one. The API believes that somebody in front looks, and looks at the ticket alone.',
    },
    mend: {
      ja: '手前の装置で証明書を求め、見た証明書を API に伝え、API で切符と比べる。',
      en: 'Ask for the certificate where TLS ends, tell the API which one it was, and compare it there with the ticket.',
    },
    open: { sealed: ['L0', 'L1', 'L7'], told: ['L0', 'L1', 'L7'] },
    // Whether it is asked for later cannot be seen in TLS 1.3.
    unseen: { sealed: ['L4'], told: ['L4'] },
  },
  'certificate-asked-too-late': {
    ...broken,
    posture: { ...sealed, rs_enforced: 'yes' },
    priority: 'P2',
    enforced: 'yes',
    title: { ja: '証明書を、あとから尋ねる', en: 'The certificate is asked for too late' },
    story: {
      ja: 'どの道への要求かが分かってから、二度目のハンドシェイクで証明書を求めます。TLS 1.3 にはこのやり方がなく、HTTP/2 では禁じられているので、新しい通信を受けられないままです。',
      en: 'Only when the path is known, a second handshake asks for the certificate. TLS 1.3 has no such thing and HTTP/2 forbids it, so this place is kept from both.',
    },
    mend: {
      ja: '証明書を求める API は別の名前に分け、最初のハンドシェイクで求める。',
      en: 'Give the APIs that need certificates a name of their own, and ask in the first handshake.',
    },
    open: { sealed: ['L4'] },
    // The first handshake asks for none, and the second one shows only where a request is sent.
    unseen: { sealed: ['L0'] },
  },
  'session-from-elsewhere': {
    ...broken,
    title: { ja: 'よそで始めた TLS の続きで入れる', en: 'A session that began elsewhere goes on here' },
    story: {
      ja: '二つの入口が、TLS の続きを始めるための鍵を共にしています。片方で証明書を見せて始めた通信は、もう片方では証明書を見せずに続けられます。片方は、どんな証明書でも受け取る入口です。',
      en: 'Two entrances share the keys with which TLS sessions are resumed. What began at one with a certificate goes on at the other without showing any. One of them takes whatever certificate it is shown.',
    },
    mend: {
      ja: '続きの鍵と名札（session id context）を入口ごとに分ける。TLS を終える装置は、この点を直した版にする。',
      en: 'Give each entrance session keys and a session id context of its own, and run a release of the terminator that keeps them apart.',
    },
    open: { sealed: ['L10'], told: ['L10'] },
  },
  'any-proof-replaces-the-certificate': {
    ...broken,
    title: { ja: 'DPoP と書けば、証明書はいらない', en: 'Under the word DPoP no certificate is needed' },
    story: {
      ja: '証明書に結ばれた切符でも、DPoP と書いて何かの証明を添えると「鍵で確かめる切符」とみなされます。その鍵が切符のものかどうかは、切符に書いていないので比べません。',
      en: 'A ticket that names a certificate, sent as DPoP with a proof of any key, is taken for one that names a key. Which key, the ticket does not say, so nothing is compared.',
    },
    mend: {
      ja: '何を求めるかは、書き方ではなく切符の cnf で決める。',
      en: 'Decide by cnf what is demanded, not by the scheme.',
    },
    open: { sealed: ['L13'], told: ['L13'] },
  },
  'certificate-if-you-like': {
    ...broken,
    owner: 'AS',
    posture: { ...sealed, mode: 'mixed', as_enforced: 'no', rs_enforced: 'yes' },
    priority: 'P2',
    enforced: 'yes',
    title: { ja: '証明書は、あってもなくてもよい', en: 'With a certificate or without' },
    story: {
      ja: '証明書を持つクライアントの一つは、「切り替えが終わるまで」切符が何にも結ばれない設定です。証明書を見せても切符に名前は入らず、見せなくても出ます。API が断っているので、まだ事故になっていません。',
      en: 'One client that has a certificate was allowed tickets bound to nothing until the change is over. Its tickets name no certificate even where it shows one, and come without it too. Only the APIs still refuse them.',
    },
    mend: {
      ja: '証明書を持つクライアントの切符は、必ず証明書に結ぶ。期限のない例外を残さない。',
      en: 'Bind the tickets of every client that has a certificate, and leave no exception without an end.',
    },
    open: { [issuerPlace]: ['L2', 'L12'] },
  },
}
