// What recorded traffic says. It shows what clients did, never what a server enforces;
// an export without credentials is not taken for one without tickets.
import type { Text } from '@kimei/protocol'
import { type HarFacts, type HarPlace, type HarTokens, readHar } from './har.ts'
import { type KnownPlaces, noPlaces, shownPlace } from './place-of.ts'
import { type PassiveReading, type PassiveStatement, reading } from './reading.ts'
import type { Pieces } from './text-pieces.ts'

/** What the traffic says, place by place. */
export async function harReading(source: string, pieces: Pieces, places: KnownPlaces = noPlaces): Promise<PassiveReading> {
  const facts = await readHar(pieces)
  return reading({
    source,
    kind: 'har',
    whole: facts.whole,
    read: facts.exchanges,
    statements: [
      ...[...facts.tokens.values()].map((row) => tokenStatement(row, places)),
      ...[...facts.places.values()].flatMap((place) => placeStatements(place, places)),
      ...sharedKeys(facts),
      ...keysOfSeveralIssuers(facts),
    ],
    notes: notesOf(facts),
  })
}

function tokenStatement(row: HarTokens, places: KnownPlaces): PassiveStatement {
  const bound = (row.bound.get('key') ?? 0) + (row.bound.get('certificate') ?? 0)
  const named = row.types.get('dpop') ?? 0
  const plain = row.bound.get('nothing') ?? 0
  const at = places.idOf('POST', row.url)
  const place = `${shownPlace('POST', row.url)} (${row.grant})`
  const counts = `DPoP ${named}, bound ${bound}, unbound ${plain}, proof ${row.withProof} / ${row.given}`
  if (row.types.size === 0 && row.bound.size === 0) {
    return {
      at,
      place,
      about: 'issuance',
      says: 'cannot-tell',
      count: row.given,
      text: {
        ja: `切符の応答の中身が残っていません（証明つき ${row.withProof} / ${row.given}）。`,
        en: `The bodies of token answers were not recorded (with a proof ${row.withProof} of ${row.given}).`,
      },
    }
  }
  const says = plain > 0 ? (bound + named > 0 ? 'optional' : 'absent') : named + bound > 0 ? 'seen' : 'cannot-tell'
  const words = {
    optional: { ja: '縛られた切符と縛られない切符の両方が出ています', en: 'bound and unbound tickets were both issued' },
    absent: { ja: '縛られない切符が出ています', en: 'unbound tickets were issued' },
    seen: { ja: '縛られた切符が出ています', en: 'bound tickets were issued' },
    'cannot-tell': { ja: '切符が鍵に縛られているかは読めません', en: 'whether the tickets are bound cannot be read' },
  }[says]
  return {
    at,
    place,
    about: 'issuance',
    says,
    count: row.given,
    text: { ja: `${words.ja}（${counts}）。`, en: `${words.en} (${counts}).` },
  }
}

function placeStatements(place: HarPlace, places: KnownPlaces): PassiveStatement[] {
  const here = { at: places.idOf(place.method, place.url), place: shownPlace(place.method, place.url) }
  const bearer = place.schemes.get('bearer') ?? 0
  const dpop = place.schemes.get('dpop') ?? 0
  const found: PassiveStatement[] = []
  const say = (about: PassiveStatement['about'], says: PassiveStatement['says'], count: number, text: Text) =>
    found.push({ ...here, about, says, count, text })
  if (bearer > 0) {
    const both = place.proofs > 0
    say('binding', both ? 'optional' : 'absent', bearer, {
      ja: `Bearer で送られた要求が ${bearer} 件あります（DPoP の証明つき ${place.proofs} 件）。受け取られたかどうかは、ここからは言えません。`,
      en: `${bearer} requests were sent as Bearer (${place.proofs} with a DPoP proof). What an API would refuse does not follow from it.`,
    })
  } else if (dpop > 0 || place.proofs > 0) {
    say('binding', 'seen', place.proofs, {
      ja: `DPoP の証明つきの要求が ${place.proofs} 件あります。求められているかどうかは、ここからは言えません。`,
      en: `Requests with a DPoP proof: ${place.proofs}. Whether one is demanded does not follow from it.`,
    })
  }
  if (place.nonceDemands > 0)
    say('nonce', 'demanded', place.nonceDemands, {
      ja: `nonce を求める応答が ${place.nonceDemands} 件あります。`,
      en: `${place.nonceDemands} answers asked for a nonce.`,
    })
  if (place.repeated > 0)
    say('replay', 'weak', place.repeated, {
      ja: `同じ証明が ${place.repeated} 回くり返し送られています。`,
      en: `The same proof was sent again ${place.repeated} times.`,
    })
  if (place.otherTarget + place.otherMethod > 0)
    say('target', 'weak', place.otherTarget + place.otherMethod, {
      ja: `証明の宛先（htm・htu）が要求と違うものが ${place.otherTarget + place.otherMethod} 件あります。間の proxy が書き換えているのかもしれません。`,
      en: `${place.otherTarget + place.otherMethod} proofs name another method or target (htm, htu) than the request; a proxy may be in between.`,
    })
  if (place.unreadable > 0)
    say('binding', 'cannot-tell', place.unreadable, {
      ja: `読めない証明が ${place.unreadable} 件あります。`,
      en: `Proofs that cannot be read: ${place.unreadable}.`,
    })
  return found
}

/** FAPI2-6.3-01 and common sense: one key, one client. */
function sharedKeys({ keyClients }: HarFacts): PassiveStatement[] {
  const shared = [...keyClients.entries()].filter(([, clients]) => clients.size > 1)
  return shared.slice(0, 20).map(([jkt, clients]) => ({
    place: `jkt ${jkt}`,
    about: 'key',
    says: 'weak',
    count: clients.size,
    text: { ja: `一つの鍵を ${clients.size} のクライアントが使っています。`, en: `One key is used by ${clients.size} clients.` },
  }))
}

/** FAPI 2.0 §6.3: a token of one issuer must not be usable by a holder who thinks it is of another. */
function keysOfSeveralIssuers({ keyIssuers }: HarFacts): PassiveStatement[] {
  const shared = [...keyIssuers.entries()].filter(([, origins]) => origins.size > 1)
  return shared.slice(0, 20).map(([jkt, origins]) => ({
    place: `jkt ${jkt}`,
    about: 'key',
    says: 'weak',
    count: origins.size,
    text: {
      ja: `一つの鍵が ${origins.size} の発行者で使われています（${[...origins].slice(0, 3).join(', ')}）。発行者ごとに別の鍵にします。`,
      en: `One key is used at ${origins.size} issuers (${[...origins].slice(0, 3).join(', ')}): each should have its own.`,
    },
  }))
}

function notesOf(facts: HarFacts): Text[] {
  const stripped: Text = {
    ja: 'この記録には Authorization も Cookie もありません。ブラウザは書き出すときに取り除きます。無いからといって Bearer とは言えません。',
    en: 'Neither Authorization nor Cookie is in this recording: browsers strip them at export. That none is there does not mean Bearer.',
  }
  const bounded: Text = {
    ja: '場所や証明が多いので、一部は数だけを数えました。',
    en: 'There are so many places or proofs that some were only counted.',
  }
  const certificates: Text = {
    ja: 'クライアント証明書の有無は HAR には残りません。',
    en: 'A HAR does not tell whether a client certificate was shown.',
  }
  return [...(facts.credentials ? [] : [stripped]), certificates, ...(facts.bounded ? [bounded] : [])]
}
