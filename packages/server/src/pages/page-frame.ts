// The frame of a page for one exchange: language, issuer's name, stylesheet, switch.

import { createHash } from 'node:crypto'
import { type Language, stylesheet } from 'look'
import type { Exchange, ServerContext } from '../context.ts'
import { chooseLanguage } from '../http/language.ts'
import type { PageFrame } from './layout.ts'

/** In the stylesheet's URL, so that a new one is fetched and the old one may be cached for long. */
export const stylesheetTag = createHash('sha256').update(stylesheet).digest('base64url').slice(0, 12)

/** `self`: parameters of this page's URL that the language switch keeps; absent where there is no switch. */
export function pageFrame(
  context: ServerContext,
  exchange: Exchange,
  asked: readonly Language[] = [],
  self?: Readonly<Record<string, string>>,
): PageFrame {
  const language = chooseLanguage(context, exchange, asked)
  const query = self && new URLSearchParams(self).toString()
  return {
    language,
    issuerName: context.texts.issuerName[language],
    stylesheet: `${context.urls.base}/assets/kimei.css?v=${stylesheetTag}`,
    ...(query !== undefined && { self: `${exchange.path}${query === '' ? '' : `?${query}`}` }),
  }
}
