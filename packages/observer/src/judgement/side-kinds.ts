// Kinds of findings beside the guarded way: side doors, other credentials, caches, spellings, and what is left after a revocation. Words only.
import type { Kind } from './finding-kinds.ts'

const api = { owner: 'RS', wstg: ['WSTG-ATHZ-05', 'WSTG-SESS-10'], attack: ['T1528', 'T1550.001'] } as const

export const sideKinds = {
  'issuer-api-takes-bearer': {
    ...api,
    id: 'issuer-api-takes-bearer',
    owner: 'AS',
    effect: 'exposure',
    title: {
      ja: '発行者自身の API が、記名式の切符を Bearer として通す',
      en: 'An API of the issuer itself takes a bound ticket as Bearer',
    },
    control: {
      ja: '発行者自身の API（UserInfo、登録、管理など）にも、ほかの API と同じ守りを置く',
      en: 'Put the guard of every other API before the issuer’s own (UserInfo, registration, administration) as well',
    },
    asvs: ['10.3.5'],
    next: ['17', '16'],
  },
  'side-door': {
    ...api,
    id: 'side-door',
    effect: 'exposure',
    title: { ja: '別の入口なら、切符だけで通る', en: 'At a side door the ticket alone is enough' },
    control: {
      ja: '切符は Authorization だけから読み、道の書き方が違っても同じ守りを置く',
      en: 'Read tickets from Authorization alone, and guard every spelling of the path alike',
    },
    asvs: ['10.3.5'],
    next: ['17', '16', '15'],
  },
  'other-credential-accepted': {
    ...api,
    id: 'other-credential-accepted',
    effect: 'exposure',
    title: {
      ja: '切符の代わりに、ほかの鍵や Cookie だけで通る',
      en: 'Another credential (key, personal token or cookie) passes in place of a named ticket',
    },
    control: {
      ja: 'その鍵や Cookie をこの API で受けるのをやめ、記名式の切符に替える。残すなら、期限と権限と届く先を絞り、責任者を決める',
      en: 'Stop taking it here, and give its holders a client with named tickets. What must stay: short-lived, few rights, few addresses, an owner',
    },
    asvs: ['10.3.5', '9.2.2'],
    wstg: ['WSTG-ATHN-04', 'WSTG-SESS-09'],
    attack: ['T1528', 'T1539', 'T1550.001'],
    next: ['17', '16', '15'],
  },
  'credential-not-compared': {
    ...api,
    id: 'credential-not-compared',
    effect: 'hollow',
    title: {
      ja: 'でたらめな鍵や Cookie でも、あるだけで通る',
      en: 'A made-up key, personal token or cookie passes: only its presence is looked at',
    },
    control: {
      ja: '鍵や Cookie は中身を確かめ、知らないものは断る。知らないものがあるときも、切符は必ず求める',
      en: 'Look the credential up and refuse what is not known; whatever else is there, demand the ticket',
    },
    asvs: ['10.3.5', '9.2.2'],
    wstg: ['WSTG-ATHN-04', 'WSTG-SESS-01'],
    attack: ['T1539', 'T1606'],
    next: ['17', '16', '15'],
  },
  'binding-skipped': {
    ...api,
    id: 'binding-skipped',
    effect: 'hollow',
    title: {
      ja: '鍵や Cookie を添えるだけで、切符の名前が確かめられなくなる',
      en: 'With a key, personal token or cookie beside it, a named ticket passes without its proof',
    },
    control: {
      ja: 'ほかの鍵や Cookie があっても番人を抜けさせない。切符が添えられていれば、いつでも cnf を確かめる',
      en: 'Let nothing beside a ticket end the check early: whenever a ticket is there, compare its cnf',
    },
    asvs: ['10.3.5', '9.2.2'],
    wstg: ['WSTG-ATHN-04', 'WSTG-ATHZ-05'],
    next: ['17', '16', '15'],
  },
  'answer-from-cache': {
    ...api,
    id: 'answer-from-cache',
    effect: 'exposure',
    title: { ja: '守られた答えを、キャッシュが誰にでも返す', en: 'A cache gives the guarded answer to anybody' },
    control: {
      ja: '守られた答えに Cache-Control: no-store を付け、キャッシュに Authorization つきの答えを覚えさせない',
      en: 'Send Cache-Control: no-store with guarded answers, and let no cache keep answers to requests with Authorization',
    },
    asvs: ['10.3.5'],
    next: ['16', '15'],
  },
  'right-spelling-refused': {
    ...api,
    id: 'right-spelling-refused',
    effect: 'form',
    title: { ja: '正しい書き方の証明が断られる', en: 'Proofs that are spelled rightly are refused' },
    control: {
      ja: 'htu は問い合わせを除き、% の書き方をそろえてから比べる（RFC 3986 §6.2.2）',
      en: 'Compare htu without its query and after normalization (RFC 3986 §6.2.2)',
    },
    asvs: ['10.3.5'],
    next: ['15'],
  },
  'revocation-not-noticed': {
    ...api,
    id: 'revocation-not-noticed',
    effect: 'exposure',
    title: { ja: '取り消した切符がまだ通る', en: 'A revoked ticket still passes' },
    control: {
      ja: '要求のたびに発行側へ尋ねるか、取り消しを API へ届ける',
      en: 'Ask the issuer on every request, or bring revocations to the API',
    },
    asvs: ['10.4.5'],
    next: ['17', '15'],
  },
  'window-too-wide': {
    ...api,
    id: 'window-too-wide',
    effect: 'form',
    title: { ja: '証明や nonce が長く通りすぎる', en: 'Proofs or nonces pass for too long' },
    control: {
      ja: '証明は作られてから数分、先の日付は 1 分までとし、nonce も数分で替える',
      en: 'Take proofs for minutes after their time and at most one minute before it; change nonces every few minutes',
    },
    asvs: ['10.3.5'],
    next: ['15'],
  },
  'others-shut-out': {
    ...api,
    id: 'others-shut-out',
    effect: 'form',
    title: { ja: '他人が使った jti の証明が断られる', en: 'A proof is refused because somebody else has used its jti' },
    control: {
      ja: '使われた jti は、鍵ごとに覚える（他人が先に使って締め出せないように）',
      en: 'Remember used jti for each key by itself, so that nobody can use up those of others',
    },
    asvs: ['10.3.5'],
    next: ['15'],
  },
  'nonce-of-another': {
    ...api,
    id: 'nonce-of-another',
    effect: 'form',
    title: { ja: '発行側の nonce が API でも通る', en: 'A nonce of the issuer passes at the API as well' },
    control: {
      ja: 'nonce は、それを出したサーバーだけで通るように作る',
      en: 'Make nonces so that they count only at the server that gave them',
    },
    asvs: ['10.3.5'],
    next: ['15'],
  },
  'revoked-ticket-passes': {
    ...api,
    id: 'revoked-ticket-passes',
    effect: 'proof',
    title: { ja: '取り消した切符が、約束に反してまだ通る', en: 'A revoked ticket still passes, against what is promised' },
    control: {
      ja: '要求のたびに発行側へ尋ねるか、取り消しを API へ届ける',
      en: 'Ask the issuer on every request, or bring revocations to the API',
    },
    asvs: ['10.4.5'],
    next: ['17', '15'],
  },
  'right-proof-refused': {
    ...api,
    id: 'right-proof-refused',
    owner: 'AS',
    effect: 'form',
    title: { ja: '時計が少し進んだアプリの正しい証明が断られる', en: 'Right proofs of clients whose clock is a little fast are refused' },
    control: {
      ja: 'iat は十秒先までを受け取り、一分より先は断る',
      en: 'Take iat up to ten seconds ahead, and refuse more than a minute',
    },
    asvs: ['10.3.5'],
    next: ['15'],
  },
  'binding-lapses': {
    ...api,
    id: 'binding-lapses',
    effect: 'exposure',
    title: { ja: '取り消しやサインアウトのあと、切符だけで通る', en: 'After revocation or sign-out the ticket alone is enough' },
    control: {
      ja: '切符の状態にかかわらず、通すかぎりは cnf を確かめる',
      en: 'As long as a ticket is taken at all, compare its cnf, whatever became of its grant',
    },
    asvs: ['10.3.5'],
    next: ['17', '16'],
  },
  'refresh-survives': {
    ...api,
    id: 'refresh-survives',
    owner: 'AS',
    effect: 'proof',
    title: { ja: '取り消しやサインアウトのあとも、切符を更新できる', en: 'Tickets are refreshed after revocation or sign-out' },
    control: {
      ja: '取り消しとサインアウトで、更新用の切符も終わらせる（offline_access で頼まれたものを除く）',
      en: 'End refresh tokens with revocation and sign-out, but for those asked for with offline_access',
    },
    asvs: ['10.4.5'],
    next: ['17'],
  },
  'residual-access': {
    ...api,
    id: 'residual-access',
    effect: 'form',
    title: { ja: '取り消したあとも、期限までは通る', en: 'A revoked ticket passes until it expires' },
    control: {
      ja: '切符の寿命を短くする。すぐに止めたい API では発行側へ尋ねる',
      en: 'Let tickets live for minutes; ask the issuer where access must end at once',
    },
    asvs: ['10.4.5'],
    next: ['17', '15'],
  },
} as const satisfies Record<string, Kind>
