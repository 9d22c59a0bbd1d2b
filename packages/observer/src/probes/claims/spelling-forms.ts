// How htu is compared, beyond host and path (RFC 9449 §4.3, RFC 3986 §6.2): what must not pass, and what must.
// That it is compared at all, H1 and H2 ask.
import { changedHtu } from '../../edits/proof-edits.ts'
import { type EditProbe, probeAt } from '../../probe.ts'

interface Spelling {
  readonly id: string
  readonly cite: string
  readonly ja: string
  readonly en: string
  /** A right spelling: refusing it shuts honest clients out. */
  readonly passes?: true
  readonly change: (htu: URL) => string | undefined
}

const spellings: readonly Spelling[] = [
  {
    id: 'H3',
    cite: 'RFC9449§4.3-9',
    ja: '道の大文字と小文字が違う証明では通らない',
    en: 'a proof whose path has other letter case does not pass',
    change: (htu) => (htu.pathname === htu.pathname.toUpperCase() ? undefined : `${htu.origin}${htu.pathname.toUpperCase()}`),
  },
  {
    id: 'H4',
    cite: 'RFC9449§4.3-9',
    ja: '末尾の / が違う証明では通らない',
    en: 'a proof whose path ends in another slash does not pass',
    change: (htu) =>
      htu.pathname === '/' ? undefined : `${htu.origin}${htu.pathname.endsWith('/') ? htu.pathname.slice(0, -1) : `${htu.pathname}/`}`,
  },
  {
    id: 'H6',
    cite: 'RFC9449§4.3-9',
    ja: 'http と https を取り違えた証明では通らない',
    en: 'a proof for the other of http and https does not pass',
    change: (htu) => `${htu.protocol === 'https:' ? 'http:' : 'https:'}//${htu.host}${htu.pathname}`,
  },
  {
    id: 'H5',
    cite: 'RFC3986§6.2.2',
    ja: '同じ文字を % で書いた証明も通る',
    en: 'a proof that writes a letter of the path with % passes',
    passes: true,
    change: (htu) => {
      const found = /[a-z](?=[^/]*$)/i.exec(htu.pathname)
      if (found === null) return undefined
      const { index } = found
      const code = htu.pathname.charCodeAt(index).toString(16).toUpperCase()
      return `${htu.origin}${htu.pathname.slice(0, index)}%${code}${htu.pathname.slice(index + 1)}`
    },
  },
  {
    id: 'H7',
    cite: 'RFC9449§4.3-9',
    ja: '問い合わせの部分が付いた証明も通る（無視される）',
    en: 'a proof with a query passes: the query is ignored',
    passes: true,
    change: (htu) => `${htu.origin}${htu.pathname}?x=1`,
  },
]

export const spellingForms: readonly EditProbe<'api'>[] = spellings.map(({ id, cite, ja, en, passes, change }) =>
  probeAt('api', {
    id,
    topic: 'claims',
    // What must pass attacks no rule: refusing it is stricter than any.
    attacks: passes ? [] : ['dpop.htu-is-request-target'],
    level: 'SHOULD',
    cite,
    says: { ja, en },
    proves: { ja, en },
    doesNotProve: { ja: 'ほかの書き方も同じに扱うか', en: 'that every other spelling is treated alike' },
    depth: 'full',
    priority: 'P2',
    owner: 'RS',
    sources: ['dpop-header', 'rs-enforcement'],
    ...(passes && { passes }),
    edit: (call) => changedHtu(call, change) ?? { notApplicable: 'this path cannot be spelled otherwise' },
  }),
)
