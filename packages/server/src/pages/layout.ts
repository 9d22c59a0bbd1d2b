// The frame of every page: head, skip link, language switch, one card. Pure: model in, HTML out, everything escaped.
import { Fault } from '@kimei/protocol'
import { html, raw } from 'hono/html'
import { type Language, languages, sentence } from 'look'

/** `hono/html` answers a string with its own escaping mark, or a promise where a part of it was one: none of ours is. */
export type Markup = ReturnType<typeof html>

function text(markup: Markup): string {
  if (markup instanceof Promise) throw new Fault('a page was given a promise')
  return markup.toString()
}

export interface PageFrame {
  readonly language: Language
  /** Shown at the top: the name of the issuer in this language. */
  readonly issuerName: string
  /** URL of the stylesheet. */
  readonly stylesheet: string
  /** URL of the icon. */
  readonly icon: string
  /** This page's own URL without `lang`, for the language switch; absent where a reload would lose something. */
  readonly self?: string
}

const names: Readonly<Record<Language, string>> = { ja: '日本語', en: 'English' }

export function renderPage(frame: PageFrame, title: string, body: Markup, options: { readonly error?: boolean } = {}): string {
  const { language } = frame
  const heading = options.error ? `${sentence(language, 'page.error-prefix')}${title}` : title
  const page = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${heading} – ${frame.issuerName}</title>
<link rel="stylesheet" href="${frame.stylesheet}">
<link rel="icon" type="image/svg+xml" href="${frame.icon}">
</head>
<body>
<a class="skip" href="#content">${sentence(language, 'page.skip')}</a>
<header class="site"><span class="name">${frame.issuerName}</span>${frame.self === undefined ? '' : languageSwitch(frame.self, language)}</header>
<main id="content"><div class="card">
${body}
</div></main>
</body>
</html>
`
  return text(page)
}

function languageSwitch(self: string, current: Language): Markup {
  const links = languages.map((language) => {
    const href = `${self}${self.includes('?') ? '&' : '?'}lang=${language}`
    const here = language === current ? raw(' aria-current="true"') : ''
    return html`<a href="${href}" lang="${language}" hreflang="${language}"${here}>${names[language]}</a>`
  })
  return html`<nav class="languages" aria-label="${sentence(current, 'page.language')}">${links}</nav>`
}
