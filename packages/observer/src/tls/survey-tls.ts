// Asks one place twice without a certificate, in TLS 1.2 and in TLS 1.3, and writes down what its handshakes ask for (L0, L1, L2).
import type { Line, Sent } from '../wire/line.ts'
import type { RawRequest } from '../wire/raw-client.ts'
import { type TlsSeen, type TlsVersion, versionSeen, weakestMode } from './tls-mode.ts'
import type { ClientIdentity } from './watched-connection.ts'

const versions: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3']

export interface TlsPlace {
  /** Whose budget pays. */
  readonly target: string
  readonly method: string
  readonly url: string
  /** A certificate of a test client, for comparison. */
  readonly identity?: ClientIdentity | undefined
}

/** `undefined` for places without TLS. */
export async function surveyTls({ target, method, url, identity }: TlsPlace, line: Line): Promise<TlsSeen | undefined> {
  const { host, port, hostname, protocol } = new URL(url)
  if (protocol !== 'https:') return undefined
  const bare: RawRequest = { method: method === 'HEAD' ? 'HEAD' : 'GET', url, headers: [['Connection', 'close']] }
  const evidence: string[] = []
  const send = async (role: string, request: RawRequest): Promise<Sent> => {
    const sent = await line.send(target, role, request, 'tls')
    evidence.push(sent.evidence)
    return sent
  }
  const plain = (version: TlsVersion) =>
    send(`${version.replace('v', ' ')} without a certificate`, { ...bare, tls: { version, watched: true } })
  const seen = []
  for (const version of versions) {
    const { answer } = await plain(version)
    const asks = answer.handshake?.flight.asked.state === 'requested'
    const again = answer.ended?.kind === 'closed' ? (await plain(version)).answer : undefined
    const compared = asks && answer.ended === undefined && identity !== undefined
    const withCertificate = compared
      ? (await send(`${version.replace('v', ' ')} with a certificate`, { ...bare, tls: { version, watched: true, identity } })).answer
      : undefined
    seen.push(versionSeen(version, answer, { again, withCertificate }))
  }
  return { at: port === '' ? `${hostname}:443` : host, mode: weakestMode(seen), versions: seen, evidence }
}
