// One exchange as text: what was sent with which ticket and proof, what came back. Digests and claims only.
import type { Language, Text } from '@kimei/protocol'
import type { Evidence, Redacted } from '../observation.ts'
import type { TlsEvidence } from '../tls/tls-evidence.ts'
import { wrapped } from './columns.ts'
import { roleTold } from './role-words.ts'

export function exchangeLines({ id, role, request, response, milliseconds, tls }: Evidence, width: number, language: Language): string[] {
  const said = [
    `${request.method} ${request.url}`,
    ...(tls ? [tlsLine(tls, language)] : []),
    ...request.authorization.map((one) => `Authorization: ${one.scheme} ${shown(one)}`),
    ...request.proofs.map((one) => `DPoP: ${shown(one)}`),
    ...(request.headers ?? []).map((name) => `${sayHeader(name)}…`),
    ...(request.parameters?.length ? [request.parameters.map((name) => `${name}=…`).join('&')] : []),
    `→ ${tls?.ended ?? answerLine(response)}`,
  ]
  const head = wrapped(`${id}  ${roleTold(role, language)}${milliseconds === undefined ? '' : `  ${milliseconds} ms`}`, width, '  ')
  return [...head, ...said.flatMap((one) => wrapped(one, width - 2, '    ').map((line, index) => (index === 0 ? line : `  ${line}`)))]
}

/** `X-API-Key: ` before what is withheld; `Cookie: sid=` for a cookie. */
export function sayHeader(name: string): string {
  const cookie = /^(Cookie) (.+)$/i.exec(name)
  return cookie ? `${cookie[1]}: ${cookie[2]}=` : `${name}: `
}

const tlsWords = {
  none: { ja: '証明書なし', en: 'no certificate' },
  certificate: { ja: '証明書', en: 'certificate' },
  noName: { ja: '名前なし', en: 'no name' },
  name: { ja: '名前', en: 'name' },
  request: { ja: '求め', en: 'request' },
  resumed: { ja: 'セッションの続き', en: 'session resumed' },
} as const satisfies Record<string, Text>

/** How TLS was spoken: with which certificate, and what the handshake asked for. */
export function tlsLine({ certificate, name, version, request, resumed }: TlsEvidence, language: Language): string {
  const shown = certificate === 'none' ? tlsWords.none[language] : `${tlsWords.certificate[language]} sha256 ${certificate.slice(0, 16)}…`
  const parts = [
    version === undefined ? 'TLS' : version.replace('v', ' '),
    shown,
    ...(name === undefined ? [] : [name === '' ? tlsWords.noName[language] : `${tlsWords.name[language]} ${name}`]),
    ...(request === undefined ? [] : [`${tlsWords.request[language]}: ${request}`]),
    ...(resumed ? [tlsWords.resumed[language]] : []),
  ]
  return parts.join('  ')
}

export function answerLine({ status, challenge, error, contentType, nonce }: Evidence['response']): string {
  const parts = [
    status === 0 ? '–' : String(status),
    contentType,
    ...challenge.map((one) => `WWW-Authenticate: ${one}`),
    ...(error !== null && !challenge.some((one) => one.endsWith(error)) ? [`error=${error}`] : []),
    ...(nonce ? ['DPoP-Nonce'] : []),
  ]
  return parts.filter((part) => part !== '').join('  ')
}

function shown({ sha256, length, claims = {} }: Redacted): string {
  const said = Object.entries(claims).map(([name, value]) => `${name}=${value}`)
  return [`[sha256 ${sha256.slice(0, 16)}…, ${length}]`, ...said].join('  ')
}
