// What one place is, fact by fact: the ticket that was used, what is demanded, how proofs are checked. Shared by text and page.
import type { Language, Text } from '@kimei/protocol'
import { checkOrderWords } from '../check-order.ts'
import { codeBindingWords } from '../code-binding.ts'
import { freshnessWords } from '../freshness.ts'
import type { ApiRecord, IssuerRecord } from '../observation.ts'
import { baselineWords, columnWord, errorSentence, type Head, head } from './words.ts'

export type Fact = readonly [name: string, words: string]

const names = {
  codes: { ja: 'コード', en: 'codes' },
  freshness: { ja: '証明の新しさ', en: 'fresh proofs' },
  checkOrder: { ja: '確かめる順', en: 'order of checks' },
  rest: { ja: 'ほかのこと', en: 'the rest' },
} as const satisfies Record<string, Text>
const carriedWords: Text = { ja: '同じ番人の {api} と同じとみなす', en: 'taken to be as behind the same guard at {api}' }

/** Nothing where there is nothing to say. */
function further(name: keyof typeof names, words: Text | undefined, language: Language): readonly Fact[] {
  return words === undefined ? [] : [[names[name][language], words[language]]]
}

const carried = (api: string): Text => ({ ja: carriedWords.ja.replace('{api}', api), en: carriedWords.en.replace('{api}', api) })

export function issuerFacts({ client, mode, asRequired, asEnforced, token, codes }: IssuerRecord, language: Language): readonly Fact[] {
  const fact = (name: Head, words: string): Fact => [head(name, language), words]
  return [
    fact('askedAs', client),
    fact('ticket', `${token}, ${mode}`),
    fact('bindingRequired', columnWord(asRequired, language)),
    fact('binds', columnWord(asEnforced, language)),
    ...further('codes', codes && codeBindingWords(codes), language),
  ]
}

export function apiFacts(record: ApiRecord, language: Language): readonly Fact[] {
  const { client, mode, strength, replay, freshness, checkOrder, baseline, baselineReason, carriedFrom } = record
  const fact = (name: Head, words: string): Fact => [head(name, language), words]
  const why = baselineReason === undefined ? '' : ` (${baselineReason})`
  return [
    fact('askedAs', client),
    fact('ticket', mode),
    fact('strength', columnWord(strength === 'none' ? 'not-at-all' : strength, language)),
    fact('replay', columnWord(replay, language)),
    ...further('freshness', freshness === undefined || freshness.by === 'unknown' ? undefined : freshnessWords(freshness), language),
    ...further('checkOrder', checkOrder && checkOrderWords(checkOrder), language),
    fact('errors', errorSentence(record, language)),
    fact('baseline', `${baselineWords[baseline][language]}${why}`),
    ...further('rest', carriedFrom === undefined ? undefined : carried(carriedFrom), language),
  ]
}
