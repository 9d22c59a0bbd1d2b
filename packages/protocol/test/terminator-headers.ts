// How each terminator writes a client certificate into headers: written from their documentation, not from the reader; and the reader at work.
import { createHash } from 'node:crypto'
import { type Broken, type ForwardedReading, isBroken, makeForwardedReader, type PresentedCertificate, wholeLaw } from '../src/index.ts'

export type Lines = readonly (readonly [name: string, value: string])[]

export interface Told {
  readonly leaf: Uint8Array
  readonly chain: readonly Uint8Array[]
}

export interface Telling {
  readonly name: string
  readonly how: ForwardedReading
  readonly write: (told: Told) => Lines
  /** What of it arrives. */
  readonly carries: 'certificate' | 'chain' | 'digest'
}

const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64')
const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${base64(der).replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
const sha256 = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex')
/** Letters, digits and -._~ stay. */
const escapeAll = (text: string): string =>
  text.replace(/[^A-Za-z0-9._~-]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
/** AWS: + = and / stay as well. */
const escapeSome = (text: string): string =>
  text.replace(/[^A-Za-z0-9._~+=/-]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
const spaced = (der: Uint8Array): string => pem(der).replaceAll('\n', ' ').trim()

export const tellings: readonly Telling[] = [
  {
    name: 'RFC 9440',
    how: { format: 'rfc9440' },
    carries: 'chain',
    write: ({ leaf, chain }) => [
      ['Client-Cert', `:${base64(leaf)}:`],
      ...(chain.length > 0 ? [['Client-Cert-Chain', chain.map((der) => `:${base64(der)}:`).join(', ')] as const] : []),
    ],
  },
  {
    name: 'nginx $ssl_client_escaped_cert',
    how: { format: 'nginx' },
    carries: 'certificate',
    write: ({ leaf }) => [['ssl-client-cert', escapeAll(pem(leaf))]],
  },
  {
    name: 'Envoy with certificate and chain',
    how: { format: 'envoy' },
    carries: 'chain',
    write: ({ leaf, chain }) => [
      [
        'x-forwarded-client-cert',
        `By=spiffe://mesh/api;Hash=${sha256(leaf)};Cert="${escapeAll(pem(leaf))}";Chain="${escapeAll([leaf, ...chain].map(pem).join(''))}";Subject="CN=one,O=\\"K; K.\\"";URI=spiffe://mesh/one`,
      ],
    ],
  },
  {
    name: 'Envoy as it is by default',
    how: { format: 'envoy' },
    carries: 'digest',
    write: ({ leaf }) => [['x-forwarded-client-cert', `Hash=${sha256(leaf)};Subject="";DNS=one.example`]],
  },
  {
    name: 'HAProxy %[ssl_c_der,base64]',
    how: { format: 'haproxy', chainHeader: 'X-SSL-Client-Chain' },
    carries: 'chain',
    write: ({ leaf, chain }) => [
      ['X-SSL-Client-Cert', base64(leaf)],
      ['X-SSL-Client-Chain', base64(Buffer.concat(chain))],
    ],
  },
  {
    name: 'Apache %{SSL_CLIENT_CERT}s',
    how: { format: 'apache', chainHeader: 'X-SSL-Client-Chain' },
    carries: 'chain',
    write: ({ leaf, chain }) => [
      ['X-SSL-Client-Cert', spaced(leaf)],
      ...[0, 1, 2].map((at) => [`X-SSL-Client-Chain-${at}`, chain[at] ? spaced(chain[at]) : '(null)'] as const),
    ],
  },
  {
    name: 'Traefik passTLSClientCert',
    how: { format: 'traefik' },
    carries: 'chain',
    write: ({ leaf, chain }) => [['X-Forwarded-Tls-Client-Cert', [leaf, ...chain].map(base64).join(',')]],
  },
  {
    name: 'AWS ALB passthrough',
    how: { format: 'alb-passthrough' },
    carries: 'chain',
    write: ({ leaf, chain }) => [['X-Amzn-Mtls-Clientcert', escapeSome([leaf, ...chain].map(pem).join(''))]],
  },
  {
    name: 'AWS ALB verify',
    how: { format: 'alb-verify' },
    carries: 'certificate',
    write: ({ leaf }) => [['X-Amzn-Mtls-Clientcert-Leaf', escapeSome(pem(leaf))]],
  },
  {
    name: 'CloudFront',
    how: { format: 'cloudfront' },
    carries: 'digest',
    write: ({ leaf }) => [['CloudFront-Viewer-Cert-Sha256', sha256(leaf)]],
  },
]

export function read(how: ForwardedReading, lines: Lines) {
  const of = (name: string) => lines.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value)
  return makeForwardedReader(how).read(of, wholeLaw)
}

export async function evidence(how: ForwardedReading, lines: Lines): Promise<PresentedCertificate> {
  const answer = await read(how, lines)
  if (answer === undefined || isBroken(answer)) throw new Error(`no certificate: ${JSON.stringify(answer)}`)
  return answer
}

export async function rule(how: ForwardedReading, lines: Lines): Promise<Broken['broken'] | undefined> {
  const answer = await read(how, lines)
  return answer !== undefined && isBroken(answer) ? answer.broken : undefined
}

export const ruleNames = {
  format: 'certificate-header.is-in-the-configured-format',
  once: 'certificate-header.is-sent-once',
  one: 'certificate-header.holds-one-certificate',
  bounded: 'certificate-header.is-bounded',
  beside: 'certificate-header.chain-comes-with-its-certificate',
  agrees: 'certificate-header.agrees-with-itself',
} as const
