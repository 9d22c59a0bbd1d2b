// The paths of the pages. The issuer's own path comes before them.
import { stylesheet } from 'look'
import type { Handler } from '../context.ts'
import type { PageRoutes } from '../steps/contract.ts'
import { showConsent, takeConsent } from './answer-consent.ts'
import { showSignIn, takeSignIn } from './answer-sign-in.ts'
import { showSignedOut, takeSignOut } from './answer-signed-out.ts'
import { stylesheetTag } from './page-frame.ts'

const sendStylesheet: Handler = (_context, { request }) => {
  const etag = `"${stylesheetTag}"`
  const headers = { 'cache-control': 'public, max-age=31536000, immutable', etag, 'x-content-type-options': 'nosniff' }
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
  return new Response(stylesheet, { headers: { ...headers, 'content-type': 'text/css; charset=utf-8' } })
}

export const pageRoutes: PageRoutes = [
  { method: 'GET', path: '/signin', handle: showSignIn },
  { method: 'POST', path: '/signin', handle: takeSignIn },
  { method: 'GET', path: '/consent', handle: showConsent },
  { method: 'POST', path: '/consent', handle: takeConsent },
  { method: 'GET', path: '/signed-out', handle: showSignedOut },
  { method: 'POST', path: '/signed-out', handle: takeSignOut },
  { method: 'GET', path: '/assets/kimei.css', handle: sendStylesheet },
]
