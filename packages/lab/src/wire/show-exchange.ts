// An exchange as it may be shown: proofs opened, tickets and secrets as digests. Nothing shown can be used again.
import { createHash } from 'node:crypto'
import { type Evidence, sayHeader } from '@kimei/observer'
import { jwkThumbprint, type PublicJwk } from '@kimei/protocol'
import { stampOf } from 'look'
import type { HeaderLines, WireAnswer, WireRequest } from './send.ts'

export interface ShownExchange {
  /** What the observer sent it for. */
  readonly label?: string
  /** First the request line, then headers and body. */
  readonly request: readonly string[]
  /** First the status. */
  readonly answer: readonly string[]
  readonly status: number
}

const secretFields = new Set([
  'code',
  'code_verifier',
  'refresh_token',
  'client_assertion',
  'client_secret',
  'password',
  'token',
  'access_token',
  'id_token',
])
const shownRequestHeaders = new Set(['authorization', 'dpop', 'content-type', 'client-cert', 'x-client-cert'])
const shownAnswerHeaders = new Set(['kimei-lab', 'www-authenticate', 'dpop-nonce', 'content-type', 'age', 'location'])

export async function showExchange(request: WireRequest, answer: WireAnswer): Promise<ShownExchange> {
  const lines: string[] = [`${request.method} ${shownUrl(request.url)}`]
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase()
    if (!shownRequestHeaders.has(lower)) continue
    if (lower === 'authorization') lines.push(`Authorization: ${hidden(value)}`)
    else if (lower === 'dpop') lines.push(...(await proofLines(value)))
    else if (lower.endsWith('client-cert')) lines.push(`${name}: [sha256 ${digest(value)}]`)
    else lines.push(`${nameOf(lower)}: ${value}`)
  }
  lines.push(...bodyLines(request.body ?? '', headerText(request.headers, 'content-type')))
  return { request: lines, answer: answerLines(answer), status: answer.status }
}

/** What the observer keeps of an exchange, in the same form. */
export function showEvidence({ role, request, response }: Evidence): ShownExchange {
  const said = (claims: object = {}) => Object.entries(claims).map(([name, value]) => `  ${name.padEnd(5)} ${value}`)
  return {
    label: role,
    request: [
      `${request.method} ${request.url}`,
      ...request.authorization.flatMap((one) => [`Authorization: ${one.scheme} [sha256 ${one.sha256.slice(0, 8)}]`, ...said(one.claims)]),
      ...request.proofs.flatMap((one) => [`DPoP: [sha256 ${one.sha256.slice(0, 8)}]`, ...said(one.claims)]),
      ...(request.headers ?? []).map((name) => `${sayHeader(name)}…`),
      ...(request.parameters ?? []).map((name) => `  ${name}=…`),
    ],
    answer: [
      String(response.status),
      ...response.challenge.map((one) => `WWW-Authenticate: ${one}`),
      ...(response.error === null ? [] : [`error: ${response.error}`]),
    ],
    status: response.status,
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8)

/** `authorization` → `Authorization`. */
const nameOf = (lower: string) => lower.replace(/(^|-)[a-z]/g, (part) => part.toUpperCase())

function headerText(headers: HeaderLines, name: string): string {
  return headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? ''
}

/** Parameters of an address can be secrets, too. */
function shownUrl(text: string): string {
  const url = new URL(text)
  const query = [...url.searchParams].map(([name, value]) => `${name}=${secretFields.has(name) ? '…' : value}`)
  return `${url.origin}${url.pathname}${query.length > 0 ? `?${query.join('&')}` : ''}`
}

function hidden(value: string): string {
  const space = value.indexOf(' ')
  return space < 0 ? `[sha256 ${digest(value)}]` : `${value.slice(0, space)} [sha256 ${digest(value.slice(space + 1))}]`
}

async function proofLines(proof: string): Promise<string[]> {
  const [header, claims] = proof.split('.').map(readPart)
  if (header === undefined || claims === undefined) return ['DPoP: (no proof at all)']
  const stamp = await stampIn(header)
  const shown = ['htm', 'htu', 'jti', 'ath'].flatMap((name) =>
    typeof claims[name] === 'string' ? [`  ${name.padEnd(5)} ${shortened(name, claims[name])}`] : [],
  )
  return [`DPoP: [sha256 ${digest(proof)}]`, `  key   ${stamp}`, ...shown]
}

async function stampIn(header: Record<string, unknown>): Promise<string> {
  try {
    return stampOf(await jwkThumbprint(header['jwk'] as PublicJwk))
  } catch {
    return 'unknown'
  }
}

const shortened = (name: string, value: string) => (name === 'jti' || name === 'ath' ? `${value.slice(0, 8)}…` : value)

function readPart(part: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function bodyLines(body: string, type: string): string[] {
  if (body === '') return []
  if (!type.startsWith('application/x-www-form-urlencoded')) return ['', body.slice(0, 200)]
  return [
    '',
    ...[...new URLSearchParams(body)].map(([name, value]) => `${name}=${secretFields.has(name) ? `[sha256 ${digest(value)}]` : value}`),
  ]
}

function answerLines({ status, headers, body }: WireAnswer): string[] {
  const lines = headers.flatMap(([name, value]) => {
    const lower = name.toLowerCase()
    if (!shownAnswerHeaders.has(lower)) return []
    return [`${nameOf(lower).replace('Dpop', 'DPoP').replace('Www', 'WWW')}: ${lower === 'location' ? shownUrl(value) : value}`]
  })
  return [String(status), ...lines, ...answerBody(body)]
}

/** JSON with its secrets as digests; of anything else only that it is there. */
function answerBody(body: string): string[] {
  if (body === '') return []
  try {
    const shown = JSON.stringify(JSON.parse(body), (name, value: unknown) =>
      secretFields.has(name) && typeof value === 'string' ? `[sha256 ${digest(value)}]` : value,
    )
    return ['', shown.slice(0, 400)]
  } catch {
    return []
  }
}
