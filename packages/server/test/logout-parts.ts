// What the tests of signing out share: clients that declare everything, a server that is told, requests made by hand.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { IssuerConfigInput } from '@kimei/server'
import type { Storage } from '@kimei/storage'
import { authorizeUrl, getTokens, type HeldTokens, startCodeKit, walkForms } from '../../testkit/src/code-kit.ts'
import type { FormBrowser, Page } from '../../testkit/src/form-browser.ts'
import { type IssuerKit, kitApi, kitRedirect } from '../../testkit/src/issuer-kit.ts'

export const bye = 'https://app.example/bye'

export interface Told {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly form: URLSearchParams
}

export interface Listener {
  readonly origin: string
  readonly told: Told[]
  /** What is answered from now on; a number is a status, `hang` never answers. */
  answer: number | 'hang' | { readonly redirect: string }
  close(): Promise<void>
}

/** The back-channel endpoints of some clients. */
export async function startListener(): Promise<Listener> {
  const told: Told[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      told.push({ path: request.url ?? '', headers: request.headers, form: new URLSearchParams(body) })
      const { answer } = listener
      if (answer === 'hang') return
      if (typeof answer === 'number') response.writeHead(answer, { 'cache-control': 'no-store' }).end()
      else response.writeHead(302, { location: answer.redirect }).end()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve())
  })
  const listener: Listener = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    answer: 200,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return listener
}

const scopes = ['openid', 'profile', 'email', 'offline_access', 'notes:read', 'notes:write']

/** `spa`, `cli` and `web` are told at the listener; `quiet` declares nothing. */
export function logoutClients(origin: string): NonNullable<IssuerConfigInput['clients']> {
  const common = { scopes, apis: [kitApi], redirectUris: [kitRedirect] }
  const frame = 'https://app.example/frame'
  return [
    {
      ...common,
      clientId: 'spa',
      kind: 'spa',
      name: { ja: 'メモ帳', en: 'Notes app' },
      postLogoutRedirectUris: [bye, `${bye}?from=issuer`],
      backchannelLogoutUri: `${origin}/spa`,
    },
    {
      ...common,
      clientId: 'es',
      kind: 'spa',
      name: 'Es',
      backchannelLogoutUri: `${origin}/es`,
      idTokenAlg: 'ES256',
      offlineOnLogout: 'end',
    },
    {
      ...common,
      clientId: 'framed',
      kind: 'spa',
      name: 'Framed',
      frontchannelLogoutUri: `${frame}?a=b`,
      frontchannelLogoutSessionRequired: true,
      postLogoutRedirectUris: [bye],
    },
    { ...common, clientId: 'pair', kind: 'spa', name: 'Pair', subjectType: 'pairwise', backchannelLogoutUri: `${origin}/pair` },
    { ...common, clientId: 'quiet', kind: 'spa', name: 'Quiet' },
  ]
}

export async function startLogoutKit(
  listener: Pick<Listener, 'origin'>,
  options: { readonly clock?: () => number; readonly storage?: Storage; readonly port?: number } = {},
): Promise<IssuerKit> {
  const config: Partial<IssuerConfigInput> = {
    clients: logoutClients(listener.origin),
    outbound: { allow: [{ origin: listener.origin }] },
  }
  return startCodeKit({ ...options, config })
}

/** Tokens of one app, by a browser that may be signed in already. */
export function tokensFor(
  kit: IssuerKit,
  clientId: string,
  browser?: FormBrowser,
  scope = 'openid profile notes:read',
): Promise<HeldTokens> {
  const change = { scope, ...(scope.includes('offline_access') && { prompt: 'consent' }) }
  return getTokens(kit, { clientId, change }, browser)
}

export function logoutUrl(kit: IssuerKit, parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(parameters).toString()
  return `${kit.issuer}/logout${query === '' ? '' : `?${query}`}`
}

export const idTokenOf = (held: HeldTokens): string => String(held.answer.json['id_token'])

/** Whether this browser is still signed in: whether an app gets a code without asking. */
export async function isSignedIn(kit: IssuerKit, browser: FormBrowser): Promise<boolean> {
  const { url } = authorizeUrl(kit, { change: { prompt: 'none' } })
  const { landed } = await walkForms(kit, url, browser)
  return landed.searchParams.get('error') !== 'login_required'
}

export const isQuestion = (page: Page): boolean => page.text.includes('id="logout-submit"')

/** Claims and header of a logout token, unverified. */
export function partsOf(token: string): { readonly header: Record<string, unknown>; readonly claims: Record<string, unknown> } {
  const [header = '', claims = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  return { header: JSON.parse(header), claims: JSON.parse(claims) }
}
