// Ways around the guarded way to the same API: the ticket in another place, the same path written otherwise, an answer kept by a cache.
// The rule is that of every API, and B1 attacks it there: these ask whether it holds at the side doors too.
import type { ApiCall } from '../../edits/plans.ts'
import { type EditProbe, type NotApplicable, probeAt } from '../../probe.ts'

interface SideDoor {
  readonly id: string
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly depth: EditProbe['depth']
  readonly edit: EditProbe<'api'>['edit']
}

/** The call with its ticket taken out, and no proof. */
const bare = (call: ApiCall): ApiCall => ({ ...call, credentials: [], proofs: [] })
const tokenOf = (call: ApiCall): string => call.credentials[0]?.token ?? ''
/** The ticket alone, as Bearer, to another spelling of the URL. */
const plainAt = (call: ApiCall, change: (url: URL) => URL | undefined, none: string): ApiCall | NotApplicable => {
  const changed = change(new URL(call.url))
  if (changed === undefined || changed.href === call.url) return { notApplicable: none }
  return { ...bare(call), url: changed.href, credentials: [{ scheme: 'Bearer', token: tokenOf(call) }] }
}
const withPath = (url: URL, pathname: string): URL => {
  url.pathname = pathname
  return url
}

function inQuery(call: ApiCall): ApiCall {
  const url = new URL(call.url)
  url.searchParams.set('access_token', tokenOf(call))
  return { ...bare(call), url: url.href }
}

const isForm = ({ method, headers }: ApiCall): boolean =>
  method === 'POST' &&
  headers.some(([name, value]) => name.toLowerCase() === 'content-type' && value.startsWith('application/x-www-form-urlencoded'))

function inBody(call: ApiCall): ApiCall | NotApplicable {
  if (!isForm(call)) return { notApplicable: 'this request is no form' }
  const form = new URLSearchParams(call.body)
  form.set('access_token', tokenOf(call))
  return { ...bare(call), body: form.toString() }
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

const doors: readonly SideDoor[] = [
  {
    id: 'CA1',
    cite: 'RFC9111§3.5',
    ja: '良い答えのあとで、切符なしの人に同じ答えは返らない（キャッシュ）',
    en: 'after a good answer, nobody without a ticket is given the same (cache)',
    depth: 'core',
    edit: bare,
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
    edit: (call) => ({ ...bare(call), headers: [...call.headers, ['X-Access-Token', tokenOf(call)]] }),
  },
  {
    id: 'B4c',
    cite: 'RFC9449§7.2',
    ja: 'Cookie に入れた切符は通らない',
    en: 'the ticket does not pass in a cookie',
    depth: 'full',
    edit: (call) => ({ ...bare(call), headers: [...call.headers, ['Cookie', `access_token=${tokenOf(call)}`]] }),
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
    id: 'P1',
    cite: 'RFC9449§7.2',
    ja: '末尾に / を足した道でも、切符だけでは通らない',
    en: 'the ticket alone does not pass at the path with a slash at its end, or without it',
    depth: 'core',
    edit: (call) =>
      plainAt(
        call,
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
    edit: (call) => plainAt(call, otherCase, 'the path has no letters'),
  },
  {
    id: 'P3',
    cite: 'RFC9449§7.2',
    ja: '/ を重ねた道でも、切符だけでは通らない',
    en: 'the ticket alone does not pass at the path with a doubled slash',
    depth: 'full',
    edit: (call) => plainAt(call, (url) => withPath(url, `/${url.pathname}`), ''),
  },
  {
    id: 'P4',
    cite: 'RFC9449§7.2',
    ja: '; を足した道でも、切符だけでは通らない',
    en: 'the ticket alone does not pass at the path with a parameter',
    depth: 'full',
    edit: (call) => plainAt(call, (url) => withPath(url, `${url.pathname};x=1`), ''),
  },
  {
    id: 'P5',
    cite: 'RFC9449§7.2',
    ja: '別の版の道でも、切符だけでは通らない',
    en: 'the ticket alone does not pass at the path of another version',
    depth: 'full',
    edit: (call) => plainAt(call, otherVersion, 'the path names no version'),
  },
]

const probes: readonly EditProbe<'api'>[] = doors.map(({ id, cite, ja, en, depth, edit }) =>
  probeAt('api', {
    id,
    topic: 'elsewhere',
    attacks: [],
    level: 'MUST',
    cite,
    says: { ja, en },
    proves: en,
    doesNotProve: 'that there is no other way to the same content',
    depth,
    priority: 'P0',
    owner: 'RS',
    sources: ['authorization-header', 'rs-enforcement'],
    elsewhere: true,
    edit,
  }),
)

const isCache = ({ id }: EditProbe<'api'>) => id === 'CA1'
/** Asked before the ticket alone: where a cache answers, it answers anybody. */
export const cachedAnswer: EditProbe<'api'> = probes.find(isCache)!
export const sideDoors: readonly EditProbe<'api'>[] = probes.filter((probe) => !isCache(probe))
