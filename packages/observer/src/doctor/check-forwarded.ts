// Whether anybody may say under which address the program stands: a forwarded header of a stranger must change nothing.
// Asked with an address of its own, so that no cache keeps the answer for others.
import { randomBytes } from 'node:crypto'
import { type Bedside, type Line, line } from './examination.ts'

const stranger = 'kimei-doctor.invalid'

export async function checkForwarded({ ask, url, document }: Bedside, metadataUrl: string | undefined): Promise<Line[]> {
  if (metadataUrl === undefined || document === undefined) return []
  const own = new URL(metadataUrl)
  own.searchParams.set('kimei-doctor', randomBytes(6).toString('hex'))
  const answer = await ask({
    url: own.href,
    headers: [
      ['Cache-Control', 'no-cache'],
      ['X-Forwarded-Host', stranger],
      ['X-Forwarded-Proto', 'http'],
      ['X-Forwarded-Port', '81'],
      ['Forwarded', `host=${stranger};proto=http`],
    ],
  })
  if ('failed' in answer || answer.status !== 200) {
    const why = 'failed' in answer ? answer.failed : String(answer.status)
    return [
      line('forwarded', 'not-seen', why, {
        ja: '転送ヘッダーと問い合わせ（?）を付けると、この文書は返りませんでした。効き目は見えません。',
        en: 'With forwarded headers and a query the document was not given: what they do cannot be seen.',
      }),
    ]
  }
  const listens =
    answer.body.includes(stranger) ||
    (url.protocol === 'https:' && /"http:\/\//.test(answer.body) && !JSON.stringify(document).includes('"http://'))
  return listens
    ? [
        line(
          'forwarded',
          'wrong',
          'X-Forwarded-Host of a stranger is believed',
          {
            ja: '見知らぬ人の転送ヘッダー（X-Forwarded-*）が信じられています。偽のアドレスを配らせることができます。',
            en: 'Forwarded headers of strangers are believed: anybody can make it hand out false addresses.',
          },
          {
            mend: { ja: 'プロキシで書き直すか、信じる相手を決めます。', en: 'Let the proxy overwrite them, or list whom to believe.' },
            trouble: 'trust',
          },
        ),
      ]
    : [
        line('forwarded', 'good', 'headers of strangers change nothing', {
          ja: '見知らぬ人の転送ヘッダーでは何も変わりません。',
          en: 'Forwarded headers of strangers change nothing.',
        }),
      ]
}
