// Places that were asked no further because they struggled: which, since when, why, and what stayed untested for it.
import type { Text } from '@kimei/protocol'
import type { ApiRecord, IssuerRecord, PlaceGivenUp, ProbeResult } from '../observation.ts'
import { type GivenUp, type GivenUpWhy, reasonOf } from '../wire/host-health.ts'

/** @param issuerOf the id that the inventory has for an issuer. */
export function placesGivenUp(
  given: readonly GivenUp[],
  {
    issuers,
    apis,
    issuerOf,
  }: { readonly issuers: readonly IssuerRecord[]; readonly apis: readonly ApiRecord[]; issuerOf(url: string): string },
): PlaceGivenUp[] {
  const whole = new Set(given.filter(({ target }) => target === undefined).map(({ host }) => host))
  const kept = given.filter(({ host, target }) => target === undefined || !whole.has(host))
  return kept.map((place) => {
    // What one place there began, the whole host went on with.
    const reasons = given.filter(({ host, target }) => host === place.host && (place.target ?? target) === target).map(reasonOf)
    const hit = (probes: readonly ProbeResult[], why?: string) =>
      [why, ...probes.map((probe) => probe.reason)].some((told) => reasons.some((reason) => told?.includes(reason)))
    const untested = [
      ...issuers.filter(({ probes }) => hit(probes)).map(({ issuer }) => issuerOf(issuer)),
      ...apis.filter(({ probes, baselineReason }) => hit(probes, baselineReason)).map(({ api }) => api),
    ]
    return { ...place, untested: [...new Set(untested)] }
  })
}

const whyWords: Readonly<Record<GivenUpWhy, Text>> = {
  'too-many-requests': {
    ja: '要求が多すぎるという答え（{last}）などが三回続いた',
    en: 'three answers in a row said it is too much ({last})',
  },
  faults: { ja: '不調を示す答え（最後は {last}）が三回続いた', en: 'three answers in a row told of trouble (the last: {last})' },
  'no-answer': { ja: '三回続けて答えがなかった（{last}）', en: 'three requests in a row had no answer ({last})' },
  'asks-for-rest': { ja: '{last} 秒休ませてほしいと言われた', en: 'it asks to be left alone for {last} seconds' },
}
const mostPlaces = 5
const mostNames = 5

/** Each place in a sentence of its own, as far as anybody reads. */
export function givenUpWarnings(places: readonly PlaceGivenUp[]): Text[] {
  const rest = places.length - mostPlaces
  return [
    ...places.slice(0, mostPlaces).map(sentence),
    ...(rest > 0 ? [{ ja: `途中でやめた場所は、ほかに ${rest} あります。`, en: `${rest} more places were asked no further.` }] : []),
  ]
}

function sentence({ host, target, why, last, at, untested }: PlaceGivenUp): Text {
  const place = target === undefined ? { ja: host, en: host } : { ja: `${host} の ${target}`, en: `${target} at ${host}` }
  const since = new Date(at * 1000).toISOString().slice(11, 19)
  const because = { ja: whyWords[why].ja.replace('{last}', last), en: whyWords[why].en.replace('{last}', last) }
  const names = untested.slice(0, mostNames).join(', ')
  const more = untested.length - mostNames
  const left =
    untested.length === 0
      ? { ja: '', en: '' }
      : {
          ja: `試し終えていないもの：${names}${more > 0 ? ` ほか ${more}` : ''}。`,
          en: ` Not tested to the end for it: ${names}${more > 0 ? ` and ${more} more` : ''}.`,
        }
  return {
    ja: `${place.ja} に尋ねるのを ${since}（UTC）にやめました（${because.ja}）。${left.ja}`,
    en: `${place.en} was asked no further from ${since} UTC on: ${because.en}.${left.en}`,
  }
}
