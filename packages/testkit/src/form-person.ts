// A person without a browser: follows redirects by hand, keeps cookies, reads and posts plain forms. What scripts would do is not done.
export interface PageVisit {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly html: string
}

export class FormPerson {
  readonly cookies = new Map<string, string>()
  readonly #headers: Readonly<Record<string, string>>

  constructor(headers: Readonly<Record<string, string>> = {}) {
    this.#headers = headers
  }

  /** One request, no redirect followed. */
  async request(url: string, form?: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Promise<PageVisit> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        ...this.#headers,
        ...(cookie && { cookie }),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(form && { body: new URLSearchParams(form).toString() }),
    })
    for (const line of response.headers.getSetCookie()) this.#take(line)
    return { url, status: response.status, headers: response.headers, html: await response.text() }
  }

  /** Follows redirects while they stay at `origin`; the last visit may be a redirect that leaves it. */
  async visit(url: string, form?: Readonly<Record<string, string>>): Promise<PageVisit> {
    let seen = await this.request(url, form)
    for (let hops = 0; hops < 10; hops++) {
      const location = seen.headers.get('location')
      if (location === null) return seen
      const next = new URL(location, seen.url)
      if (next.origin !== new URL(url).origin) return seen
      seen = await this.request(next.href)
    }
    throw new Error('redirects without end')
  }

  /** Posts the form that holds a button of this id, with the hidden fields it has and the values given. */
  submit(page: PageVisit, buttonId: string, values: Readonly<Record<string, string>> = {}): Promise<PageVisit> {
    const form = page.html.split('<form').find((part) => part.includes(`id="${buttonId}"`))
    if (form === undefined) throw new Error(`no form with #${buttonId} on ${page.url}: ${page.status}`)
    const action = unescapeHtml(/action="([^"]+)"/.exec(form)?.[1] ?? page.url)
    const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, unescapeHtml(value)] as const,
    )
    const button = new RegExp(`<button[^>]*id="${buttonId}"[^>]*>`).exec(form)?.[0] ?? ''
    const pressed = /name="([^"]+)" value="([^"]*)"/.exec(button)
    const all = { ...Object.fromEntries(hidden), ...(pressed && { [pressed[1] as string]: pressed[2] as string }), ...values }
    return this.visit(new URL(action, page.url).href, all)
  }

  #take(line: string): void {
    const [pair = '', ...attributes] = line.split(';')
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    if (attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute))) this.cookies.delete(name)
    else this.cookies.set(name, pair.slice(at + 1).trim())
  }
}

function unescapeHtml(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
