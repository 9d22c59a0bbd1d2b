// What one place is, in a few words: the ticket that was used, what is demanded, how proofs are checked. Shared by text and page.
import type { Language } from '@kimei/protocol'
import { checkOrderWords } from '../check-order.ts'
import { codeBindingWords } from '../code-binding.ts'
import { freshnessWords } from '../freshness.ts'
import type { ApiRecord, IssuerRecord } from '../observation.ts'
import { baselineWords, columnWord, errorSentence, head } from './words.ts'

export function issuerWords({ client, mode, asRequired, asEnforced, token, codes }: IssuerRecord, language: Language): string[] {
  const ofCodes = codes && codeBindingWords(codes)?.[language]
  return [
    `${head('askedAs', language)} ${client}`,
    `${head('ticket', language)}: ${token}, ${mode}`,
    `${head('bindingRequired', language)}: ${columnWord(asRequired, language)}`,
    `${head('binds', language)}: ${columnWord(asEnforced, language)}`,
    ...(ofCodes === undefined ? [] : [ofCodes]),
  ]
}

export function apiWords(record: ApiRecord, language: Language): string[] {
  const { client, mode, strength, replay, freshness, checkOrder, baseline, baselineReason, carriedFrom } = record
  const why = baselineReason === undefined ? '' : ` (${baselineReason})`
  return [
    `${head('askedAs', language)} ${client}`,
    `${head('ticket', language)}: ${mode}`,
    `${head('strength', language)}: ${columnWord(strength === 'none' ? 'not-at-all' : strength, language)}`,
    `${head('replay', language)}: ${columnWord(replay, language)}`,
    ...(freshness === undefined || freshness.by === 'unknown' ? [] : [freshnessWords(freshness)[language]]),
    ...(checkOrder === undefined ? [] : [checkOrderWords(checkOrder)[language]]),
    errorSentence(record, language),
    `${head('baseline', language)}: ${baselineWords[baseline][language]}${why}`,
    ...(carriedFrom === undefined ? [] : [`${head('carriedFrom', language)} ${carriedFrom}`]),
  ]
}
