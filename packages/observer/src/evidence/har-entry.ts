// One exchange of a HAR file as facts: which credentials were to be seen, what the proof says, what the issuer gave.
// Nothing of it can be used again. The sum over all exchanges stands in `har.ts`.
import { createHash } from 'node:crypto'
import { isCredentialHeader, isSessionCookie } from '../inventory/credential-names.ts'
import { thumbprintOf } from '../ledger/shown-claims.ts'
import { readJsonObject } from '../read-json.ts'

export interface ProofFacts {
  readonly jkt: string | undefined
  /** A digest. */
  readonly jti: string | undefined
  readonly htm: string | undefined
  readonly htu: string | undefined
  readonly ath: boolean
  readonly nonce: boolean
}

export interface ExchangeFacts {
  readonly method: string
  readonly url: URL
  readonly status: number
  /** Lower case; `undefined` where no Authorization is to be seen, which says nothing. */
  readonly scheme: string | undefined
  /** Any header that an export strips: if one is there, none were stripped. */
  readonly showsCredentials: boolean
  readonly proofs: readonly (ProofFacts | undefined)[]
  readonly nonceDemanded: boolean
  readonly nonceOffered: boolean
  readonly challengeSchemes: readonly string[]
  readonly upgrade: boolean
  readonly graphql: boolean
  readonly grant: string | undefined
  readonly clientId: string | undefined
  readonly tokenType: string | undefined
  readonly boundBy: 'key' | 'certificate' | 'nothing' | undefined
  /** Names alone: headers and cookies that look like credentials beside the ticket. */
  readonly keyHeaders: readonly string[]
  readonly cookies: readonly string[]
}

type Json = Readonly<Record<string, unknown>>
const record = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {})
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** `undefined` for what is no exchange over HTTP. */
export function readExchange(entry: unknown): ExchangeFacts | undefined {
  const { request, response } = record(entry) as { request?: unknown; response?: unknown }
  const [asked, answered] = [record(request), record(response)]
  const written = text(asked['url'])
  const url = written !== undefined && URL.canParse(written) ? new URL(written) : undefined
  if (url === undefined || !/^(?:https?|wss?):$/.test(url.protocol)) return undefined
  const [sent, got] = [headers(asked['headers']), headers(answered['headers'])]
  const form = formOf(record(asked['postData']))
  const challenges = got.all('www-authenticate').join(', ')
  const answer = tokenAnswer(answered, form)
  return {
    method: (text(asked['method']) ?? 'GET').toUpperCase().slice(0, 20),
    url,
    status: typeof answered['status'] === 'number' ? answered['status'] : 0,
    scheme: schemeOf(sent.all('authorization')[0]),
    showsCredentials: [...credentialHeaders].some((name) => sent.all(name).length > 0) || got.all('set-cookie').length > 0,
    proofs: sent.all('dpop').flatMap((value) => value.split(/,\s*/).slice(0, 4).map(readProof)),
    nonceDemanded: /use_dpop_nonce/.test(challenges) || /"use_dpop_nonce"/.test(bodyOf(answered)),
    nonceOffered: got.all('dpop-nonce').length > 0,
    challengeSchemes: ['DPoP', 'Bearer'].filter((name) => new RegExp(`(?:^|[\\s,])${name}(?:\\s|$)`, 'i').test(challenges)),
    upgrade: answered['status'] === 101 || /^wss?:$/.test(url.protocol),
    graphql: /\/graphql\b/.test(url.pathname) || /"query"\s*:\s*"/.test(text(record(asked['postData'])['text'])?.slice(0, 4096) ?? ''),
    grant: form.get('grant_type') ?? undefined,
    clientId: form.get('client_id') ?? undefined,
    ...answer,
    keyHeaders: sent.names().filter(isCredentialHeader),
    cookies: cookieNames(asked, sent).filter(isSessionCookie),
  }
}

/** The list of cookies may be there where the header was stripped, and the other way round. */
function cookieNames(asked: Json, sent: Headers): readonly string[] {
  const listed = (Array.isArray(asked['cookies']) ? asked['cookies'] : []).flatMap((one) => text(record(one)['name']) ?? [])
  const pairs = sent.all('cookie').flatMap((value) => value.split(/;\s*/).map((pair) => pair.split('=')[0]!))
  return [...new Set([...listed, ...pairs])].slice(0, 50)
}

const credentialHeaders = ['authorization', 'cookie', 'proxy-authorization'] as const

interface Headers {
  all(name: string): readonly string[]
  names(): readonly string[]
}

function headers(list: unknown): Headers {
  const pairs = (Array.isArray(list) ? list : []).map((one) => record(one))
  return {
    names: () => pairs.slice(0, 200).flatMap((one) => text(one['name']) ?? []),
    all: (name) =>
      pairs.flatMap((one) => {
        const value = text(one['value'])
        return text(one['name'])?.toLowerCase() === name && value !== undefined && value !== '' ? [value] : []
      }),
  }
}

/** A scheme is one word before a token; an export may leave `[redacted]`. */
function schemeOf(authorization: string | undefined): string | undefined {
  return /^([A-Za-z][\w-]{0,20})\s+\S/.exec(authorization ?? '')?.[1]?.toLowerCase()
}

function formOf(post: Json): URLSearchParams {
  const params = Array.isArray(post['params']) ? post['params'].map((one) => record(one)) : []
  const named = params.flatMap((one): [string, string][] => {
    const [name, value] = [text(one['name']), text(one['value'])]
    return name !== undefined && value !== undefined ? [[name, decoded(value)]] : []
  })
  if (named.length > 0) return new URLSearchParams(named)
  const typed = (text(post['mimeType']) ?? '').startsWith('application/x-www-form-urlencoded')
  return new URLSearchParams(typed ? (text(post['text']) ?? '') : '')
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

function bodyOf(answered: Json): string {
  const content = record(answered['content'])
  const body = text(content['text']) ?? ''
  return content['encoding'] === 'base64' ? Buffer.from(body, 'base64').toString('utf8') : body
}

/** What a token endpoint gave, where the body was recorded. */
function tokenAnswer(answered: Json, form: URLSearchParams): Pick<ExchangeFacts, 'tokenType' | 'boundBy'> {
  if (!form.has('grant_type') || answered['status'] !== 200) return { tokenType: undefined, boundBy: undefined }
  const body = readJsonObject(bodyOf(answered))
  const type = text(body?.['token_type'])?.toLowerCase()
  const token = text(body?.['access_token'])
  const parts = token?.split('.') ?? []
  const claims = parts.length === 3 ? readJsonObject(Buffer.from(parts[1]!, 'base64url').toString('utf8')) : undefined
  const cnf = record(claims?.['cnf'])
  const boundBy = claims === undefined ? undefined : 'jkt' in cnf ? 'key' : 'x5t#S256' in cnf ? 'certificate' : 'nothing'
  return { tokenType: type !== undefined && /^[\w-]{1,20}$/.test(type) ? type : undefined, boundBy }
}

/** `undefined`: there is a proof, and it cannot be read. */
function readProof(proof: string): ProofFacts | undefined {
  const parts = proof.split('.')
  const [header, claims] = parts.slice(0, 2).map((part) => readJsonObject(Buffer.from(part, 'base64url').toString('utf8')))
  if (parts.length !== 3 || header === undefined || claims === undefined) return undefined
  const jti = text(claims['jti'])
  return {
    jkt: thumbprintOf(header['jwk']),
    jti: jti === undefined ? undefined : createHash('sha256').update(jti).digest('base64url').slice(0, 16),
    htm: text(claims['htm']),
    htu: text(claims['htu']),
    ath: typeof claims['ath'] === 'string',
    nonce: typeof claims['nonce'] === 'string',
  }
}
