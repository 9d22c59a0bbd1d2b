// The code flow against the issuer of issuer-kit.ts: requests by URL, sign-in through the pages' forms, redemption by hand.
import { hashPassword } from '@kimei/server'
import { type FormBrowser, formBrowser, formFields, type Page } from './form-browser.ts'
import { type WireKey, wireKey } from './hostile-jwt.ts'
import {
  asKeyClient,
  type IssuerKit,
  type IssuerKitOptions,
  type KitAnswer,
  kitRedirect,
  pkcePair,
  postForm,
  startIssuerKit,
  tokenProof,
} from './issuer-kit.ts'

export const kitPassword = 'correct horse battery staple'
let hashed: Promise<string> | undefined

/** An issuer whose people can sign in. The hash is computed once for all of them. */
export async function startCodeKit(options: IssuerKitOptions = {}): Promise<IssuerKit> {
  hashed ??= hashPassword(kitPassword)
  return startIssuerKit({ ...options, passwordHash: await hashed })
}

export interface CodeAsk {
  readonly clientId?: string
  readonly redirectUri?: string
  readonly key?: WireKey
  /** Replaces or, as `undefined`, removes parameters. */
  readonly change?: Readonly<Record<string, string | undefined>>
}

export interface OpenAsk {
  readonly url: string
  readonly verifier: string
  readonly clientId: string
  readonly redirectUri: string
}

/** A sound authorization request, but for what is changed. */
export function authorizeUrl(kit: IssuerKit, ask: CodeAsk = {}): OpenAsk {
  const { verifier, challenge } = pkcePair()
  const clientId = ask.clientId ?? 'spa'
  const redirectUri = ask.redirectUri ?? (clientId === 'cli' ? 'http://127.0.0.1:49152/callback' : kitRedirect)
  const all: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'openid profile notes:read',
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(ask.key && { dpop_jkt: ask.key.jkt }),
    ...ask.change,
  }
  const parameters = new URLSearchParams(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined))
  return { url: `${kit.issuer}/authorize?${parameters}`, verifier, clientId, redirectUri }
}

export interface SignedIn {
  readonly browser: FormBrowser
  /** Where the browser ended: the client's redirect URI with its parameters. */
  readonly landed: URL
  /** What is posted to the client, where a page of the issuer does that. */
  readonly posted: Readonly<Record<string, string>> | undefined
}

/** Signs in and consents through the forms, whatever of both is asked. */
export async function walkForms(kit: IssuerKit, url: string, browser = formBrowser(kit.issuer), username = 'hanako'): Promise<SignedIn> {
  let page: Page = await browser.open(url)
  for (let steps = 0; steps < 4 && page.status !== 0; steps += 1) {
    if (page.text.includes('id="form-post-submit"')) break
    if (page.text.includes('id="login-submit"')) page = await browser.press(page, 'login-submit', { username, password: kitPassword })
    else if (page.text.includes('id="consent-allow"')) page = await browser.press(page, 'consent-allow')
    else throw new Error(`a page that is neither sign-in nor consent: ${page.status} ${page.text.slice(0, 400)}`)
  }
  return { browser, landed: page.url, posted: page.status === 0 ? undefined : formFields(page.text, 'form-post-submit') }
}

/** Signs in where the page asks for it. */
export async function walkSignIn(browser: FormBrowser, page: Page, username = 'hanako'): Promise<Page> {
  return page.text.includes('id="login-submit"') ? browser.press(page, 'login-submit', { username, password: kitPassword }) : page
}

/** Parameters of the token request that redeems the code; authentication included where the client has one. */
export function redemption(kit: IssuerKit, open: OpenAsk, code: string): Record<string, string> {
  const confidential = open.clientId === 'web'
  return {
    grant_type: 'authorization_code',
    code,
    code_verifier: open.verifier,
    redirect_uri: open.redirectUri,
    ...(confidential ? asKeyClient(kit, open.clientId) : { client_id: open.clientId }),
  }
}

export interface HeldTokens {
  readonly key: WireKey
  readonly answer: KitAnswer
  readonly browser: FormBrowser
  readonly open: OpenAsk
  readonly code: string
}

/** The whole flow: tokens bound to a fresh key. */
export async function getTokens(kit: IssuerKit, ask: CodeAsk = {}, browser?: FormBrowser, username?: string): Promise<HeldTokens> {
  const key = ask.key ?? wireKey()
  const open = authorizeUrl(kit, ask)
  const signedIn = await walkForms(kit, open.url, browser, username)
  const code = signedIn.landed.searchParams.get('code')
  if (!code) throw new Error(`no code: ${signedIn.landed}`)
  const answer = await postForm(kit, '/token', redemption(kit, open, code), { dpop: tokenProof(kit, key) })
  return { key, answer, browser: signedIn.browser, open, code }
}

/** A refresh by the holder of these tokens, with a fresh proof. */
export function refresh(
  kit: IssuerKit,
  held: Pick<HeldTokens, 'key' | 'open'>,
  refreshToken: unknown,
  change: Record<string, string> = {},
): Promise<KitAnswer> {
  const confidential = held.open.clientId === 'web'
  const who = confidential ? asKeyClient(kit, 'web') : { client_id: held.open.clientId }
  return postForm(
    kit,
    '/token',
    { grant_type: 'refresh_token', refresh_token: String(refreshToken), ...who, ...change },
    { dpop: tokenProof(kit, held.key) },
  )
}
