// An issuer that does everything right, except what a test bends.
import { generateSigningKey, jwkThumbprint, type PublicJwk, signerFrom, tokenHash } from '@kimei/protocol'
import { createMemoryDevice, createSession, type Session, type SessionOptions } from '../src/index.ts'
import { type HandServer, type Heard, headOf, type Said, startHandServer } from './hand-server.ts'

type Members = Record<string, unknown>

export interface Bend {
  metadata?: (right: Members) => Members
  tokens?: (right: Members) => Members
  idToken?: (right: Members) => Members
  /** Replaces the finished ID token. */
  idTokenText?: (right: string) => string
  /** Renewals then bring an ID token about this subject. */
  renewedSubject?: string
  userInfo?: (right: Members) => Members
  token?: (heard: Heard, form: URLSearchParams) => Said | undefined | Promise<Said | undefined>
}

export interface PliableIssuer {
  readonly server: HandServer
  readonly issuer: string
  /** Requests to the token endpoint. */
  tokenRequests(): URLSearchParams[]
  /** Bend anything, at any time. */
  readonly bend: Bend
  session(more?: Partial<SessionOptions>): Session
  /** Begins a sign-in, notes its nonce, and answers the callback the browser would come back with. */
  begun(session: Session, change?: (callback: URL) => void): Promise<URL>
  /** The same from an authorization URL. */
  callback(url: string, change?: (callback: URL) => void): URL
}

export const redirectUri = 'https://app.example.test/callback'
const rsa = await generateSigningKey('RS256')
const signer = await signerFrom(rsa.privateJwk, 'RS256', 'rsa-1')
/** A JWT by the issuer's own key, saying what the test wants. */
export async function signedByPeer(claims: object, header: object = {}): Promise<string> {
  const input = `${encode({ alg: 'RS256', kid: 'rsa-1', ...header })}.${encode(claims)}`
  return `${input}.${Buffer.from(await signer.sign(input)).toString('base64url')}`
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** `path` makes the issuer one of several on its host. */
export async function startPliableIssuer(path = ''): Promise<PliableIssuer> {
  const bend: Bend = {}
  const nonces = new Map<string, string>()
  const server = await startHandServer(
    async (heard) => {
      const at = heard.path.replace(path, '')
      if (at.startsWith('/.well-known/')) return json(bent(bend.metadata, metadata()))
      if (at === '/jwks') return json({ keys: [{ ...rsa.publicJwk, kid: 'rsa-1', use: 'sig', alg: 'RS256' }] })
      if (at === '/me') return json(bent(bend.userInfo, { sub: 'user-1', name: 'Hanako' }))
      if (at === '/token') return token(heard)
      return { status: 404 }
    },
    { forPages: true },
  )
  const issuer = `${server.origin}${path}`
  const metadata = (): Members => metadataOf(issuer)
  const token = tokenEndpoint(() => issuer, bend, nonces)
  const callback: PliableIssuer['callback'] = (url, change) => {
    const asked = new URL(url).searchParams
    const state = asked.get('state') ?? ''
    const code = `code-${state}`
    nonces.set(code, asked.get('nonce') ?? '')
    const back = new URL(redirectUri)
    for (const [name, value] of Object.entries({ code, state, iss: issuer })) back.searchParams.set(name, value)
    change?.(back)
    return back
  }
  return {
    server,
    issuer,
    bend,
    tokenRequests: () => server.heard.filter((heard) => heard.path === `${path}/token`).map(({ body }) => new URLSearchParams(body)),
    session: (more = {}) =>
      createSession({ issuer, clientId: 'app', redirectUri, scopes: ['openid', 'profile'], device: createMemoryDevice(), ...more }),
    begun: async (session, change) => callback((await session.begin()).url, change),
    callback,
  }
}

function metadataOf(issuer: string): Members {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/me`,
    jwks_uri: `${issuer}/jwks`,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256'],
  }
}

function tokenEndpoint(issuer: () => string, bend: Bend, nonces: ReadonlyMap<string, string>): (heard: Heard) => Promise<Said> {
  let count = 0
  return async (heard) => {
    const form = new URLSearchParams(heard.body)
    const instead = await bend.token?.(heard, form)
    if (instead !== undefined) return instead
    count += 1
    const accessToken = `opaque-${count}-${await jwkThumbprint(headOf(heard.headers['dpop'])['jwk'] as PublicJwk)}`
    const refresh = { refresh_token: `refresh-${count}`, scope: 'openid profile' }
    const answer: Members = { access_token: accessToken, token_type: 'DPoP', expires_in: 300, ...refresh }
    const nonce = nonces.get(form.get('code') ?? '')
    if (form.get('grant_type') === 'authorization_code') answer['id_token'] = await makeIdToken(issuer(), accessToken, nonce, bend)
    const subject = bend.renewedSubject
    if (form.get('grant_type') === 'refresh_token' && subject !== undefined) {
      answer['id_token'] = await makeIdToken(issuer(), accessToken, undefined, { idToken: (right) => ({ ...right, sub: subject }) })
    }
    return json(bent(bend.tokens, answer), { 'cache-control': 'no-store' })
  }
}

async function makeIdToken(issuer: string, accessToken: string, nonce: string | undefined, bend: Bend): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const named = { iss: issuer, sub: 'user-1', aud: 'app', nonce }
  const claims = bent(bend.idToken, { ...named, exp: now + 300, iat: now, at_hash: await tokenHash(accessToken, 'RS256') })
  const input = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'rsa-1' })}.${encode(claims)}`
  const text = `${input}.${Buffer.from(await signer.sign(input)).toString('base64url')}`
  return bend.idTokenText?.(text) ?? text
}

function bent(how: ((right: Members) => Members) | undefined, right: Members): Members {
  return how?.(right) ?? right
}

function json(body: Members, headers: Record<string, string> = {}): Said {
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}
