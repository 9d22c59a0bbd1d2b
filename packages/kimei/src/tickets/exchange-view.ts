// Shows what goes over the wire, for `kimei call -v`: proofs opened, tokens and secrets never in full.
import { createHash } from 'node:crypto'
import type { Fetch } from '@kimei/client'
import { jwkThumbprint, type PublicJwk } from '@kimei/protocol'
import { stampOf } from 'look'
import type { Terminal } from '../command/terminal.ts'
import { peekJwt } from './read-jwt.ts'

/** A `fetch` that shows each exchange on standard error, and sends it through `inner`; `x5t` is the certificate that this one shows. */
export function showingFetch(terminal: Terminal, inner: Fetch, x5t?: string): Fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const body = await request.clone().text()
    const lines = await requestLines(request, body)
    if (x5t !== undefined) lines.splice(1, 0, `(over TLS, with the certificate ${stampOf(x5t)})`)
    terminal.note(lines.map((line) => terminal.paint('cyan', `> ${line}`)).join('\n'))
    const response = await inner(request)
    terminal.note(
      responseLines(response)
        .map((line) => terminal.paint(response.ok ? 'green' : 'yellow', `< ${line}`))
        .join('\n'),
    )
    terminal.note('')
    return response
  }
}

async function requestLines(request: Request, body: string): Promise<string[]> {
  const lines = [`${request.method} ${request.url}`]
  for (const [name, value] of request.headers) {
    if (name === 'authorization') lines.push(`authorization: ${hideCredentials(value)}`)
    else if (name === 'dpop') lines.push('dpop: a proof', ...(await proofLines(value)))
    else lines.push(`${name}: ${value}`)
  }
  return body === '' ? lines : [...lines, '', ...bodyLines(body, request.headers.get('content-type') ?? '')]
}

/** `DPoP eyJh…  (812 characters, sha256 1f3a9c02…)`. */
function hideCredentials(value: string): string {
  const [scheme = '', token = ''] = value.split(' ')
  return `${scheme} ${token.slice(0, 4)}…  (${token.length} characters, sha256 ${digest(token)}…)`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

async function proofLines(proof: string): Promise<string[]> {
  const read = peekJwt(proof)
  if (!read) return ['  (not readable)']
  const jkt = await jwkThumbprint(read.header['jwk'] as PublicJwk)
  return [
    `  ${'key'.padEnd(6)} ${stampOf(jkt)}  (${read.header['alg']})`,
    ...Object.entries(read.claims).map(([name, value]) => `  ${name.padEnd(6)} ${value}`),
  ]
}

const secretFields = new Set(['code', 'code_verifier', 'refresh_token', 'client_assertion', 'client_secret', 'password', 'token'])

function bodyLines(body: string, type: string): string[] {
  if (!type.startsWith('application/x-www-form-urlencoded')) return [body]
  return [...new URLSearchParams(body)].map(
    ([name, value]) => `  ${name}=${secretFields.has(name) ? `(${value.length} characters)` : value}`,
  )
}

function responseLines(response: Response): string[] {
  const shown = ['content-type', 'www-authenticate', 'dpop-nonce', 'location', 'cache-control']
  const headers = shown.flatMap((name) => (response.headers.has(name) ? [`${name}: ${response.headers.get(name)}`] : []))
  return [`${response.status} ${response.statusText}`, ...headers]
}
