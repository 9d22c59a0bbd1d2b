// What a client shows of itself beside its name: a logo, and where its home, its policy and its terms are. Pure.
import type { ClientLinks, Language } from '@kimei/protocol'
import { html } from 'hono/html'
import { sentence } from 'look'
import type { Markup } from './layout.ts'

/** The logo stands beside the name, which is written: it needs no words of its own. */
export function renderLogo(url: string | undefined): Markup {
  return url === undefined ? html`` : html`<img class="client-logo" src="${url}" alt="" width="48" height="48"> `
}

/** Each opens in a place of its own: the question is still there afterwards. */
export function renderLinks(links: ClientLinks | undefined, language: Language): Markup {
  const named = (['home', 'policy', 'terms'] as const).flatMap((link) => {
    const url = links?.[link]?.[language]
    return url === undefined ? [] : [{ url, name: sentence(language, `consent.${link}`) }]
  })
  if (named.length === 0) return html``
  const line = ({ url, name }: (typeof named)[number]) =>
    html`<li><a href="${url}" target="_blank" rel="noopener noreferrer">${name}</a> <span class="soft">(${new URL(url).host})</span></li>`
  return html`<dt>${sentence(language, 'consent.more')}</dt><dd><ul class="none">${named.map(line)}</ul></dd>`
}
