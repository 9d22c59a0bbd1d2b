// @atproto/oauth-provider on loopback: its stores in memory, one account, and a stand-in for the browser of the person who signs in there.
// What is observed of it, and what is true of it, stands in `atproto.ts`.
import { createServer, request, type Server, type ServerResponse } from 'node:http'
import { oauthMiddleware } from '@atproto/oauth-provider/middleware'
import { JoseKey, OAuthProvider } from '@atproto/oauth-provider/provider'
import type { SignInAnswer } from '@kimei/observer'
import { freePort } from '../free-port.ts'
import { memoryStore, type Person } from './atproto-stores.ts'

export const subject = 'did:web:person.test'
/** The server that keeps this account: for whom its tickets are. */
export const audience = 'did:web:server.test'
const person: Person = {
  account: { did: subject, pds: audience, deactivated: false, handle: 'person.test', email: 'person@server.test' },
  password: 'correct horse battery staple',
}
/** A client of the machine itself: its id says all there is to know of it. */
const phoneRedirect = 'http://127.0.0.1/callback'
export const phone = { id: `http://localhost?redirect_uri=${encodeURIComponent(phoneRedirect)}`, redirectUri: phoneRedirect } as const
/** A client with a key: its id is where its document lies, which is handed to the issuer whenever it asks for one. */
export const web = { id: 'https://app.example.com/client-metadata.json', redirectUri: 'https://app.example.com/callback' } as const

export interface AtprotoIssuer {
  readonly issuer: string
  readonly provider: OAuthProvider
  readonly signIn: (authorizationUrl: string) => Promise<SignInAnswer>
  close(): Promise<void>
}

/** @param webJwk public key of the client that authenticates by it. */
export async function startAtprotoIssuer(webJwk: Readonly<Record<string, unknown>>): Promise<AtprotoIssuer> {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}` as const
  const document = {
    client_id: web.id,
    redirect_uris: [web.redirectUri],
    scope: 'atproto',
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    application_type: 'web',
    dpop_bound_access_tokens: true,
    jwks: { keys: [webJwk] },
  }
  const provider = new OAuthProvider({
    issuer,
    keyset: [await JoseKey.generate(['ES256'], 'issuer')],
    store: memoryStore(person),
    safeFetch: async () => Response.json(document),
  })
  const server = createServer()
  const stop = keepAnswering(server)
  server.on('request', oauthMiddleware(provider))
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready))
  return {
    issuer,
    provider,
    signIn: openPerson(issuer),
    close: () =>
      new Promise((closed) => {
        stop()
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

/** This version rejects a promise that nobody holds where a refusal finds no redirect_uri: its process would end. Here the request ends instead. */
function keepAnswering(server: Server): () => void {
  const open = new Set<ServerResponse>()
  server.on('request', (_request, response) => {
    open.add(response)
    response.on('close', () => open.delete(response))
  })
  const onRejection = (reason: unknown) => {
    if (!(reason instanceof Error) || reason.message !== 'No redirect_uri') throw reason
    for (const response of open) if (!response.headersSent) response.writeHead(500).end()
  }
  process.on('unhandledRejection', onRejection)
  return () => void process.off('unhandledRejection', onRejection)
}

interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly body: string
}

interface Sending {
  readonly method?: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** With `node:http`: what `fetch` says about itself in `Sec-Fetch-Mode` cannot be changed. */
function sendWith(jar: Map<string, string>, url: string, { method = 'GET', headers, body }: Sending): Promise<Answer> {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...headers, ...(cookie && { cookie }) } }, (answer) => {
      for (const line of answer.headers['set-cookie'] ?? []) {
        const [name, value] = line.split(';')[0]!.split(/=(.*)/s)
        jar.set(name!, value!)
      }
      let text = ''
      answer
        .setEncoding('utf8')
        .on('data', (part: string) => {
          text += part
        })
        .on('end', () => resolve({ status: answer.statusCode!, location: answer.headers.location, body: text }))
    })
    sent.on('error', reject).end(body)
  })
}

/** A browser of one person who allows whatever they are asked, as its pages would send it. */
function openPerson(issuer: string): AtprotoIssuer['signIn'] {
  const jar = new Map<string, string>()
  const navigate = (url: string, from?: string) =>
    sendWith(jar, url, {
      headers: {
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
        'sec-fetch-site': from === undefined ? 'none' : 'same-origin',
        ...(from !== undefined && { referer: from }),
      },
    })
  const call = async (from: string, name: string, body: object): Promise<Record<string, unknown>> => {
    const headers = {
      'content-type': 'application/json',
      'sec-fetch-mode': 'same-origin',
      'sec-fetch-site': 'same-origin',
      'x-csrf-token': jar.get('csrf-token') ?? '',
      origin: issuer,
      referer: from,
    }
    const answer = await sendWith(jar, `${issuer}/@atproto/oauth-provider/~api/${name}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return JSON.parse(answer.body) as Record<string, unknown>
  }
  return async (authorizationUrl) => {
    const first = await navigate(authorizationUrl)
    if (first.location !== undefined) return { redirectedTo: first.location }
    const requestUri = /urn:ietf:params:oauth:request_uri:req-[0-9a-f]+/.exec(first.body)?.[0]
    if (first.status !== 200 || requestUri === undefined) return { page: first.body, status: first.status }
    const clientId = new URL(authorizationUrl).searchParams.get('client_id') ?? ''
    const from = `${issuer}/oauth/authorize?${new URLSearchParams({ client_id: clientId, request_uri: requestUri })}`
    // Remembered until a code is used twice: then this browser is signed out.
    if (first.body.includes('window["__sessions"]=JSON.parse("[]")') || first.body.includes('loginRequired\\":true'))
      await call(from, 'sign-in', { locale: 'en', username: person.account.handle, password: person.password, remember: true })
    const { url } = await call(from, 'consent', { did: subject })
    if (typeof url !== 'string') return { page: JSON.stringify({ url }), status: 400 }
    const last = await navigate(url, from)
    return last.location === undefined ? { page: last.body, status: last.status } : { redirectedTo: last.location }
  }
}
