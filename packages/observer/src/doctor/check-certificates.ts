// Certificates of clients: whether the handshake of this address asks for one, and whether the published addresses for them fit.
// Reading the handshake itself stands in `../tls/`.
import { seeHandshake } from '../tls/see-handshake.ts'
import { type Bedside, type Line, line } from './examination.ts'

export async function checkCertificates(bedside: Bedside): Promise<Line[]> {
  const { url } = bedside
  return [...(url.protocol === 'https:' ? [await askedLine(bedside)] : []), ...aliasLines(bedside)]
}

async function askedLine({ url, options, document }: Bedside): Promise<Line> {
  const { authorities } = options
  const lines = [
    ['Host', url.host],
    ['User-Agent', 'kimei-doctor'],
  ] as const
  const { handshake, status } = await seeHandshake(
    { method: 'GET', url: url.href, headers: lines },
    lines,
    authorities === undefined ? [] : [authorities],
  )
  const asked = handshake?.flight.asked.state ?? 'not-observable'
  const bound = document?.['tls_client_certificate_bound_access_tokens'] === true
  if (asked === 'not-observable') {
    return line('certificates', 'not-seen', 'the handshake was not read', {
      ja: '証明書を求めるかどうかは見えませんでした。',
      en: 'Whether a certificate is asked for was not seen.',
    })
  }
  if (asked === 'requested') {
    const demanded = handshake?.end.kind === 'alert' || status === 400
    return line('certificates', 'good', demanded ? 'asked for, and demanded' : 'asked for, not demanded', {
      ja: '握手で証明書を求めます。',
      en: 'The handshake asks for a certificate.',
    })
  }
  if (bound && document?.['mtls_endpoint_aliases'] === undefined) {
    return line(
      'certificates',
      'wrong',
      'announced, and not asked for',
      {
        ja: '証明書に縛ると公表していますが、握手で証明書を求めていません。',
        en: 'Binding to certificates is announced, and the handshake asks for none.',
      },
      {
        mend: { ja: 'TLS の終わるところで証明書を求め、中へ渡します。', en: 'Ask for it where TLS ends, and pass it on.' },
        trouble: 'certificate',
      },
    )
  }
  return line('certificates', 'good', 'not asked for', {
    ja: 'このアドレスでは証明書を求めません。',
    en: 'No certificate is asked for here.',
  })
}

function aliasLines({ document, url }: Bedside): Line[] {
  const aliases = document?.['mtls_endpoint_aliases']
  if (typeof aliases !== 'object' || aliases === null) return []
  const hosts = [
    ...new Set(Object.values(aliases).flatMap((value) => (typeof value === 'string' && URL.canParse(value) ? [new URL(value).host] : []))),
  ]
  const same = hosts.includes(url.host)
  return [
    line(
      'certificates',
      same ? 'doubtful' : 'good',
      hosts.join(', '),
      same
        ? {
            ja: '証明書のためのアドレスが、ふつうのアドレスと同じです。ブラウザにも証明書の窓が出ます。',
            en: 'The address for certificates is the usual one: browsers are asked for one too.',
          }
        : { ja: '証明書を使うクライアントのためのアドレスが別にあります。', en: 'Clients with certificates have an address of their own.' },
    ),
  ]
}
