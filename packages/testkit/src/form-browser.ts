// A browser of the plainest kind: keeps cookies, follows redirects inside the issuer, reads and posts forms. No script.
export interface Page {
  readonly url: URL
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface FormBrowser {
  /** Loads a URL and follows redirects while they stay at the issuer; the last URL may be the client's, which is not loaded. */
  open(url: string | URL): Promise<Page>
  /** Fills the form that holds the button with this id, and presses it. */
  press(page: Page, buttonId: string, fields?: Record<string, string>): Promise<Page>
  /** Posts a form that no page gave; no redirect is followed. */
  post(url: string | URL, fields: Record<string, string>, headers?: Record<string, string>): Promise<Page>
  readonly cookies: Map<string, string>
}

/** `home`: the origin it stays at. `headers` go with every request. */
export function formBrowser(home: string, headers: Readonly<Record<string, string>> = {}): FormBrowser {
  const { origin } = new URL(home)
  const cookies = new Map<string, string>()
  const send = async (url: URL, request: RequestInit): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const all = { ...headers, ...(request.headers as Record<string, string> | undefined), ...(cookie && { cookie }) }
    const response = await fetch(url, { ...request, redirect: 'manual', headers: all })
    for (const line of response.headers.getSetCookie()) keep(cookies, line)
    return response
  }
  const load = async (start: URL, init: RequestInit): Promise<Page> => {
    let url = start
    let request = init
    for (let hops = 0; hops < 12; hops += 1) {
      if (url.origin !== origin) return { url, status: 0, headers: new Headers(), text: '' }
      const response = await send(url, request)
      const location = response.headers.get('location')
      if (location === null) return { url, status: response.status, headers: response.headers, text: await response.text() }
      await response.body?.cancel()
      if (response.status !== 303) throw new Error(`redirected with ${response.status}`)
      url = new URL(location, url)
      request = { method: 'GET' }
    }
    throw new Error('redirected too often')
  }
  return {
    cookies,
    open: (url) => load(new URL(url), { method: 'GET' }),
    post: async (address, fields, more = {}) => {
      const url = new URL(address)
      const type = { 'content-type': 'application/x-www-form-urlencoded' }
      const response = await send(url, { method: 'POST', headers: { ...type, ...more }, body: new URLSearchParams(fields).toString() })
      return { url, status: response.status, headers: response.headers, text: await response.text() }
    },
    press: (page, buttonId, fields = {}) => {
      const form = readForm(page.text, buttonId)
      const button = readButton(page.text, buttonId)
      const body = new URLSearchParams({ ...form.fields, ...button, ...fields })
      return load(new URL(form.action, page.url), {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
        body: body.toString(),
      })
    },
  }
}

/** What the form that holds this button would post. */
export function formFields(text: string, buttonId: string): Record<string, string> {
  return readForm(text, buttonId).fields
}

function keep(cookies: Map<string, string>, line: string): void {
  const pair = line.split(';', 1)[0] ?? ''
  const at = pair.indexOf('=')
  if (/max-age=0(;|$)/i.test(line)) cookies.delete(pair.slice(0, at))
  else cookies.set(pair.slice(0, at), pair.slice(at + 1))
}

function readForm(text: string, buttonId: string): { readonly action: string; readonly fields: Record<string, string> } {
  const forms = [...text.matchAll(/<form method="post" action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)]
  const form = forms.find((one) => one[2]?.includes(`id="${buttonId}"`))
  if (!form) throw new Error(`no form with the button ${buttonId} on the page: ${text.slice(0, 300)}`)
  const fields: Record<string, string> = {}
  for (const [tag] of (form[2] ?? '').matchAll(/<input[^>]*>/g)) {
    const name = attribute(tag, 'name')
    if (name) fields[name] = attribute(tag, 'value') ?? ''
  }
  return { action: decode(form[1] ?? ''), fields }
}

function readButton(text: string, id: string): Record<string, string> {
  const tag = new RegExp(`<button[^>]*id="${id}"[^>]*>`).exec(text)?.[0]
  if (!tag) throw new Error(`no button ${id} on the page`)
  const name = attribute(tag, 'name')
  return name ? { [name]: attribute(tag, 'value') ?? '' } : {}
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return found === undefined ? undefined : decode(found)
}

function decode(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
