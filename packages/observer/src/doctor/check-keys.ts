// The published keys: to be read by everybody, kept for a while by caches, and nothing private among them.
import { readJsonObject } from '../read-json.ts'
import { type Bedside, type Line, line } from './examination.ts'

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']

export async function checkKeys({ document, ask }: Bedside): Promise<Line[]> {
  const address = document?.['jwks_uri']
  if (typeof address !== 'string' || !URL.canParse(address)) {
    return [line('keys', 'doubtful', 'no jwks_uri', { ja: '鍵のアドレスがありません。', en: 'No address of keys is published.' })]
  }
  const answer = await ask({ url: address, headers: [['Accept', 'application/json']] })
  if ('failed' in answer)
    return [line('keys', 'not-seen', answer.failed, { ja: '鍵を読みに行けませんでした。', en: 'The keys were not read.' })]
  const keys = readJsonObject(answer.body)?.['keys']
  if (answer.status !== 200 || !Array.isArray(keys) || keys.length === 0) {
    return [
      line('keys', 'wrong', `${answer.status}`, {
        ja: '鍵が読めません。API は切符を確かめられません。',
        en: 'No keys can be read: APIs cannot check any ticket.',
      }),
    ]
  }
  const members = keys.map((key) => (typeof key === 'object' && key !== null ? (key as Record<string, unknown>) : {}))
  if (members.some((key) => privateMembers.some((name) => name in key))) {
    return [
      line('keys', 'wrong', 'a private or shared key', {
        ja: '秘密の鍵が公開されています。すぐに取り替えてください。',
        en: 'A private or shared key is published. Replace it now.',
      }),
    ]
  }
  return [kidLine(members), cachingLine(answer.headers['cache-control']?.join(', ') ?? '')]
}

function kidLine(keys: readonly Readonly<Record<string, unknown>>[]): Line {
  const kids = keys.map(({ kid }) => kid)
  const lost = kids.includes(undefined) && keys.length > 1
  if (lost || new Set(kids).size !== kids.length) {
    return line('keys', 'doubtful', keys.length === 1 ? '1 key' : `${keys.length} keys`, {
      ja: 'kid の無い鍵や同じ kid があります。',
      en: 'Keys without a kid, or with the same one.',
    })
  }
  return line('keys', 'good', keys.length === 1 ? '1 key' : `${keys.length} keys`, {
    ja: '公開の鍵だけがあり、kid で区別できます。',
    en: 'Public keys alone, told apart by kid.',
  })
}

const shortest = 60
const longest = 86_400

/** Not at all: every API asks for every ticket. For days: a rotation is not seen. */
function cachingLine(control: string): Line {
  const seconds = Number(/(?:^|,)\s*(?:s-maxage|max-age)=(\d+)/i.exec(control)?.[1])
  if (/no-store|no-cache/i.test(control) || seconds < shortest) {
    return line(
      'keys',
      'doubtful',
      control || 'no Cache-Control',
      {
        ja: '鍵がほとんどキャッシュされません。API のたびに読みに行くことになります。',
        en: 'Keys are hardly cached: every API comes to read them all the time.',
      },
      { mend: { ja: 'max-age を 5 分から 1 時間にします。', en: 'Say a max-age of five minutes to an hour.' } },
    )
  }
  if (Number.isNaN(seconds)) {
    return line(
      'keys',
      'doubtful',
      'no Cache-Control',
      {
        ja: 'キャッシュしてよい時間が書いてありません。間のプロキシが勝手に決めます。',
        en: 'How long they may be cached is not said: caches in between decide for themselves.',
      },
      { mend: { ja: 'Cache-Control: public, max-age=900 のように書きます。', en: 'Say Cache-Control: public, max-age=900 or so.' } },
    )
  }
  if (seconds > longest) {
    return line('keys', 'doubtful', `max-age=${seconds}`, {
      ja: '鍵が一日より長くキャッシュされます。取り替えた鍵が見えません。',
      en: 'Keys are cached for more than a day: a new key is not seen.',
    })
  }
  return line('keys', 'good', `max-age=${seconds}`, { ja: '鍵は程よくキャッシュされます。', en: 'Keys are cached for a sensible time.' })
}
