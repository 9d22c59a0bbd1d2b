// Which line of which proxy's configuration to change for a trouble that was seen, and what has to stand there.
// With the file, the line is found in it; without, what to write is said for each proxy.
import type { Text } from '@kimei/protocol'
import { type ProxyLine, type ProxyName, proxyNames, type Trouble } from './examination.ts'
import { findings } from './proxy-files.ts'

const why: Readonly<Record<Trouble, Text>> = {
  host: { ja: '外から見た Host を中へ伝えます。', en: 'Passes the outer Host on.' },
  scheme: { ja: '外が https であることを中へ伝えます。', en: 'Tells the inside that the outside is https.' },
  prefix: { ja: '道の前の部分を落とさずに渡します。', en: 'Passes paths on without losing their beginning.' },
  trust: { ja: '呼び手が書いた転送ヘッダーを書き直します。', en: 'Overwrites forwarded headers that a caller wrote.' },
  cors: { ja: 'CORS は一か所だけで付けます。', en: 'CORS is answered in one place alone.' },
  chain: { ja: '中間の証明書まで送ります。', en: 'Sends the intermediate certificates too.' },
  'old-tls': { ja: 'TLS は 1.2 と 1.3 だけにします。', en: 'Speaks TLS 1.2 and 1.3 alone.' },
  certificate: {
    ja: '接続の証明書だけを中へ渡し、呼び手が書いたものは消します。',
    en: 'Passes on the certificate of the connection alone, never what a caller wrote.',
  },
  'proof-header': { ja: 'DPoP と Authorization をそのまま渡します。', en: 'Passes DPoP and Authorization on as they are.' },
}

/** What has to be written, where a file does not say it already. */
const snippets: Readonly<Record<ProxyName, Readonly<Partial<Record<Trouble, string>>>>> = {
  nginx: {
    host: 'proxy_set_header Host $host;  proxy_set_header X-Forwarded-Host $host;',
    scheme: 'proxy_set_header X-Forwarded-Proto $scheme;',
    prefix: 'proxy_pass http://upstream;   # without a path after the host',
    trust: 'proxy_set_header X-Forwarded-Host $host;  proxy_set_header Forwarded "";',
    cors: '# remove add_header Access-Control-*',
    chain: 'ssl_certificate fullchain.pem;',
    'old-tls': 'ssl_protocols TLSv1.2 TLSv1.3;',
    certificate: 'proxy_set_header X-SSL-Client-Cert $ssl_client_escaped_cert;',
    'proof-header': '# remove proxy_set_header DPoP "" and Authorization ""',
  },
  envoy: {
    host: 'auto_host_rewrite: false   # and no host_rewrite_literal',
    scheme: 'use_remote_address: true   # in http_connection_manager: X-Forwarded-Proto of the edge',
    prefix: '# remove prefix_rewrite and regex_rewrite',
    trust: 'use_remote_address: true',
    cors: '# remove the cors filter, or the headers of the program',
    chain: 'certificate_chain: { filename: fullchain.pem }',
    'old-tls': 'tls_params: { tls_minimum_protocol_version: TLSv1_2 }',
    certificate: 'forward_client_cert_details: SANITIZE_SET  with  set_current_client_cert_details: { cert: true }',
    'proof-header': '# remove dpop and authorization from request_headers_to_remove',
  },
  haproxy: {
    host: 'http-request set-header X-Forwarded-Host %[req.hdr(Host)]',
    scheme: 'http-request set-header X-Forwarded-Proto https if { ssl_fc }',
    prefix: '# remove http-request replace-path and set-path',
    trust: 'http-request del-header Forwarded  and  set-header for each X-Forwarded-*',
    cors: '# remove http-response set-header Access-Control-*',
    chain: 'bind :443 ssl crt fullchain-and-key.pem',
    'old-tls': 'bind :443 ssl … ssl-min-ver TLSv1.2',
    certificate: 'http-request set-header X-SSL-Client-Cert %{+Q}[ssl_c_der,base64]',
    'proof-header': '# remove http-request del-header DPoP',
  },
  traefik: {
    host: 'passHostHeader: true',
    scheme: 'entryPoints.<name>.forwardedHeaders.trustedIPs: [addresses of what stands in front]',
    prefix: '# remove the stripPrefix middleware',
    trust: 'entryPoints.<name>.forwardedHeaders.insecure: false',
    cors: '# remove accessControlAllow* of the headers middleware',
    chain: 'tls.certificates[].certFile: fullchain.pem',
    'old-tls': 'tls.options.default.minVersion: VersionTLS12',
    certificate: 'passTLSClientCert: { pem: true }   # as a middleware of the router',
    'proof-header': '# remove DPoP: "" from customRequestHeaders',
  },
  caddy: {
    host: 'reverse_proxy …   # without header_up Host',
    scheme: 'reverse_proxy …   # without header_up X-Forwarded-Proto',
    prefix: 'handle instead of handle_path',
    trust: '# remove trusted_proxies that trusts everybody',
    cors: '# remove header Access-Control-*',
    chain: 'tls fullchain.pem key.pem',
    'old-tls': 'tls { protocols tls1.2 tls1.3 }',
    certificate: 'header_up X-SSL-Client-Cert {http.request.tls.client.certificate_der_base64}',
    'proof-header': '# remove header_up -DPoP',
  },
}

/** Nobody who checks proofs or certificates can live with these. */
const harmful: ReadonlySet<Trouble> = new Set(['certificate', 'proof-header'])

export interface ProxyFile {
  readonly name: string
  readonly text: string
}

/**
 * For each trouble: the lines of the files, where there are some; else what to write for every proxy.
 * What is wrong in a file whatever stands behind it is said in any case.
 */
export function adviceFor(troubles: readonly Trouble[], files: readonly ProxyFile[]): readonly ProxyLine[] {
  const asked = [...new Set(troubles)]
  if (files.length === 0) return asked.flatMap((trouble) => proxyNames.flatMap((proxy) => generic(proxy, trouble, proxy)))
  return files.flatMap(({ name, text }) => {
    const { proxy, found } = findings(text)
    if (proxy === undefined) return []
    const seen = found
      .filter(({ trouble }) => asked.includes(trouble) || harmful.has(trouble))
      .map(
        ({ trouble, line, write }): ProxyLine => ({
          proxy,
          trouble,
          at: `${name}:${line}`,
          write: write ?? snippets[proxy][trouble] ?? '',
          why: why[trouble],
        }),
      )
    const unseen = asked.filter((trouble) => !found.some((one) => one.trouble === trouble))
    return [...seen, ...unseen.flatMap((trouble) => generic(proxy, trouble, name))]
  })
}

function generic(proxy: ProxyName, trouble: Trouble, at: string): ProxyLine[] {
  const write = snippets[proxy][trouble]
  return write === undefined ? [] : [{ proxy, trouble, at, write, why: why[trouble] }]
}
