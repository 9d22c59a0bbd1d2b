// The few shapes of answers, with the headers each must carry. Nothing here decides anything.
import type { ServerContext } from '../context.ts'

type HeaderRecord = Readonly<Record<string, string>>

interface HeaderSets {
  readonly json: HeaderRecord
  readonly html: HeaderRecord
  readonly redirect: HeaderRecord
  readonly open: HeaderRecord
}

const everywhere = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }
const noStore = { 'cache-control': 'no-store' }
const json = { 'content-type': 'application/json' }

/**
 * RFC 9700 §4.16, OAuth 2.1 §7.11. No script at all. No form-action: the POSTs of these pages end at the client.
 * No Cross-Origin-Opener-Policy either: it would cut a client's sign-in popup off from the page that opened it.
 */
export const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"

function makeSets(secure: boolean): HeaderSets {
  const all = { ...everywhere, ...(secure && { 'strict-transport-security': 'max-age=63072000' }) }
  return {
    json: { ...json, ...noStore, ...all },
    html: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': pagePolicy,
      'x-frame-options': 'DENY',
      ...noStore,
      ...all,
    },
    redirect: { ...noStore, ...all },
    open: { ...json, ...all },
  }
}

const sets = { true: makeSets(true), false: makeSets(false) }

function setsOf(context: ServerContext): HeaderSets {
  return context.issuer.startsWith('https:') ? sets.true : sets.false
}

/** JSON that nobody may store (OAuth 2.1 §3.2.3). */
export function answerJson(context: ServerContext, status: number, body: unknown, extra?: HeaderRecord): Response {
  const headers = extra ? { ...setsOf(context).json, ...extra } : setsOf(context).json
  return new Response(JSON.stringify(body), { status, headers })
}

/** Signed JSON that nobody may store. */
export function answerJwt(context: ServerContext, mediaType: string, jwt: string, extra?: HeaderRecord): Response {
  return new Response(jwt, { status: 200, headers: { ...setsOf(context).json, ...extra, 'content-type': mediaType } })
}

/** JSON that everybody may cache: metadata and keys. */
export function answerDocument(context: ServerContext, text: string, maxAgeSeconds: number): Response {
  const headers = { ...setsOf(context).open, 'cache-control': `public, max-age=${maxAgeSeconds}` }
  return new Response(text, { status: 200, headers })
}

export function answerPage(context: ServerContext, status: number, html: string, extra?: HeaderRecord): Response {
  return new Response(html, { status, headers: { ...setsOf(context).html, ...extra } })
}

/** Something to keep, for its reader alone. */
export function answerFile(context: ServerContext, file: { readonly type: string; readonly name: string }, text: string): Response {
  const disposition = `attachment; filename="${file.name}"`
  return new Response(text, { headers: { ...setsOf(context).redirect, 'content-type': file.type, 'content-disposition': disposition } })
}

/** 303 and nothing else, so that no browser posts a form again (OAuth 2.1 §7.5.4). */
export function answerRedirect(context: ServerContext, location: string, extra?: HeaderRecord): Response {
  return new Response(null, { status: 303, headers: { ...setsOf(context).redirect, ...extra, location } })
}

/** Success without a body. */
export function answerEmpty(context: ServerContext, status: number, extra?: HeaderRecord): Response {
  return new Response(null, { status, headers: { ...setsOf(context).redirect, ...extra } })
}
