// What a browser app is told (CORS): may it send a proof, and may it read the nonce and the challenge? And who else says so, a second time?
import { type Asked, listed, type Reply } from './ask.ts'
import { type Bedside, type Line, line } from './examination.ts'

/** `target`: the token endpoint of an issuer, or the API itself. */
export async function checkBrowsers({ ask, options, document }: Bedside, target: string, kind: 'issuer' | 'api'): Promise<Line[]> {
  const origin = options.origin ?? 'https://app.example'
  const wanted = kind === 'api' ? 'authorization, dpop' : 'content-type, dpop'
  const preflight = await ask({
    method: 'OPTIONS',
    url: target,
    headers: [
      ['Origin', origin],
      ['Access-Control-Request-Method', kind === 'api' ? 'GET' : 'POST'],
      ['Access-Control-Request-Headers', wanted],
    ],
  })
  if ('failed' in preflight)
    return [line('browsers', 'not-seen', preflight.failed, { ja: 'CORS は見られませんでした。', en: 'CORS was not seen.' })]
  const allowed = preflight.headers['access-control-allow-origin'] ?? []
  if (allowed.length === 0) return [closedLine(options.origin)]
  if (allowed.length > 1 || allowed[0]!.includes(',')) return [twiceLine(allowed)]
  const actual = await ask({
    method: kind === 'api' ? 'GET' : 'POST',
    url: target,
    headers: [['Origin', origin], ...(kind === 'api' ? [] : [['Content-Type', 'application/x-www-form-urlencoded'] as const])],
    ...(kind === 'issuer' && { body: 'grant_type=' }),
  })
  const proofs = kind === 'issuer' ? announces(document) : challengesForProofs(actual)
  const sent = wanted.split(', ').filter((name) => proofs || name !== 'dpop')
  // What a token endpoint refuses, it says in its body.
  const read = [...(proofs ? ['dpop-nonce'] : []), ...(kind === 'api' ? ['www-authenticate'] : [])]
  return [preflightLine(preflight, sent), ...exposedLine(actual, read)]
}

function announces(document: Bedside['document']): boolean {
  const algorithms = document?.['dpop_signing_alg_values_supported']
  return Array.isArray(algorithms) && algorithms.length > 0
}

/** An API whose challenge names Bearer alone takes no proofs; without a challenge nobody knows. */
function challengesForProofs(reply: Asked): boolean {
  const challenge = 'failed' in reply ? '' : (reply.headers['www-authenticate'] ?? []).join(', ')
  return challenge === '' || /\bdpop\b/i.test(challenge)
}

function closedLine(origin: string | undefined): Line {
  const says = {
    ja: 'ブラウザのアプリからは呼べません。ブラウザで使わないなら、これでよいのです。',
    en: 'Browser apps cannot call it, which is right where none should.',
  }
  if (origin === undefined)
    return line('browsers', 'not-seen', 'no CORS for https://app.example', says, {
      mend: { ja: '使うなら --origin で自分のアプリを渡して確かめます。', en: 'If one should, name yours with --origin.' },
    })
  return line(
    'browsers',
    'wrong',
    `no CORS for ${origin}`,
    { ja: 'このアプリからは呼べません。', en: 'This app cannot call it.' },
    {
      mend: {
        ja: 'Access-Control-Allow-Origin で、このアプリを許します（プログラムかプロキシの、どちらか一方で）。',
        en: 'Name this app in Access-Control-Allow-Origin, in the program or the proxy, not in both.',
      },
    },
  )
}

function twiceLine(allowed: readonly string[]): Line {
  return line(
    'browsers',
    'wrong',
    `Access-Control-Allow-Origin: ${allowed.join(' | ')}`,
    {
      ja: 'Access-Control-Allow-Origin が二つあります。プロキシとプログラムの両方が付けているので、ブラウザは断ります。',
      en: 'Access-Control-Allow-Origin is there twice: proxy and program both add it, and browsers refuse.',
    },
    { trouble: 'cors' },
  )
}

function preflightLine(reply: Reply, wanted: readonly string[]): Line {
  const headers = listed(reply, 'access-control-allow-headers')
  // RFC: a star does not stand for Authorization (Fetch §4.8).
  const missing = wanted.filter((name) => !headers.includes(name) && !(headers.includes('*') && name !== 'authorization'))
  if (missing.length === 0)
    return line('browsers', 'good', `may send ${wanted.join(', ')}`, {
      ja: 'ブラウザは必要なものを送れます。',
      en: 'Browsers may send what is needed.',
    })
  return line(
    'browsers',
    'wrong',
    `may not send ${missing.join(', ')}`,
    {
      ja: `ブラウザは ${missing.join('・')} を送れません。`,
      en: `Browsers may not send ${missing.join(', ')}.`,
    },
    { mend: { ja: 'Access-Control-Allow-Headers に加えます。', en: 'Add it to Access-Control-Allow-Headers.' } },
  )
}

function exposedLine(reply: Asked, wanted: readonly string[]): Line[] {
  if ('failed' in reply || wanted.length === 0) return []
  const exposed = listed(reply, 'access-control-expose-headers')
  const missing = wanted.filter((name) => !exposed.includes(name) && !exposed.includes('*'))
  if (missing.length === 0)
    return [
      line('browsers', 'good', `may read ${wanted.join(', ')}`, {
        ja: 'ブラウザは必要なものを読めます。',
        en: 'Browsers may read what is needed.',
      }),
    ]
  return [
    line(
      'browsers',
      'doubtful',
      `may not read ${missing.join(', ')}`,
      missing.includes('dpop-nonce')
        ? {
            ja: `ブラウザは ${missing.join('・')} を読めません。nonce を求められると先へ進めません。`,
            en: `Browsers may not read ${missing.join(', ')}: once a nonce is asked for, an app is stuck.`,
          }
        : {
            ja: `ブラウザは ${missing.join('・')} を読めません。断られたわけが、アプリには分かりません。`,
            en: `Browsers may not read ${missing.join(', ')}: an app does not learn why it was refused.`,
          },
      { mend: { ja: 'Access-Control-Expose-Headers に加えます。', en: 'Add it to Access-Control-Expose-Headers.' } },
    ),
  ]
}
