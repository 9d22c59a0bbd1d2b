// Which language a person gets. Order: what the request asks for, the person's own choice, what the browser prefers, English.

export const languages = ['ja', 'en'] as const
export type Language = (typeof languages)[number]

export interface LanguageHints {
  /** `ui_locales` in its order, or the switch on the page. */
  readonly asked?: readonly string[]
  readonly chosen?: string | undefined
  /** `Accept-Language` as it came. */
  readonly acceptLanguage?: string | null
}

/** The primary subtag, where it is one of ours. */
function known(tag: string | undefined): Language | undefined {
  const primary = tag?.trim().toLowerCase().split('-', 1)[0]
  return languages.find((language) => language === primary)
}

export function chooseLanguage({ asked = [], chosen, acceptLanguage }: LanguageHints): Language {
  return known(chosen) ?? first(asked) ?? first(preferred(acceptLanguage ?? '')) ?? 'en'
}

function first(tags: readonly string[]): Language | undefined {
  for (const tag of tags) {
    const language = known(tag)
    if (language) return language
  }
  return undefined
}

/** RFC 9110 §12.5.4: by weight, then by place. At most twenty entries are read. */
function preferred(header: string): readonly string[] {
  return header
    .slice(0, 500)
    .split(',')
    .slice(0, 20)
    .map((part, place) => {
      const [tag = '', ...parameters] = part.trim().split(';')
      const weight = parameters.map((parameter) => /^\s*q=([01](?:\.\d{1,3})?)\s*$/.exec(parameter)?.[1]).find(Boolean)
      return { tag, weight: weight === undefined ? 1 : Number(weight), place }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || a.place - b.place)
    .map(({ tag }) => tag)
}
