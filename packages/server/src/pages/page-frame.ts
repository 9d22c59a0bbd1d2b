// The frame of a page for one exchange: language, issuer's name, stylesheet, icon, switch.
import type { Exchange, ServerContext } from '../context.ts'
import { chooseLanguage } from '../http/language.ts'
import { assetUrl, pageAssets } from './assets.ts'
import type { PageFrame } from './layout.ts'

/** `self`: parameters of this page's URL that the language switch keeps; absent where there is no switch. */
export function pageFrame(
  context: ServerContext,
  exchange: Exchange,
  asked: readonly string[] = [],
  self?: Readonly<Record<string, string>>,
): PageFrame {
  const language = chooseLanguage(context, exchange, asked)
  const query = self && new URLSearchParams(self).toString()
  return {
    language,
    issuerName: context.texts.issuerName[language],
    stylesheet: assetUrl(context, pageAssets.stylesheet),
    icon: assetUrl(context, pageAssets.icon),
    ...(query !== undefined && { self: `${exchange.path}${query === '' ? '' : `?${query}`}` }),
  }
}
