// A client's web server on loopback that only receives: pages to land on, one that sends the browser on to an app's own scheme,
// and a form with the policy that Kimei's pages must not have.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CallbackApp {
  readonly port: number
  /** Paths with query that were asked for, in order. */
  readonly seen: string[]
  /** Bodies of the forms that were posted, in order. */
  readonly posted: string[]
  close(): Promise<void>
}

/** Where `/onward` sends the browser. */
export const appScheme = 'com.example.ledger:/signed-in'

const page = (body: string) =>
  `<!doctype html><html lang="en"><head><title>client</title><link rel="icon" href="data:,"></head><body>${body}</body></html>`

export async function startCallbackApp(): Promise<CallbackApp> {
  const seen: string[] = []
  const posted: string[] = []
  const server = createServer((request, response) => {
    const target = request.url ?? '/'
    seen.push(target)
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      if (request.method === 'POST') posted.push(body)
      answer(target, request.method ?? 'GET', response)
    })
  })
  // Both families: `localhost` may be either.
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    posted,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function answer(target: string, method: string, response: ServerResponse): void {
  const { pathname, search, searchParams } = new URL(target, 'http://client.invalid')
  if (pathname === '/onward') response.writeHead(302, { location: `${appScheme}${search}` }).end()
  else if (pathname === '/self-only' && method === 'POST') response.writeHead(303, { location: searchParams.get('to') ?? '/' }).end()
  else if (pathname === '/self-only') {
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': "form-action 'self'" })
    response.end(page('<form method="post"><button id="go">go</button></form>'))
  } else response.writeHead(200, { 'content-type': 'text/html' }).end(page('<p id="landed">landed</p>'))
}
