// Which language a person reads: the switch on the page, what the request asks for, the remembered switch, the browser.
import { chooseLanguage as chooseAmong, type Language, languages } from 'look'
import type { Exchange, ServerContext } from '../context.ts'
import { cookieName, writeCookie } from './cookies.ts'
import { readCookie } from './header-lines.ts'

const yearSeconds = 365 * 86_400

export function chooseLanguage(context: ServerContext, exchange: Exchange, asked: readonly string[]): Language {
  const remembered = readCookie(exchange, cookieName(context, 'language'))
  return chooseAmong({
    chosen: switched(exchange),
    asked: [...asked, ...(remembered === undefined ? [] : [remembered])],
    acceptLanguage: exchange.request.headers.get('accept-language'),
  })
}

/** `Set-Cookie` that remembers the switch, where it was just used. */
export function languageHeaders(context: ServerContext, exchange: Exchange, language: Language): Readonly<Record<string, string>> {
  if (switched(exchange) === undefined) return {}
  return { 'set-cookie': writeCookie(context, cookieName(context, 'language'), language, yearSeconds) }
}

/** Takes the switch along to the next page: what the person chose outweighs what the request asks for. */
export function keepLanguage(exchange: Exchange, url: string): string {
  const language = switched(exchange)
  return language === undefined ? url : `${url}${url.includes('?') ? '&' : '?'}lang=${language}`
}

function switched({ query }: Exchange): Language | undefined {
  const asked = query.includes('lang=') ? new URLSearchParams(query).get('lang') : null
  return languages.find((language) => language === asked)
}
