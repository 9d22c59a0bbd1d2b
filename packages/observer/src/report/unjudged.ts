// Why some APIs could not be judged, for the first screen: each reason once, with the APIs it holds for.
import type { Language, Text } from '@kimei/protocol'
import type { ApiRecord } from '../observation.ts'
import { wrapped } from './columns.ts'
import { told } from './told.ts'

/** What decides first, as in the decision table of an API. */
const deciding = ['B1', 'L7', 'B2', 'K1', 'L6', 'S1', 'X0', 'X1a', 'X1b', 'U1', 'L8']
/** What a socket says, in words. */
const codes: Readonly<Record<string, Text>> = {
  ECONNREFUSED: { ja: 'そこでは誰も待っていない', en: 'nobody listens there' },
  ENOTFOUND: { ja: 'その名前のホストはない', en: 'there is no host of that name' },
  EAI_AGAIN: { ja: '名前を引けない', en: 'names cannot be looked up' },
  ECONNRESET: { ja: '接続が切られた', en: 'the connection was cut' },
  ETIMEDOUT: { ja: '時間内に答えがない', en: 'no answer in time' },
  CERT_HAS_EXPIRED: { ja: '証明書の期限切れ', en: 'its certificate has expired' },
  ERR_TLS_CERT_ALTNAME_INVALID: { ja: '証明書が別の名前のもの', en: 'its certificate is for another name' },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { ja: '証明書の発行元を知らない', en: 'its certificate is of an unknown authority' },
  SELF_SIGNED_CERT_IN_CHAIN: { ja: '証明書の発行元を知らない', en: 'its certificate is of an unknown authority' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { ja: '証明書の発行元を知らない', en: 'its certificate is of an unknown authority' },
}
const mostNames = 3
const mostReasons = 4
const more: Text = { ja: 'ほか {count}', en: '{count} more' }

export function unjudgedLines(apis: readonly ApiRecord[], language: Language, width: number): string[] {
  const open = apis.filter(({ rsEnforced }) => rsEnforced === 'unknown')
  const reasons = [...Map.groupBy(open, whyOf)].flatMap(([why, records]) => (why === undefined ? [] : [{ why, records }]))
  return reasons
    .slice(0, mostReasons)
    .flatMap(({ why, records }) => wrapped(`? ${namesOf(records, language)}: ${inWords(why, language)}`, width, '  '))
}

function whyOf({ baselineReason, probes }: ApiRecord): string | undefined {
  if (baselineReason !== undefined) return baselineReason
  const undecided = deciding.flatMap((id) => probes.filter(({ probe, verdict }) => probe === id && verdict === 'inconclusive'))
  return undecided[0]?.reason
}

function inWords(why: string, language: Language): string {
  const [, code = ''] = /(?:no answer: |without an answer \()(\w+)\)?$/.exec(why) ?? []
  return codes[code] === undefined ? told(why, language) : `${codes[code][language]} (${code})`
}

function namesOf(records: readonly ApiRecord[], language: Language): string {
  const names = [...new Set(records.map(({ method, api }) => `${method} ${api}`))]
  const rest = names.length - mostNames
  return [...names.slice(0, mostNames), ...(rest > 0 ? [more[language].replace('{count}', String(rest))] : [])].join(', ')
}
