// The whole examination, in the order in which one trouble explains the next. At most forty requests, four a second.
// Each check stands in its own file.
import { Misuse, type Seconds } from '@kimei/protocol'
import { isLoopback, readTarget } from '../inventory/targets.ts'
import { readJsonObject } from '../read-json.ts'
import { openAsker, type Reply } from './ask.ts'
import { checkBrowsers } from './check-browsers.ts'
import { checkCertificates } from './check-certificates.ts'
import { checkForwarded } from './check-forwarded.ts'
import { checkKeys } from './check-keys.ts'
import { addressesLine, findIssuerDocument, isInner } from './check-metadata.ts'
import { checkTarget } from './check-target.ts'
import { checkTls } from './check-tls.ts'
import { type Bedside, type CheckName, type DoctorOptions, type Examination, type Line, line, type ProxyLine } from './examination.ts'
import { adviceFor } from './proxy-advice.ts'

const mostRequests = 40
const pauseMilliseconds = 250

/** @throws Misuse where the address is none, or a proxy's configuration cannot be read. */
export async function examine(options: DoctorOptions): Promise<Examination> {
  const url = readTarget(options.url)
  if (url === undefined) throw new Misuse([`${options.url.slice(0, 200)} is not an http(s) address`])
  // Read before anything is sent.
  adviceFor([], options.proxies ?? [])
  const now = options.clock ?? (() => Math.floor(Date.now() / 1000))
  const ask = openAsker({
    hosts: new Set([url.host, ...(options.allowedHosts ?? [])]),
    mostRequests,
    pauseMilliseconds: isLoopback(url.hostname) ? 0 : pauseMilliseconds,
    signal: options.signal,
  })
  try {
    const bedside: Bedside = { options, url, ask, now, document: undefined }
    const { kind, lines } = await examineAll(bedside)
    const troubles = lines.flatMap(({ trouble, health }) => (trouble && health !== 'good' ? [trouble] : []))
    return {
      url: options.url,
      kind,
      at: now(),
      requests: ask.count(),
      lines,
      proxies: withoutRepeats(adviceFor(troubles, options.proxies ?? [])),
    }
  } finally {
    ask.close()
  }
}

function withoutRepeats(proxies: readonly ProxyLine[]): readonly ProxyLine[] {
  const names = proxies.map(({ at, trouble, write }) => `${at} ${trouble} ${write}`)
  return proxies.filter((_, index) => names.indexOf(names[index]!) === index)
}

async function examineAll(bedside: Bedside): Promise<{ readonly kind: 'issuer' | 'api'; readonly lines: readonly Line[] }> {
  const { options, url, ask, now } = bedside
  const step = (name: CheckName) => options.onStep?.(name)
  step('reach')
  const first = await ask({ url: url.href, headers: [['Cache-Control', 'no-cache']] })
  const tls = await checkTls(bedside)
  if ('failed' in first) {
    const reach = line('reach', 'wrong', first.failed, { ja: '答えがありません。', en: 'Nobody answers.' })
    return { kind: options.kind ?? 'issuer', lines: [reach, ...tls] }
  }
  const basics = [
    line('reach', 'good', String(first.status), { ja: '答えがあります。', en: 'It answers.' }),
    clockLine(first, now()),
    ...tls,
  ]
  step('metadata')
  const issuer = options.kind === 'api' ? undefined : await findIssuerDocument(bedside)
  const kind = options.kind ?? (issuer?.found ? 'issuer' : 'api')
  const rest = kind === 'issuer' ? await examineIssuer(bedside, step) : await examineApi(bedside, first, step)
  const told = kind === 'issuer' ? (issuer?.lines ?? []) : []
  return { kind, lines: [...basics, ...told, ...rest] }
}

async function examineIssuer(bedside: Bedside, step: (name: CheckName) => void): Promise<Line[]> {
  const { document, url } = bedside
  const token = document?.['token_endpoint']
  const path = url.pathname.replace(/\/$/, '')
  if (document === undefined) return []
  const endpoint = typeof token === 'string' && URL.canParse(token) ? seenFrom(bedside, token) : undefined
  step('keys')
  const lines = [...addressesLine(bedside), ...(await checkKeys(bedside))]
  step('browsers')
  if (endpoint !== undefined) lines.push(...(await checkBrowsers(bedside, endpoint, 'issuer')))
  step('target')
  if (endpoint !== undefined) lines.push(...(await checkTarget(bedside, endpoint, 'issuer')))
  step('forwarded')
  lines.push(...(await checkForwarded(bedside, `${url.origin}${path}/.well-known/openid-configuration`)))
  step('certificates')
  return [...lines, ...(await checkCertificates(bedside))]
}

/** An endpoint whose published host was not named is asked at the address that was. */
function seenFrom({ url, options }: Bedside, endpoint: string): string {
  const { host, pathname } = new URL(endpoint)
  return host === url.host || options.allowedHosts?.includes(host) ? endpoint : `${url.origin}${pathname}`
}

async function examineApi(bedside: Bedside, first: Reply, step: (name: CheckName) => void): Promise<Line[]> {
  const { url, ask } = bedside
  const challenge = (first.headers['www-authenticate'] ?? []).join(', ')
  const named = /resource_metadata="([^"]+)"/.exec(challenge)?.[1]
  const own = `${url.origin}/.well-known/oauth-protected-resource${url.pathname.replace(/\/$/, '')}`
  const lines = challengeLines(challenge, named, url)
  const address = named !== undefined && URL.canParse(named) ? named : own
  const answer = await ask({ url: address, headers: [['Accept', 'application/json']] })
  bedside.document = 'failed' in answer || answer.status !== 200 ? undefined : readJsonObject(answer.body)
  lines.push(resourceLine(bedside, 'failed' in answer ? answer.failed : String(answer.status)), ...addressesLine(bedside))
  step('browsers')
  lines.push(...(await checkBrowsers(bedside, url.href, 'api')))
  step('target')
  lines.push(...(await checkTarget(bedside, url.href, 'api')))
  step('forwarded')
  lines.push(...(await checkForwarded(bedside, bedside.document ? address : undefined)))
  step('certificates')
  return [...lines, ...(await checkCertificates(bedside))]
}

function challengeLines(challenge: string, named: string | undefined, url: URL): Line[] {
  if (challenge === '') {
    return [
      line('metadata', 'doubtful', 'no WWW-Authenticate', {
        ja: '切符のない要求に、何が要るかを答えていません。',
        en: 'A request without a ticket is not told what it needs.',
      }),
    ]
  }
  const inner = named === undefined ? undefined : isInner(named, url)
  if (inner === undefined || named === undefined) return []
  return [
    line(
      'addresses',
      'wrong',
      `resource_metadata: ${named}`,
      { ja: '断りの中に、外からは使えないアドレスがあります。', en: 'The challenge names an address that nobody outside can use.' },
      { trouble: inner },
    ),
  ]
}

function resourceLine({ document, options }: Bedside, answered: string): Line {
  const resource = document?.['resource']
  if (typeof resource !== 'string') {
    return line('metadata', 'not-seen', answered, {
      ja: 'API のメタデータ（RFC 9728）はありません。無くてもかまいません。',
      en: 'No metadata of the API (RFC 9728), which is optional.',
    })
  }
  const inside = URL.canParse(resource) && options.url.startsWith(resource.replace(/\/$/, ''))
  return inside
    ? line('metadata', 'good', resource, { ja: 'API は自分の外の名前を知っています。', en: 'The API knows its outer name.' })
    : line('metadata', 'doubtful', resource, {
        ja: 'API の名乗る名前が、このアドレスのものではありません。',
        en: 'The API calls itself by a name that is not of this address.',
      })
}

const honest = 2
const tolerable = 10

/** Proofs are taken for a minute or so: a clock that is off makes some fail, and then all. */
function clockLine({ headers, travelSeconds }: Reply, now: Seconds): Line {
  const date = Date.parse(headers['date']?.[0] ?? '') / 1000
  const age = Number(headers['age']?.[0] ?? 0)
  if (Number.isNaN(date) || age > 0) {
    return line('clock', 'not-seen', age > 0 ? `from a cache, ${age} s old` : 'no Date', {
      ja: '時計は見えませんでした。',
      en: 'Its clock was not seen.',
    })
  }
  const off = Math.round(date - (now - travelSeconds))
  const found = `${off > 0 ? '+' : ''}${off} s beside ours`
  if (Math.abs(off) <= honest) return line('clock', 'good', found, { ja: '時計は合っています。', en: 'The clocks agree.' })
  const mend = { ja: 'どちらの時計が違うかを確かめ、NTP で合わせます。', en: 'See which of the two is off, and set it by NTP.' }
  return Math.abs(off) <= tolerable
    ? line('clock', 'doubtful', found, { ja: '時計が少しずれています。', en: 'The clocks are a little apart.' }, { mend })
    : line(
        'clock',
        'wrong',
        found,
        {
          ja: '時計がずれています。証明が古すぎる、または未来のものとして断られます。',
          en: 'The clocks are apart: proofs are refused as too old, or from the future.',
        },
        { mend },
      )
}

/** What it means to the shell. */
export function exitCodeOfExamination({ lines }: Examination): 0 | 1 | 3 {
  if (lines.some(({ check, health }) => check === 'reach' && health === 'wrong')) return 3
  return lines.some(({ health }) => health === 'wrong') ? 1 : 0
}
