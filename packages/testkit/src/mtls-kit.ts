// An issuer kit with its second origin: a TLS listener that asks for certificates, and calls to it with or without one.
import { request } from 'node:https'
import { listen } from '@kimei/server'
import { selfSigned, type TestCertificate } from './certificates.ts'
import { type IssuerKit, type IssuerKitOptions, type KitAnswer, startIssuerKit } from './issuer-kit.ts'

export interface MtlsKit extends IssuerKit {
  /** `mtls.url` of the issuer. */
  readonly mtlsUrl: string
  /** Port of the listener that asks. */
  readonly mtlsPort: number
  /** What its certificate is checked with: PEM. */
  readonly serverCertificate: string
}

export interface MtlsKitOptions extends IssuerKitOptions {
  /** More of `mtls`, beside the URL. */
  readonly mtls?: object
}

export async function startMtlsKit({ mtls, ...options }: MtlsKitOptions = {}): Promise<MtlsKit> {
  const serving = selfSigned('localhost')
  let kit: IssuerKit | undefined
  const door = await listen(
    { fetch: (asked, connection) => kit?.server.fetch(asked, connection) ?? new Response(null, { status: 503 }) },
    { host: '127.0.0.1', port: 0, tls: serving, clientCertificates: 'requested' },
  )
  const mtlsUrl = `https://localhost:${door.port}${options.issuerPath ?? ''}`
  const made = await startIssuerKit({ ...options, config: { ...options.config, mtls: { ...mtls, url: mtlsUrl } } })
  kit = made
  return {
    ...made,
    mtlsUrl,
    mtlsPort: door.port,
    serverCertificate: serving.cert,
    close: async () => {
      await door.close()
      await made.close()
    },
  }
}

export interface TlsCall {
  /** Shown when the listener asks. */
  readonly certificate?: Pick<TestCertificate, 'cert' | 'key'>
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly form?: Readonly<Record<string, string>>
  readonly body?: string
  /** The caller's own TLS takes keys that no caller should have. */
  readonly careless?: boolean
}

/** One request on a connection of its own. `ca`: PEM of what the server's certificate is checked with. */
export function callOverTls(
  url: string,
  ca: string,
  { certificate, method, headers, form, body, careless }: TlsCall = {},
): Promise<KitAnswer> {
  const text = form ? new URLSearchParams(form).toString() : body
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        agent: false,
        ca,
        ...(careless && { ciphers: 'DEFAULT:@SECLEVEL=0' }),
        method: method ?? (text === undefined ? 'GET' : 'POST'),
        ...(certificate && { cert: certificate.cert, key: certificate.key }),
        headers: { ...(form && { 'content-type': 'application/x-www-form-urlencoded' }), ...(headers as Record<string, string>) },
      },
      (response) => {
        let all = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          all += part
        })
        response.on('end', () => {
          const lines = new Headers()
          for (let at = 0; at + 1 < response.rawHeaders.length; at += 2)
            lines.append(response.rawHeaders[at]!, response.rawHeaders[at + 1]!)
          const isJson = lines.get('content-type')?.startsWith('application/json') === true && all !== ''
          resolve({
            status: response.statusCode ?? 0,
            headers: lines,
            text: all,
            json: isJson ? (JSON.parse(all) as KitAnswer['json']) : {},
          })
        })
      },
    )
    asked.on('error', reject)
    asked.end(text)
  })
}

/** A form posted to the origin for certificates. */
export function postWithCertificate(
  kit: MtlsKit,
  path: string,
  form: Readonly<Record<string, string>>,
  call: Omit<TlsCall, 'form' | 'body'> = {},
): Promise<KitAnswer> {
  return callOverTls(`${kit.mtlsUrl}${path}`, kit.serverCertificate, { ...call, form })
}
