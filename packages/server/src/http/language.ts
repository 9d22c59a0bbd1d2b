// Which language a person reads: what the request asks for, then what the browser prefers, then the first we have.
import type { Language } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'

export function chooseLanguage(context: ServerContext, { request }: Exchange, asked: readonly Language[]): Language {
  const { languages } = context.texts
  const wanted = asked.find((language) => languages.includes(language))
  if (wanted) return wanted
  const accepted = (request.headers.get('accept-language') ?? '').slice(0, 500).split(',').map(readPreference)
  const best = accepted.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality)
  for (const { tag } of best) {
    const known = languages.find((language) => tag === language || tag.startsWith(`${language}-`))
    if (known) return known
  }
  return languages[0] ?? 'en'
}

function readPreference(text: string): { readonly tag: string; readonly quality: number } {
  const [tag = '', parameter = ''] = text.trim().toLowerCase().split(';', 2)
  const quality = /^\s*q=(\d(?:\.\d{1,3})?)\s*$/.exec(parameter)?.[1]
  return { tag: tag.trim(), quality: parameter === '' ? 1 : quality === undefined ? 0 : Number(quality) }
}
