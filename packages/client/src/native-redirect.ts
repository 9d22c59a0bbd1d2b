// Receives the callback of a native application: a listener on 127.0.0.1 that lives for one sign-in (RFC 8252 §7.3, §8.3).
// Node only.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HolderError } from './holder-error.ts'

const host = '127.0.0.1'

export interface NativeRedirectOptions {
  /** Path of the registered redirect URI; default `/callback`. */
  readonly path?: string
  /** How long to wait for the browser; default 300 seconds. */
  readonly patienceSeconds?: number
  /** What the browser then shows; default a sentence in Japanese and English. */
  readonly page?: string
}

export interface NativeRedirect {
  /** Give this to `begin({ redirectUri })`. */
  readonly redirectUri: string
  /** The one callback with this state; ask before opening the browser. Anybody else who knocks gets 404 and changes nothing. */
  received(state: string): Promise<URL>
  close(): Promise<void>
}

/** Opens the listener on a port of the system's choice. It closes after the callback, at the end of patience, or by `close`. */
export async function listenForRedirect(options: NativeRedirectOptions = {}): Promise<NativeRedirect> {
  const path = options.path ?? '/callback'
  const waiting = new Map<string, (callback: URL) => void>()
  const server = createServer({ maxHeaderSize: 16_384 }, (request, response) => {
    const callback = readCallback(request, path, port)
    const settle = waiting.get(callback?.searchParams.get('state') ?? '')
    if (callback === undefined || settle === undefined) return answer(response, 404, 'Not found.')
    response.once('finish', () => settle(callback))
    answer(response, 200, options.page ?? usualPage)
  })
  const port = await listen(server)
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    redirectUri: `http://${host}:${port}${path}`,
    close,
    async received(state) {
      const patience = options.patienceSeconds ?? 300
      let timer: NodeJS.Timeout | undefined
      try {
        return await new Promise<URL>((resolve, reject) => {
          waiting.set(state, resolve)
          timer = setTimeout(
            () => reject(new HolderError('holder.callback-arrives', `nothing came within ${patience} s`)),
            patience * 1_000,
          )
        })
      } finally {
        clearTimeout(timer)
        await close()
      }
    },
  }
}

/** A GET of the callback path, sent to us by our own name: a page elsewhere whose name was bent to 127.0.0.1 says another. */
function readCallback(request: IncomingMessage, path: string, port: number): URL | undefined {
  const own = `${host}:${port}`
  if (request.method !== 'GET' || request.headers.host !== own) return undefined
  const url = URL.parse(`http://${own}${request.url ?? ''}`)
  return url !== null && url.pathname === path ? url : undefined
}

const usualPage = `<!doctype html><html lang="ja"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Kimei</title><p>サインインが終わりました。この画面は閉じてかまいません。<p lang="en">You are signed in. You can close this page.`

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  })
  response.end(body)
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port))
  })
}
