// Every form of every page, posted by somebody else: from another site, without its token, with the token of another browser.
import { type FormBrowser, formBrowser, type Page } from 'testkit/browser'
import { authorizeUrl, kitPassword, walkSignIn } from 'testkit/code'
import { atDevicePage, startDeviceKit, waitingDevice } from 'testkit/device'
import type { IssuerKit } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
beforeAll(async () => {
  kit = await startDeviceKit()
})
afterAll(() => kit.close())

const signedIn = async () => (await atDevicePage(kit)).browser

/** A browser on each page that has a form. */
const pages: Record<string, () => Promise<{ readonly browser: FormBrowser; readonly page: Page }>> = {
  'sign-in': async () => {
    const browser = formBrowser(kit.issuer)
    return { browser, page: await browser.open(authorizeUrl(kit).url) }
  },
  consent: async () => {
    const browser = formBrowser(kit.issuer)
    return { browser, page: await walkSignIn(browser, await browser.open(authorizeUrl(kit, { change: { prompt: 'consent' } }).url)) }
  },
  'sign-in for the device page': async () => {
    const browser = formBrowser(kit.issuer)
    return { browser, page: await browser.open(`${kit.issuer}/device`) }
  },
  'device code': () => atDevicePage(kit),
  'device comparison': async () => {
    const { completeUri } = await waitingDevice(kit)
    const at = await atDevicePage(kit, { url: completeUri })
    return { browser: at.browser, page: await at.browser.press(at.page, 'device-continue') }
  },
  account: async () => {
    const browser = await signedIn()
    return { browser, page: await browser.open(`${kit.issuer}/account`) }
  },
  'signing out': async () => {
    const browser = await signedIn()
    return { browser, page: await browser.open(`${kit.issuer}/signed-out`) }
  },
  'signing out for an app': async () => {
    const browser = await signedIn()
    return { browser, page: await browser.open(`${kit.issuer}/logout`) }
  },
}

interface Form {
  readonly action: string
  readonly fields: Record<string, string>
}
const decoded = (text: string) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'")

/** Its forms, with every field filled and a button pressed. */
function formsOf({ text, url }: Page): readonly Form[] {
  return [...text.matchAll(/<form method="post" action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].map(([, action = '', inside = '']) => {
    const fields: Record<string, string> = {}
    for (const [tag] of inside.matchAll(/<(?:input|button)[^>]*>/g)) {
      const name = /\sname="([^"]*)"/.exec(tag)?.[1]
      if (name) fields[name] = decoded(/\svalue="([^"]*)"/.exec(tag)?.[1] ?? '')
    }
    if ('username' in fields) Object.assign(fields, { username: 'hanako', password: kitPassword })
    return { action: new URL(decoded(action), url).href, fields }
  })
}

describe.each(Object.keys(pages))('%s', (name) => {
  const open = pages[name] as (typeof pages)[string]

  it('O21-7.12-01: its forms are refused without their token, with that of another browser, and from another site', async () => {
    const [mine, theirs] = [await open(), await open()]
    const [forms, others] = [formsOf(mine.page), formsOf(theirs.page)]
    expect(forms.length).toBeGreaterThan(0)
    for (const [at, { action, fields }] of forms.entries()) {
      const { form_token: token = '', ...rest } = fields
      expect(token).toMatch(/^[\w-]{43}$/)
      const foreign = others[at]?.fields['form_token'] ?? ''
      const before = JSON.stringify([...mine.browser.cookies])
      const answers = [
        await mine.browser.post(action, rest),
        await mine.browser.post(action, { ...rest, form_token: foreign }),
        await mine.browser.post(action, { ...rest, form_token: `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}` }),
        await mine.browser.post(action, fields, { 'sec-fetch-site': 'cross-site' }),
        await mine.browser.post(action, fields, { 'sec-fetch-site': 'same-site' }),
        await mine.browser.post(action, fields, { origin: 'https://evil.example' }),
      ]
      expect(answers.map(({ status, headers }) => [status, headers.get('location')])).toEqual(answers.map(() => [400, null]))
      expect(JSON.stringify([...mine.browser.cookies])).toBe(before)
      // A browser that is nobody's is refused, or asked who it is.
      const nobody = await formBrowser(kit.issuer).post(action, fields)
      if (nobody.status !== 400) expect([nobody.status, nobody.headers.get('location')?.startsWith(`${kit.issuer}/`)]).toEqual([303, true])
    }
  })

  it('O21-7.11-01 BCP-4.2-01: cannot be framed, is not stored, tells no referrer, and loads nothing from elsewhere', async () => {
    const { page } = await open()
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("default-src 'none'")
    expect(page.headers.get('x-frame-options')).toBe('DENY')
    expect([page.headers.get('cache-control'), page.headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer'])
    for (const [, address = ''] of page.text.matchAll(/(?:src|href)="([^"#]+)"/g))
      if (!page.text.includes(`<a href="${address}"`)) expect(new URL(decoded(address), page.url).origin).toBe(page.url.origin)
    expect(page.text).not.toMatch(/\son[a-z]+=|<script(?![^>]*\ssrc=)|<iframe|<object|javascript:/)
  })
})

describe('sessions', () => {
  it('O21-7.12-01: signing somebody in from outside needs a page of this browser: an attacker’s own request signs nobody in', async () => {
    const attacker = formBrowser(kit.issuer)
    const [form] = formsOf(await attacker.open(authorizeUrl(kit).url))
    const victim = formBrowser(kit.issuer)
    const answer = await victim.post(form?.action ?? '', form?.fields ?? {})
    expect([answer.status, victim.cookies.size]).toEqual([400, 0])
  })

  it('O21-7.12-01: cookies planted before the sign-in are worth nothing after it', async () => {
    const planter = formBrowser(kit.issuer)
    await planter.open(authorizeUrl(kit).url)
    const victim = formBrowser(kit.issuer)
    for (const [cookie, value] of planter.cookies) victim.cookies.set(cookie, value)
    await walkSignIn(victim, await victim.open(authorizeUrl(kit).url))
    const later = await planter.open(`${kit.issuer}/account`)
    expect(later.text).toContain('id="login-submit"')
  })
})
