// What OAuth 2.1 asks of an issuer, as an outsider can look at it: the words of each check and what repairs it. Words only.
import type { Text } from '@kimei/protocol'

export interface Check {
  readonly cite: string
  readonly says: Text
  readonly mend: Text
}

export const checks = {
  'implicit-not-declared': {
    cite: 'OAuth2.1§10',
    says: { ja: 'ブラウザに切符を流す方法を公表していない', en: 'no response type that puts a token into the browser is published' },
    mend: { ja: 'token を含む response_type をやめる', en: 'Remove every response type with token from the configuration' },
  },
  'implicit-refused': {
    cite: 'OAuth2.1§10.1',
    says: { ja: 'response_type=token は断られる', en: 'response_type=token is refused' },
    mend: { ja: '暗黙フローを止め、コードと PKCE に移す', en: 'Switch the implicit flow off and move its clients to code with PKCE' },
  },
  'password-not-declared': {
    cite: 'OAuth2.1§10',
    says: { ja: '合言葉を預かる方法を公表していない', en: 'the password grant is not published' },
    mend: { ja: 'password グラントをやめる', en: 'Remove the password grant from the configuration' },
  },
  'password-refused': {
    cite: 'OAuth2.1§10',
    says: { ja: 'grant_type=password は断られる', en: 'grant_type=password is refused' },
    mend: { ja: 'password グラントを止める', en: 'Switch the password grant off for this client' },
  },
  'pkce-s256-declared': {
    cite: 'OAuth2.1§4.1.1',
    says: { ja: 'PKCE は S256 だけと公表している', en: 'PKCE is published, with S256 and without plain' },
    mend: { ja: 'code_challenge_methods_supported を S256 だけにする', en: 'Publish code_challenge_methods_supported with S256 alone' },
  },
  'pkce-required': {
    cite: 'OAuth2.1§4.1.1',
    says: { ja: 'PKCE のない申請は断られる', en: 'a request without code_challenge is refused' },
    mend: { ja: 'すべてのクライアントに PKCE を求める', en: 'Demand PKCE from every client' },
  },
  'pkce-plain-refused': {
    cite: 'OAuth2.1§7.5.2',
    says: { ja: 'plain の PKCE は断られる', en: 'code_challenge_method plain is refused' },
    mend: { ja: 'plain を受け取らない', en: 'Take S256 alone' },
  },
  'pkce-verifier-checked': {
    cite: 'OAuth2.1§4.1.3',
    says: { ja: 'verifier のない引き換えは断られる', en: 'a code is not redeemed without its code_verifier' },
    mend: { ja: '引き換えで verifier を必ず確かめる', en: 'Always check the verifier when a code with a challenge is redeemed' },
  },
  'redirect-exact': {
    cite: 'OAuth2.1§2.3.1',
    says: { ja: '戻り先は一字も違わず比べられる', en: 'redirect URIs are compared exactly' },
    mend: {
      ja: '戻り先を文字列として比べ、前方一致や書き換えをやめる',
      en: 'Compare redirect URIs as strings: no prefixes, wildcards or normalization',
    },
  },
  'iss-declared': {
    cite: 'RFC9207§3',
    says: { ja: '返事に iss が入ると公表している', en: 'iss in authorization responses is published' },
    mend: {
      ja: 'authorization_response_iss_parameter_supported を true にする',
      en: 'Publish authorization_response_iss_parameter_supported: true',
    },
  },
  'iss-with-code': {
    cite: 'OAuth2.1§4.1.2',
    says: { ja: 'コードの返事に正しい iss がある', en: 'iss comes with the code and equals the issuer' },
    mend: { ja: 'コードの返事に発行者をそのまま iss として入れる', en: 'Send the issuer identifier, unchanged, as iss with every code' },
  },
  'iss-with-error': {
    cite: 'OAuth2.1§4.1.2.1',
    says: { ja: '断りの返事にも正しい iss がある', en: 'iss comes with errors as well and equals the issuer' },
    mend: { ja: '断りの返事にも iss を入れる', en: 'Send iss with error responses, too' },
  },
  'code-once': {
    cite: 'OAuth2.1§4.1.3',
    says: { ja: 'コードは一度しか使えない', en: 'a code is redeemed once' },
    mend: { ja: '使われたコードを覚えて断る', en: 'Remember redeemed codes and refuse them' },
  },
  'code-reuse-ends-tokens': {
    cite: 'OAuth2.1§4.1.3',
    says: { ja: 'コードが二度来たら、その切符も止まる', en: 'a code that comes twice ends what was issued for it' },
    mend: { ja: '二度目のコードで、その承認の切符を取り消す', en: 'Revoke the tokens of a code when it is presented again' },
  },
  'refresh-restricted': {
    cite: 'OAuth2.1§4.3.1',
    says: { ja: 'refresh token は回転するか鍵に結ばれる', en: 'refresh tokens are rotated, or bound to the client' },
    mend: {
      ja: '公開クライアントの refresh token を回転させるか、鍵に結ぶ',
      en: 'Rotate the refresh tokens of public clients, or bind them to a key',
    },
  },
  'query-token-ignored': {
    cite: 'OAuth2.1§5.1',
    says: { ja: 'URL の中の切符は通らない', en: 'a token in the URL opens no API' },
    mend: { ja: 'access_token を URL から読まない', en: 'Do not read access_token from the query' },
  },
  'credentials-demanded': {
    cite: 'OAuth2.1§3.2.1',
    says: { ja: '秘密のあるクライアントは名乗るだけでは通らない', en: 'a client with credentials does not pass by its name alone' },
    mend: { ja: '登録した方法の認証を必ず求める', en: 'Demand the registered authentication on every token request' },
  },
  'assertion-audience': {
    cite: 'OAuth2.1§2.4',
    says: { ja: 'client assertion の宛先は発行者だけ', en: 'client assertions for the token endpoint URL are refused' },
    mend: { ja: 'assertion の aud は発行者の識別子だけを受け取る', en: 'Take the issuer identifier alone as aud of client assertions' },
  },
} as const satisfies Record<string, Check>

export type CheckName = keyof typeof checks
export type Readiness = 'ready' | 'not-ready' | 'not-observable'

/** One check of one issuer, seen through one client. */
export interface ReadinessLine {
  readonly check: CheckName
  readonly cite: string
  readonly says: Text
  readonly verdict: Readiness
  /** What was seen, or why nothing could be. */
  readonly seen: string
  /** Only where something is to be repaired. */
  readonly mend?: Text
  readonly evidence: readonly string[]
}

export function line(check: CheckName, verdict: Readiness, seen: string, evidence: readonly string[] = []): ReadinessLine {
  const { cite, says, mend } = checks[check]
  return { check, cite, says, verdict, seen, ...(verdict === 'not-ready' && { mend }), evidence }
}
