// Ways around the guarded way to the same API: the ticket in another place, the same path written otherwise, an answer kept by a cache.
// The rule is that of every API, and B1 or L7 attacks it there: these ask whether it holds at the side doors too.
import { type ApiCall, withUnknownParameter } from '../../edits/plans.ts'
import { type EditKit, type EditProbe, isNotApplicable, type NotApplicable, probeAt } from '../../probe.ts'
import { withoutWhatItNames } from './unnamed.ts'

interface SideDoor {
  readonly id: string
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly depth: EditProbe['depth']
  readonly edit: EditProbe<'api'>['edit']
  readonly besides?: EditProbe<'api'>['besides']
}

type Door = (call: ApiCall, kit: EditKit) => ApiCall | NotApplicable

/** The call with its ticket taken out, and with it what the ticket names: its proof, or its certificate. */
const bare: Door = (call, kit) => {
  const unnamed = withoutWhatItNames(call, kit)
  return isNotApplicable(unnamed) ? unnamed : { ...unnamed, credentials: [] }
}
const tokenOf = (call: ApiCall): string => call.credentials[0]?.token ?? ''

/** The ticket put back somewhere else. */
const carried =
  (put: (call: ApiCall, token: string) => ApiCall): Door =>
  (call, kit) => {
    const without = bare(call, kit)
    return isNotApplicable(without) ? without : put(without, tokenOf(call))
  }
const inHeader = (name: string, value: (token: string) => string): Door =>
  carried((call, token) => ({ ...call, headers: [...call.headers, [name, value(token)]] }))

/** The ticket alone, as Bearer. */
const alone: Door = carried((call, token) => ({ ...call, credentials: [{ scheme: 'Bearer', token }] }))

/** The ticket alone, to another spelling of the URL. */
const aloneAt =
  (change: (url: URL) => URL | undefined, none: string): Door =>
  (call, kit) => {
    const changed = change(new URL(call.url))
    if (changed === undefined || changed.href === call.url) return { notApplicable: none }
    const plain = alone(call, kit)
    return isNotApplicable(plain) ? plain : { ...plain, url: changed.href }
  }
const withPath = (url: URL, pathname: string): URL => {
  url.pathname = pathname
  return url
}

/** The ticket alone, to the same path in letters that no parser of URLs would leave so. */
const aloneWritten =
  (write: (path: string) => string | undefined, none: string): Door =>
  (call, kit) => {
    const { pathname, search } = new URL(call.url)
    const written = write(pathname)
    if (written === undefined) return { notApplicable: none }
    const plain = alone(call, kit)
    return isNotApplicable(plain) ? plain : { ...plain, target: `${written}${search}` }
  }

const inQuery: Door = carried((call, token) => {
  const url = new URL(call.url)
  url.searchParams.set('access_token', token)
  return { ...call, url: url.href }
})

const isForm = ({ method, headers }: ApiCall): boolean =>
  method === 'POST' &&
  headers.some(([name, value]) => name.toLowerCase() === 'content-type' && value.startsWith('application/x-www-form-urlencoded'))

const inBody: Door = (call, kit) => {
  if (!isForm(call)) return { notApplicable: 'this request is no form' }
  return carried((without, token) => {
    const form = new URLSearchParams(without.body)
    form.set('access_token', token)
    return { ...without, body: form.toString() }
  })(call, kit)
}

const withOtherUrl = (call: ApiCall, kit: EditKit): ApiCall => ({ ...call, url: withUnknownParameter(call.url, kit.random()) })

const asksToUpgrade = ({ headers }: ApiCall): boolean => headers.some(([name]) => name.toLowerCase() === 'upgrade')

/** Browsers can set no header on a WebSocket: some servers take the ticket from its list of protocols. */
const inProtocol: Door = (call, kit) =>
  asksToUpgrade(call)
    ? inHeader('Sec-WebSocket-Protocol', (token) => `bearer, ${token}`)(call, kit)
    : { notApplicable: 'this request asks for no WebSocket' }

/** Where `HEAD` has an answer, its body is missing: HD asks that. */
const byOptions: Door = (call, kit) => {
  if (call.method === 'OPTIONS') return { notApplicable: 'this is the method of the API' }
  const plain = alone(call, kit)
  if (isNotApplicable(plain)) return plain
  const { body: _body, ...rest } = plain
  return { ...rest, method: 'OPTIONS' }
}

const otherVersion = (url: URL): URL | undefined => {
  const found = /\/v(\d+)(?=\/|$)/.exec(url.pathname)
  if (found === null) return undefined
  const number = Number(found[1])
  return withPath(url, url.pathname.replace(found[0], `/v${number > 1 ? number - 1 : number + 1}`))
}

const otherCase = (url: URL): URL => {
  const upper = url.pathname.toUpperCase()
  return withPath(url, upper === url.pathname ? url.pathname.toLowerCase() : upper)
}

/** The last letter of the path as `%` and its code: the same path (RFC 3986 §2.4), and another text. */
function withEscapedLetter(path: string): string | undefined {
  const found = /[a-z](?=[^a-z]*$)/i.exec(path)
  if (found === null) return undefined
  const code = path.charCodeAt(found.index).toString(16).toUpperCase()
  return `${path.slice(0, found.index)}%${code}${path.slice(found.index + 1)}`
}

const doors: readonly SideDoor[] = [
  {
    id: 'CA1',
    cite: 'RFC9111§3.5',
    ja: '良い答えのあとで、切符なしの人に同じ答えは返らない（キャッシュ）',
    en: 'after a good answer, nobody without a ticket is given the same (cache)',
    depth: 'core',
    edit: bare,
    // A cache keeps answers under their URL: with another one the API itself is asked.
    besides: { words: 'at a URL that no cache knows', change: withOtherUrl },
  },
  {
    id: 'B4q',
    cite: 'RFC6750§2.3',
    ja: 'URL に入れた切符は通らない',
    en: 'the ticket does not pass in the URL',
    depth: 'core',
    edit: inQuery,
  },
  {
    id: 'B4h',
    cite: 'RFC9449§7.2',
    ja: '別のヘッダーに入れた切符は通らない',
    en: 'the ticket does not pass in a header of another name',
    depth: 'full',
    edit: inHeader('X-Access-Token', (token) => token),
  },
  {
    id: 'B4c',
    cite: 'RFC9449§7.2',
    ja: 'Cookie に入れた切符は通らない',
    en: 'the ticket does not pass in a cookie',
    depth: 'full',
    edit: inHeader('Cookie', (token) => `access_token=${token}`),
  },
  {
    id: 'B4b',
    cite: 'RFC6750§2.2',
    ja: '本文に入れた切符は通らない',
    en: 'the ticket does not pass in the body',
    depth: 'full',
    edit: inBody,
  },
  {
    id: 'B4w',
    cite: 'RFC6455§1.9',
    ja: 'WebSocket の副プロトコルに入れた切符は通らない',
    en: 'the ticket does not pass as a WebSocket subprotocol',
    depth: 'full',
    edit: inProtocol,
  },
  {
    id: 'P1',
    cite: 'RFC9449§7.2',
    ja: '末尾に / を足した道でも、切符だけでは通らない',
    en: 'the ticket alone does not pass at the path with a slash at its end, or without it',
    depth: 'core',
    edit: aloneAt(
      (url) =>
        url.pathname === '/' ? undefined : withPath(url, url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : `${url.pathname}/`),
      'the path is the root',
    ),
  },
  {
    id: 'P2',
    cite: 'RFC9449§7.2',
    ja: '大文字と小文字を変えた道でも、切符だけでは通らない',
    en: 'the ticket alone does not pass at the path in other letter case',
    depth: 'full',
    edit: aloneAt(otherCase, 'the path has no letters'),
  },
  {
    id: 'P3',
    cite: 'RFC9449§7.2',
    ja: '/ を重ねた道でも、切符だけでは通らない',
    en: 'the ticket alone does not pass at the path with a doubled slash',
    depth: 'full',
    edit: aloneAt((url) => withPath(url, `/${url.pathname}`), ''),
  },
  {
    id: 'P4',
    cite: 'RFC9449§7.2',
    ja: '; を足した道でも、切符だけでは通らない',
    en: 'the ticket alone does not pass at the path with a parameter',
    depth: 'full',
    edit: aloneAt((url) => withPath(url, `${url.pathname};x=1`), ''),
  },
  {
    id: 'P5',
    cite: 'RFC9449§7.2',
    ja: '別の版の道でも、切符だけでは通らない',
    en: 'the ticket alone does not pass at the path of another version',
    depth: 'full',
    edit: aloneAt(otherVersion, 'the path names no version'),
  },
  {
    id: 'P6',
    cite: 'RFC3986§6.2.2.3',
    ja: '%2e をはさんだ道でも、切符だけでは通らない',
    en: 'the ticket alone does not pass at the path with a segment of %2e',
    depth: 'full',
    edit: aloneWritten((path) => `/%2e${path}`, ''),
  },
  {
    id: 'P7',
    cite: 'RFC3986§6.2.2.2',
    ja: '文字を % で書いた道でも、切符だけでは通らない',
    en: 'the ticket alone does not pass at the path with a letter written with %',
    depth: 'full',
    edit: aloneWritten(withEscapedLetter, 'the path has no letters'),
  },
  {
    id: 'OP',
    cite: 'RFC9110§9.3.7',
    ja: 'OPTIONS でも、切符だけで同じ中身は返らない',
    en: 'OPTIONS does not answer the ticket alone with the same content',
    depth: 'full',
    edit: byOptions,
  },
]

const probes: readonly EditProbe<'api'>[] = doors.map(({ id, cite, ja, en, depth, edit, besides }) =>
  probeAt('api', {
    id,
    topic: 'elsewhere',
    attacks: [],
    level: 'MUST',
    cite,
    says: { ja, en },
    proves: { ja, en },
    doesNotProve: { ja: '同じ内容に届く別の道がないか', en: 'that there is no other way to the same content' },
    depth,
    priority: 'P0',
    owner: 'RS',
    sources: ['authorization-header', 'rs-enforcement'],
    elsewhere: true,
    edit,
    ...(besides && { besides }),
  }),
)

const isCache = ({ id }: EditProbe<'api'>) => id === 'CA1'
/** Asked before the ticket alone: where a cache answers, it answers anybody. */
export const cachedAnswer: EditProbe<'api'> = probes.find(isCache)!
export const sideDoors: readonly EditProbe<'api'>[] = probes.filter((probe) => !isCache(probe))

export function isSideDoor({ id }: Pick<EditProbe, 'id'>): boolean {
  return sideDoors.some((probe) => probe.id === id)
}
