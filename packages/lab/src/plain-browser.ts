// Signs the lab's person in through the issuer's plain pages, as a browser without script would: cookies, forms, redirects.
import type { SignInAnswer } from '@kimei/observer'

export interface BrowserOptions {
  readonly issuer: string
  readonly username: string
  readonly password: string
}

export interface PlainBrowser {
  /** Walks from an authorization URL to the redirect back to the client, or to the page where it ends. */
  signIn(authorizationUrl: string): Promise<SignInAnswer>
}

const mostSteps = 12

/** Keeps its cookies, so that a second sign-in need not ask for the password. */
export function openBrowser(options: BrowserOptions): PlainBrowser {
  const cookies = new Map<string, string>()
  const { origin } = new URL(options.issuer)

  const ask = async (url: string, form?: URLSearchParams): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(cookie !== '' && { cookie }), ...(form && { origin, referer: url, 'sec-fetch-site': 'same-origin' }) }
    const response = await fetch(url, { redirect: 'manual', headers, ...(form && { method: 'POST', body: form }) })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1)
      const at = pair.indexOf('=')
      if (/;\s*max-age=0/i.test(line)) cookies.delete(pair.slice(0, at))
      else cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }

  return {
    async signIn(authorizationUrl) {
      let url = authorizationUrl
      let response = await ask(url)
      for (let step = 0; step < mostSteps; step += 1) {
        const location = response.headers.get('location')
        if (location !== null) {
          await response.body?.cancel()
          const next = new URL(location, url)
          if (next.origin !== origin) return { redirectedTo: next.href }
          url = next.href
          response = await ask(url)
          continue
        }
        const page = await response.text()
        const form = response.status === 200 ? readForm(page, url, options) : undefined
        if (form === undefined) return { page, status: response.status }
        url = form.action
        response = await ask(form.action, form.fields)
      }
      return { page: 'the sign-in does not end', status: 0 }
    },
  }
}

/** The form a person would send: sign in, go on, or allow. */
export function readForm(page: string, url: string, person: BrowserOptions): { action: string; fields: URLSearchParams } | undefined {
  const wanted = /<(?:button|input)[^>]*id="(?:login-submit|consent-allow|device-continue|device-allow|logout-submit)"[^>]*>/.exec(page)
  if (wanted === null) return undefined
  const start = page.lastIndexOf('<form', wanted.index)
  const end = page.indexOf('</form>', wanted.index)
  if (start < 0 || end < 0) return undefined
  const form = page.slice(start, end)
  const fields = new URLSearchParams()
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    const name = attribute(tag, 'name')
    const type = attribute(tag, 'type') ?? 'text'
    if (name === undefined || type === 'submit' || ((type === 'checkbox' || type === 'radio') && !/\schecked\b/.test(tag))) continue
    const id = attribute(tag, 'id')
    fields.append(name, id === 'username' ? person.username : id === 'password' ? person.password : (attribute(tag, 'value') ?? ''))
  }
  const pressed = attribute(wanted[0], 'name')
  if (pressed !== undefined) fields.append(pressed, attribute(wanted[0], 'value') ?? '')
  const action = attribute(form.slice(0, form.indexOf('>') + 1), 'action') ?? ''
  return { action: new URL(action, url).href, fields }
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return found
    ?.replaceAll('&#x3D;', '=')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
