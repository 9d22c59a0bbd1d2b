// What the pages load: one stylesheet and one icon, from memory. Their URLs carry a tag of their content.
import { createHash } from 'node:crypto'
import { icon, stylesheet } from 'look'
import type { Handler, ServerContext } from '../context.ts'

interface Asset {
  readonly path: string
  readonly type: string
  readonly text: string
  readonly tag: string
}

function asset(path: string, type: string, text: string): Asset {
  return { path, type, text, tag: createHash('sha256').update(text).digest('base64url').slice(0, 12) }
}

export const pageAssets = {
  stylesheet: asset('/assets/kimei.css', 'text/css; charset=utf-8', stylesheet),
  icon: asset('/assets/kimei.svg', 'image/svg+xml', icon),
} as const

/** A new text has a new URL: the old one may be kept for long. */
export function assetUrl({ urls }: ServerContext, { path, tag }: Asset): string {
  return `${urls.base}${path}?v=${tag}`
}

export function sendAsset({ type, text, tag }: Asset): Handler {
  const etag = `"${tag}"`
  return (_context, { request, query }) => {
    const lasting = query === `v=${tag}`
    const headers = {
      etag,
      'cache-control': lasting ? 'public, max-age=31536000, immutable' : 'public, no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    const known = request.headers
      .get('if-none-match')
      ?.split(',')
      .some((one) => one.trim().replace(/^W\//, '') === etag)
    if (known) return new Response(null, { status: 304, headers })
    return new Response(text, { headers: { ...headers, 'content-type': type } })
  }
}
