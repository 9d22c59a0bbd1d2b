// A second factor for tests: hanako has one, taro has none; codes are made here, independently of the server.
import { createHmac } from 'node:crypto'
import type { IssuerConfigInput } from '@kimei/server'
import type { FormBrowser, Page } from './form-browser.ts'

export const pwdLevel = 'urn:kimei:acr:pwd'
export const mfaLevel = 'urn:kimei:acr:mfa'
/** The seed of RFC 6238, appendix B. */
export const totpSeed = '12345678901234567890'
export const totpSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

export function totpAt(now: number, seed = totpSeed): string {
  const counter = Buffer.alloc(8)
  counter.writeUInt32BE(Math.floor(now / 30), 4)
  const mac = createHmac('sha1', seed).update(counter).digest()
  const at = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0')
}

export function withSecondFactor(config: IssuerConfigInput): IssuerConfigInput {
  return { ...config, users: (config.users ?? []).map((user) => (user.username === 'hanako' ? { ...user, totpSecret } : user)) }
}

/** Answers the pages until the browser leaves the issuer, the one-time code included. Answers which pages were asked for. */
export async function walkLevels(
  browser: FormBrowser,
  url: string,
  how: { readonly username?: string; readonly password: string; readonly now: () => number },
): Promise<{ readonly landed: URL; readonly pages: readonly string[]; readonly last: Page }> {
  let page = await browser.open(url)
  const pages: string[] = []
  for (let steps = 0; steps < 6 && page.status !== 0; steps += 1) {
    pages.push(page.url.pathname.split('/').at(-1) ?? '')
    if (page.text.includes('id="login-submit"'))
      page = await browser.press(page, 'login-submit', { username: how.username ?? 'hanako', password: how.password })
    else if (page.text.includes('id="otp-submit"')) page = await browser.press(page, 'otp-submit', { otp: totpAt(how.now()) })
    else if (page.text.includes('id="consent-allow"')) page = await browser.press(page, 'consent-allow')
    else break
  }
  return { landed: page.url, pages, last: page }
}
