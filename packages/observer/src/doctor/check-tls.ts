// TLS as a stranger meets it: version, chain, name and days left; whether versions are spoken that nobody should speak.
import { type ConnectionOptions, connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { isLoopback } from '../inventory/targets.ts'
import { type Bedside, type Line, line } from './examination.ts'

interface Seen {
  readonly version: string
  readonly trusted: string | undefined
  readonly certificate: PeerCertificate
}

const waitMilliseconds = 8000

export async function checkTls({ url, options, now }: Bedside): Promise<Line[]> {
  if (url.protocol === 'http:') return [plainHttp(url)]
  const seen = await handshake(url, { ca: options.authorities === undefined ? undefined : options.authorities })
  if (typeof seen === 'string') {
    return [line('tls', 'wrong', seen, { ja: 'TLS の握手が終わりません。', en: 'The TLS handshake does not end.' })]
  }
  return [versionLine(seen), chainLine(seen, url, now()), await oldVersions(url)]
}

function plainHttp(url: URL): Line {
  if (isLoopback(url.hostname)) {
    return line('tls', 'not-seen', 'http', { ja: 'この機械の中なので TLS はありません。', en: 'On this machine: no TLS.' })
  }
  return line(
    'tls',
    'wrong',
    'http',
    {
      ja: '暗号のない http です。切符も証明も通り道から読めます。',
      en: 'Plain http: tickets and proofs can be read on the way.',
    },
    { mend: { ja: 'https のアドレスを使い、http はそこへ移します。', en: 'Use the https address, and redirect http to it.' } },
  )
}

function handshake(url: URL, more: ConnectionOptions): Promise<Seen | string> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connect({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? 443 : Number(url.port),
      ...(/^[\d.[\]:]+$/.test(url.hostname) ? {} : { servername: url.hostname }),
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...more,
    })
    const end = (seen: Seen | string) => {
      socket.destroy()
      resolve(seen)
    }
    socket.setTimeout(waitMilliseconds, () => end('no answer in time'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    socket.on('secureConnect', () =>
      end({
        version: socket.getProtocol() ?? 'unknown',
        trusted: socket.authorized ? undefined : String((socket.authorizationError as Error | string | undefined) ?? 'not trusted'),
        certificate: socket.getPeerCertificate(),
      }),
    )
  })
}

function versionLine({ version }: Seen): Line {
  return version === 'TLSv1.3'
    ? line('tls', 'good', version, { ja: 'TLS 1.3 で話しています。', en: 'TLS 1.3 is spoken.' })
    : line(
        'tls',
        'doubtful',
        version,
        { ja: 'TLS 1.3 を話しません。', en: 'TLS 1.3 is not spoken.' },
        {
          mend: { ja: 'TLS 1.2 と 1.3 の両方を許します。', en: 'Allow TLS 1.2 and 1.3.' },
          trouble: 'old-tls',
        },
      )
}

const chainWords: Readonly<Record<string, { readonly ja: string; readonly en: string }>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    ja: '中間の証明書が送られていません。ブラウザでは通っても、プログラムは断ります。',
    en: 'Intermediate certificates are not sent: browsers may cope, programs refuse.',
  },
  CERT_HAS_EXPIRED: { ja: '証明書の期限が切れています。', en: 'The certificate has expired.' },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    ja: '自分で署名した証明書です。自分たちの認証局なら --ca で渡します。',
    en: 'A self-signed certificate. If the authority is your own, name it with --ca.',
  },
  SELF_SIGNED_CERT_IN_CHAIN: {
    ja: '知らない認証局です。自分たちのものなら --ca で渡します。',
    en: 'An authority that is not known. If it is your own, name it with --ca.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: { ja: '証明書はこの名前のものではありません。', en: 'The certificate is not for this name.' },
}

const soonDays = 14

function chainLine({ trusted, certificate }: Seen, _url: URL, now: number): Line {
  const until = Date.parse(certificate.valid_to ?? '') / 1000
  const days = Math.floor((until - now) / 86_400)
  const left = Number.isNaN(days) ? '' : `, ${days} days left`
  if (trusted !== undefined) {
    const code = /[A-Z][A-Z_]{6,}/.exec(trusted)?.[0] ?? trusted
    const says = chainWords[code] ?? { ja: 'この証明書は信頼されません。', en: 'The certificate is not trusted.' }
    const chain = code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' || code === 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'
    return line('chain', 'wrong', `${code}${left}`, says, { ...(chain && { trouble: 'chain' as const }) })
  }
  if (days < soonDays) {
    return line(
      'chain',
      'doubtful',
      `${days} days left`,
      { ja: '証明書の期限が近づいています。', en: 'The certificate expires soon.' },
      {
        mend: { ja: '更新が自動で動いているか確かめます。', en: 'See whether the renewal runs by itself.' },
      },
    )
  }
  return line('chain', 'good', `trusted${left}`, {
    ja: '証明書の連なりと名前は正しく、期限もあります。',
    en: 'Chain and name are right, and there is time left.',
  })
}

/** Offered alone: whoever takes it speaks it. */
async function oldVersions(url: URL): Promise<Line> {
  const taken: string[] = []
  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    const seen = await handshake(url, { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' })
    if (typeof seen !== 'string' && seen.version === version) taken.push(version)
  }
  return taken.length === 0
    ? line('old-tls', 'good', 'TLS 1.0 and 1.1 refused', { ja: '古い版は話しません。', en: 'Old versions are not spoken.' })
    : line(
        'old-tls',
        'wrong',
        taken.join(', '),
        { ja: '古い TLS の版を話します。', en: 'Old versions of TLS are spoken.' },
        { trouble: 'old-tls' },
      )
}
