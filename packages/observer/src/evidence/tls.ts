// TLS as somebody saw it: the transcript of `openssl s_client`. Whether a certificate was asked for, how its absence ended, what the server showed.
// The handshakes that the observer makes itself stand elsewhere.
import { Misuse, type Text } from '@kimei/protocol'
import { type PassiveReading, type PassiveStatement, reading } from './reading.ts'

export function isTlsTranscript(text: string): boolean {
  return /^CONNECTED\([0-9A-F]+\)/m.test(text) || /^SSL handshake has read \d+ bytes/m.test(text) || /SSL alert number \d+/.test(text)
}

/** @throws Misuse where it is no transcript. */
export function tlsReading(source: string, text: string, at: string | undefined): PassiveReading {
  if (!isTlsTranscript(text)) throw new Misuse(['it is no transcript of openssl s_client'])
  const version = /(?:Protocol\s*:\s*|^New, )(TLSv1(?:\.\d)?|SSLv\d)/m.exec(text)?.[1] ?? 'unknown'
  const subject = /^subject=(.{1,200})$/m.exec(text)?.[1] ?? 'unknown'
  const place = `${version}, ${subject.replace(/[\p{Cc}]/gu, ' ')}`
  const say = (says: PassiveStatement['says'], words: Text): PassiveStatement => ({ at, place, about: 'certificate', says, text: words })
  const asked = /^(?:Acceptable client certificate CA names|Client Certificate Types:|Requested Signature Algorithms:)/m.test(text)
  const demanded = /alert number 116\b|certificate required/.test(text) || (asked && /alert number 4[02]\b/.test(text))
  return reading({
    source,
    kind: 'tls',
    whole: true,
    read: 1,
    statements: [
      demanded
        ? say('demanded', { ja: '証明書がないと接続が切られています。', en: 'Without a certificate the connection was ended.' })
        : asked
          ? say('optional', {
              ja: '証明書を求めていますが、無くても握手は終わっています。HTTP の層で断るかどうかはここからは言えません。',
              en: 'A certificate was asked for, and the handshake ended without one. Whether HTTP refuses then does not show here.',
            })
          : say('absent', {
              ja: 'この握手では証明書を求めていません。別の名前や道では求めるかもしれません。',
              en: 'This handshake asked for no certificate. Another name or path may.',
            }),
    ],
    notes: [
      {
        ja: '切符と証明書が結びついているかは、TLS だけでは分かりません。',
        en: 'TLS alone does not show whether tickets are bound to the certificate.',
      },
    ],
  })
}
