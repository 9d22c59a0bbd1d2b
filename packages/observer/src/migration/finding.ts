// What the checker can find: each with its source, why it matters and what to do, in both languages.
// Japanese is written, not translated. A finding without one of the languages does not compile.

export type Severity = 'high' | 'medium' | 'low'

export interface Sentence {
  readonly ja: string
  readonly en: string
}

export interface FindingKind {
  readonly severity: Severity
  readonly cite: string
  readonly what: Sentence
  readonly why: Sentence
  readonly todo: Sentence
}

export const findingKinds = {
  'implicit-is-gone': {
    severity: 'high',
    cite: 'OAuth2.1§10, RFC9700§2.1.2',
    what: { ja: '暗黙フロー（トークンを画面遷移で返す）', en: 'implicit flow: tokens come through the browser' },
    why: {
      ja: 'アドレスに載ったトークンは履歴やログから漏れ、他人のものと差し替えられても気づけません。',
      en: 'A token in an address leaks through history and logs, and can be swapped for another unnoticed.',
    },
    todo: { ja: '認可コード + PKCE（S256）に替える。', en: 'Use the authorization code with PKCE (S256).' },
  },
  'hybrid-carries-no-tokens': {
    severity: 'high',
    cite: 'RFC9700§2.1.2',
    what: { ja: 'ハイブリッドフローがアクセストークンも返す', en: 'hybrid flow that also returns an access token' },
    why: {
      ja: 'コードを使っていても、画面遷移で返るアクセストークンは暗黙フローと同じ危険があります。',
      en: 'Beside the code, an access token in the redirect has every weakness of the implicit flow.',
    },
    todo: {
      ja: 'response_type を code にする（必要なら code id_token）。',
      en: 'Use response_type code (or code id_token where it is needed).',
    },
  },
  'password-is-gone': {
    severity: 'high',
    cite: 'OAuth2.1§10, RFC9700§2.4',
    what: { ja: 'パスワードグラント（ROPC）', en: 'password grant (ROPC)' },
    why: {
      ja: 'アプリが利用者のパスワードを受け取るため、二要素認証もパスキーも使えず、漏れる場所が増えます。',
      en: 'The app sees the password: no second factor, no passkey, and one more place that can leak it.',
    },
    todo: {
      ja: '人が使うなら認可コード + PKCE、画面のない機器ならデバイスフロー、プログラム同士なら client_credentials に替える。',
      en: 'People: authorization code with PKCE. Devices without a browser: device flow. Programs: client_credentials.',
    },
  },
  'pkce-is-used': {
    severity: 'high',
    cite: 'OAuth2.1§4.1.1, RFC9700§2.1.1',
    what: { ja: 'PKCE がない、または必須になっていない', en: 'PKCE is absent or not demanded' },
    why: {
      ja: '盗まれた認可コードを、別の人が自分のセッションで引き換えられます。機密クライアントでも同じです。',
      en: 'A stolen code can be redeemed or injected by somebody else, with confidential clients too.',
    },
    todo: {
      ja: 'すべてのクライアントで S256 を送り、サーバーで必須にする。',
      en: 'Send S256 from every client and demand it at the server.',
    },
  },
  'pkce-is-s256': {
    severity: 'high',
    cite: 'OAuth2.1§4.1.1, RFC7636§7.2',
    what: { ja: 'PKCE の方式が plain', en: 'PKCE with the method plain' },
    why: {
      ja: 'plain では要求に検証値そのものが載るので、要求を見た人が引き換えられます。',
      en: 'With plain the request carries the verifier itself: whoever sees it can redeem the code.',
    },
    todo: { ja: '方式を S256 だけにする。', en: 'Allow S256 alone.' },
  },
  'redirect-is-exact': {
    severity: 'high',
    cite: 'OAuth2.1§2.3.1, RFC9700§4.1.3',
    what: { ja: 'リダイレクト URI が完全な一つの URI でない', en: 'redirect URI is a pattern, not one whole URI' },
    why: {
      ja: 'ワイルドカードや途中までの一致は、想定しないページへコードを送り届けます。',
      en: 'Wildcards and prefixes let a code be delivered to a page that nobody meant.',
    },
    todo: { ja: '使う URI を一つずつ、そのまま登録する。', en: 'Register every URI that is used, one by one, whole.' },
  },
  'redirect-is-https': {
    severity: 'high',
    cite: 'OAuth2.1§1.5, RFC9700§2.6',
    what: { ja: 'リダイレクト URI が暗号化されていない http', en: 'redirect URI is plain http' },
    why: { ja: '途中の誰もがコードを読めます。', en: 'Anybody on the way reads the code.' },
    todo: { ja: 'https にする（自分の機器の中だけなら 127.0.0.1）。', en: 'Use https; on the own machine, 127.0.0.1.' },
  },
  'redirect-has-no-fragment': {
    severity: 'high',
    cite: 'OAuth2.1§2.3',
    what: { ja: 'リダイレクト URI に # がある', en: 'redirect URI with a fragment' },
    why: { ja: '応答の置き場所と混ざり、一致の判定もできません。', en: 'It mixes with the response and cannot be compared.' },
    todo: {
      ja: '# から後ろを外し、行き先は state と一緒にアプリ側で覚える。',
      en: 'Drop it; remember the place within the app beside state.',
    },
  },
  'redirect-uses-loopback-address': {
    severity: 'low',
    cite: 'RFC8252§8.3',
    what: { ja: 'ループバックを localhost という名前で登録', en: 'loopback redirect by the name localhost' },
    why: {
      ja: 'localhost は別のアドレスを指すように変えられることがあり、意図しない待ち受けに届きかねません。',
      en: 'The name can be made to mean another address, or reach a listener on another interface.',
    },
    todo: {
      ja: 'http://127.0.0.1 または http://[::1] にする（ポートは違ってよい）。',
      en: 'Use http://127.0.0.1 or http://[::1]; the port may differ.',
    },
  },
  'redirect-scheme-is-owned': {
    severity: 'medium',
    cite: 'RFC8252§7.1',
    what: { ja: 'アプリの独自スキームがドメイン名の逆順でない', en: 'private scheme that is no reversed domain name' },
    why: { ja: '同じスキームを別のアプリが名乗れます。', en: 'Any other app may claim the same scheme.' },
    todo: { ja: 'https のアプリリンク、または com.example.app:/… の形にする。', en: 'Use a claimed https link, or com.example.app:/….' },
  },
  'refresh-is-constrained': {
    severity: 'high',
    cite: 'OAuth2.1§4.3.1, RFC9700§4.14.2',
    what: {
      ja: '公開クライアントのリフレッシュトークンが、鍵にも結びつかず、使うたびに替わりもしない',
      en: 'refresh token of a public client: neither bound to a key nor rotated',
    },
    why: { ja: '一度漏れれば、気づかれないまま使い続けられます。', en: 'Once leaked it works on and on, and nobody notices.' },
    todo: { ja: 'DPoP で鍵に結びつけるか、使うたびに替える（ローテーション）。', en: 'Bind it to a key (DPoP) or rotate it at every use.' },
  },
  'refresh-constraint-is-known': {
    severity: 'low',
    cite: 'OAuth2.1§4.3.1, RFC9700§4.14.2',
    what: {
      ja: '公開クライアントのリフレッシュトークンに制限があるか、このファイルからは分からない',
      en: 'public client with refresh tokens: this file does not say how they are constrained',
    },
    why: {
      ja: '公開クライアントでは、鍵との結びつきかローテーションのどちらかが必須です。',
      en: 'For public clients binding or rotation is a must.',
    },
    todo: { ja: 'サーバーの設定で確かめる。移行先では DPoP を必須にする。', en: 'Look at the server; after the move, demand DPoP.' },
  },
  'refresh-ends': {
    severity: 'medium',
    cite: 'RFC9700§4.14.2',
    what: { ja: 'リフレッシュトークンに終わりがない', en: 'refresh tokens that never end' },
    why: { ja: '忘れられた端末の切符が何年も生き続けます。', en: 'A ticket on a forgotten device lives for years.' },
    todo: { ja: '使われない期間と、全体の期間の両方に上限を置く。', en: 'Limit both the idle time and the whole life.' },
  },
  'tokens-can-be-named': {
    severity: 'medium',
    cite: 'RFC9700§2.2.1, RFC9449, RFC8705',
    what: { ja: 'アクセストークンを鍵に結びつける手段がない（無記名だけ）', en: 'bearer only: nothing binds access tokens to a key' },
    why: { ja: '無記名の切符は、手に入れた人なら誰でも使えます。', en: 'A bearer ticket works for whoever gets hold of it.' },
    todo: { ja: 'DPoP（または mTLS）を有効にし、API の側で必須にする。', en: 'Enable DPoP (or mTLS) and demand it at the APIs.' },
  },
  'bearer-only-is-an-api': {
    severity: 'low',
    cite: 'RFC9728, RFC8707§2',
    what: { ja: 'bearer-only クライアント（実際は API）', en: 'bearer-only client: in truth an API' },
    why: {
      ja: 'API はトークンを求めません。クライアントとして登録すると、aud の置き場所があいまいになります。',
      en: 'An API asks for no tokens; registered as a client it blurs who a token is for.',
    },
    todo: {
      ja: '識別子（URI）を持つ API として宣言し、aud で区別する。',
      en: 'Declare it as an API with an identifier of its own, told apart by aud.',
    },
  },
  'app-holds-no-secret': {
    severity: 'high',
    cite: 'OAuth2.1§2.1, RFC8252§8.5',
    what: { ja: 'ブラウザーや端末のアプリに秘密が入っている', en: 'a secret inside a browser or native app' },
    why: {
      ja: '配られたアプリの中身は誰でも読めます。秘密は秘密でなくなります。',
      en: 'Everybody can read what is shipped: it is no secret.',
    },
    todo: {
      ja: '秘密を無効にし、公開クライアント + PKCE + DPoP にする（または自分のサーバーに移す）。',
      en: 'Revoke it; make the client public with PKCE and DPoP, or move the work to a server of yours.',
    },
  },
  'secret-becomes-a-key': {
    severity: 'low',
    cite: 'RFC9700§2.5',
    what: { ja: '共有の秘密によるクライアント認証', en: 'client authentication by a shared secret' },
    why: {
      ja: 'サーバーとアプリの両方から漏れます。許されてはいますが、勧められません。',
      en: 'It can leak on both sides. Allowed, not recommended.',
    },
    todo: { ja: 'private_key_jwt に替える。', en: 'Use private_key_jwt.' },
  },
  'token-not-in-query': {
    severity: 'high',
    cite: 'OAuth2.1§10, RFC9700§4.3.2',
    what: { ja: 'アドレスの中のトークンや秘密', en: 'a token or secret in the address' },
    why: { ja: 'アドレスはログ・履歴・Referer に残ります。', en: 'Addresses stay in logs, history and Referer.' },
    todo: { ja: 'トークンは Authorization ヘッダーだけで送る。', en: 'Send tokens in the Authorization header alone.' },
  },
  'assertion-is-for-the-issuer': {
    severity: 'medium',
    cite: 'draft-ietf-oauth-rfc7523bis',
    what: { ja: 'クライアントアサーションの宛先がトークンエンドポイント', en: 'client assertion made for the token endpoint' },
    why: {
      ja: '悪意のあるサーバーが自分のトークンエンドポイントの値をすり替え、アサーションを他で使えます。',
      en: 'A hostile server can name somebody else’s endpoint as its own and use the assertion there.',
    },
    todo: { ja: 'aud を発行者の識別子（issuer）一つだけにする。', en: 'Make aud the issuer identifier, and nothing else.' },
  },
  'access-tokens-are-short': {
    severity: 'medium',
    cite: 'OAuth2.1§7.1.3',
    what: { ja: 'アクセストークンの寿命が長い', en: 'access tokens live long' },
    why: { ja: '取り消しても、期限まで API で通ります。', en: 'After a revocation they still work until they end.' },
    todo: { ja: '10 分以下にし、続きはリフレッシュトークンで。', en: 'Ten minutes at most; refresh for more.' },
  },
  'response-mode-is-query': {
    severity: 'medium',
    cite: 'OAuth2.1§4.1.2',
    what: { ja: '認可コードの応答が query でない', en: 'the code does not come back by query' },
    why: {
      ja: 'コードは一度しか使えず PKCE で守られるので、種類を問わず query でよく、fragment はスクリプトと履歴にコードを渡します。',
      en: 'The code is used once and PKCE guards it: query fits every kind of client; a fragment hands it to scripts and history.',
    },
    todo: {
      ja: 'response_mode を外すか query にする（機密・公開を問わず）。',
      en: 'Leave response_mode out or say query, whatever the client.',
    },
  },
  'response-types-are-served': {
    severity: 'medium',
    cite: 'OAuth2.1§10',
    what: { ja: 'id_token だけを画面遷移で返す応答', en: 'a response of an ID token alone' },
    why: {
      ja: 'OAuth 2.1 の応答は code です。個人の情報がアドレスに載ります。',
      en: 'OAuth 2.1 answers with a code; this puts personal data into the address.',
    },
    todo: { ja: 'response_type を code にする。', en: 'Use response_type code.' },
  },
  'resource-is-named': {
    severity: 'low',
    cite: 'RFC8707§2',
    what: { ja: 'どの API のためのトークンかを言っていない（resource がない）', en: 'no resource: nobody says which API the token is for' },
    why: {
      ja: 'どこでも通るトークンは、一つの API から漏れると全部で使えます。',
      en: 'A token for everything, leaked by one API, works at all.',
    },
    todo: { ja: '要求に resource を入れ、API は aud を確かめる。', en: 'Send resource; let each API check aud.' },
  },
  'issuer-is-named': {
    severity: 'medium',
    cite: 'RFC9207§2, OAuth2.1§4.1.2',
    what: { ja: '認可応答に iss がない', en: 'authorization responses without iss' },
    why: {
      ja: '複数の発行者を使うアプリが、コードを違う発行者に渡してしまいます（ミックスアップ）。',
      en: 'An app with several issuers can be made to hand a code to the wrong one (mix-up).',
    },
    todo: { ja: '応答に iss を入れ、アプリで確かめる。', en: 'Send iss and check it in the app.' },
  },
  'signatures-are-real': {
    severity: 'high',
    cite: 'RFC8725§3.2, OIDC-Core§2',
    what: { ja: 'ID トークンの署名が none', en: 'ID tokens with the algorithm none' },
    why: { ja: '署名のないものは誰でも書けます。', en: 'Anybody can write what nobody signs.' },
    todo: { ja: 'ES256 などの非対称の署名にする。', en: 'Sign with ES256 or another asymmetric algorithm.' },
  },
} as const satisfies Record<string, FindingKind>

export type FindingId = keyof typeof findingKinds

export interface Finding {
  readonly id: FindingId
  /** Path in the file; `?name` in an address. */
  readonly at: string
  /** The client it is about. */
  readonly client?: string
  /** What stands there, never a secret. */
  readonly seen?: string
}
