// What handshakes showed, in words: one line for a place, one for each version. Shared by text and page.
import type { Language, Text } from '@kimei/protocol'
import type { TlsMode, TlsSeen, VersionSeen } from '../tls/tls-mode.ts'

const modeWords: Readonly<Record<TlsMode | 'not-spoken', Text>> = {
  'not-requested': { ja: 'クライアント証明書を求めない', en: 'asks for no client certificate' },
  optional: { ja: 'クライアント証明書を求めるが、なくても応答する', en: 'asks for a client certificate, and answers without one' },
  'required-in-http': { ja: 'クライアント証明書がなければ HTTP で断る', en: 'demands a client certificate, and says so in HTTP' },
  'required-in-tls': { ja: 'クライアント証明書がなければ接続を断る', en: 'demands a client certificate, or ends the connection' },
  'not-observable': { ja: 'クライアント証明書を求めるかは見えない', en: 'whether it asks for a client certificate cannot be seen' },
  'not-spoken': { ja: '話さない', en: 'is not spoken' },
}
const authoritiesWord: Text = { ja: '受け付ける認証局', en: 'authorities it names' }
const anyAuthority: Text = { ja: '指定なし', en: 'none' }
const withoutWord: Text = { ja: '証明書なしの答え', en: 'without one' }
const algorithmsWord: Text = { ja: '署名の方式', en: 'signature algorithms' }
const moreWord: Text = { ja: 'ほか', en: 'more' }

/** `TLS api.example:443 asks for …` */
export function tlsTitle({ at, mode }: TlsSeen, language: Language): string {
  return `TLS ${at}: ${modeWords[mode][language]}`
}

export interface VersionWords {
  /** `TLS 1.3: asks for …` */
  readonly title: string
  /** `without one: HTTP 401`, `authorities it names: CN=…`, … */
  readonly details: readonly string[]
}

export function tlsVersionWords({ versions }: TlsSeen, language: Language): VersionWords[] {
  return versions.map((seen) => ({
    title: `${seen.version.replace('v', ' ')}: ${modeWords[seen.mode][language]}`,
    details: [...(seen.reason === undefined ? [] : [seen.reason]), ...(seen.asked === 'requested' ? requestWords(seen, language) : [])],
  }))
}

function requestWords(
  { authorities, furtherAuthorities, withoutCertificate, signatureAlgorithms }: VersionSeen,
  language: Language,
): string[] {
  const shown = authorities.slice(0, 3)
  const further = authorities.length - shown.length + furtherAuthorities
  const names = shown.length === 0 ? anyAuthority[language] : shown.join(' / ')
  const algorithms = signatureAlgorithms.length > 4 ? `${signatureAlgorithms.slice(0, 4).join(' ')} …` : signatureAlgorithms.join(' ')
  return [
    `${withoutWord[language]}: ${withoutCertificate}`,
    `${authoritiesWord[language]}: ${names}${further > 0 ? ` (+${further} ${moreWord[language]})` : ''}`,
    `${algorithmsWord[language]}: ${algorithms}`,
  ]
}
