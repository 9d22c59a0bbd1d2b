// nginx: client certificates that are optional, certificate headers that a caller could set, addresses that proofs would not fit.
// A block without a setting inherits it; `proxy_set_header` in a block replaces all of those outside.
import { Misuse } from '@kimei/protocol'
import { filledIn, type Lint, type LintContext, lint, named } from './lint.ts'

export interface Directive {
  readonly name: string
  readonly words: readonly string[]
  readonly line: number
  readonly block: readonly Directive[] | undefined
}

const mostDirectives = 100_000
const deepest = 32

/** Within a line, or up to the next: whatever a file holds, it is looked through once. */
const opens = /^[ \t]*(?:http|server|upstream[ \t]+\S+|location[ \t][^{;\n]*?)[ \t]*(?:\r?\n[ \t]*)?\{/m
const ends = /;[ \t}]*(?:#.*)?$/m

export function isNginx(text: string): boolean {
  return opens.test(text) && ends.test(text)
}

/** Words, quotes, comments and braces: all that the language has. @throws Misuse where blocks are nested without end. */
export function readNginx(text: string): readonly Directive[] {
  const tokens = [
    ...text.matchAll(/#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]|(?:\$\{\w*\}|[^\s{};"'#])(?:\$\{\w*\}|[^\s{};])*|\n/g),
  ]
  const top: Directive[] = []
  const stack: Directive[][] = [top]
  let line = 1
  let words: string[] = []
  let begun = 1
  let count = 0
  for (const [token] of tokens) {
    if (token === '\n') line += 1
    else if (token === ';' || token === '{') {
      const [name = '', ...rest] = words
      const block: Directive[] | undefined = token === '{' ? [] : undefined
      count += 1
      if (name !== '' && count <= mostDirectives) stack.at(-1)!.push({ name, words: rest, line: begun, block })
      if (stack.length > deepest) throw new Misuse([`line ${line}: blocks are nested deeper than ${deepest}`])
      if (block) stack.push(block)
      words = []
    } else if (token === '}') {
      if (stack.length > 1) stack.pop()
      words = []
    } else if (!token.startsWith('#')) {
      if (words.length === 0) begun = line
      words.push(token.replace(/^(["'])(.*)\1$/s, '$2'))
      line += token.split('\n').length - 1
    }
  }
  return top
}

/** Headers in which proxies pass client certificates on. */
export const certificateHeaders =
  /^(?:client-cert(?:-chain)?|ssl-client-cert|x-ssl-client-cert|x-client-cert(?:ificate)?|x-forwarded-client-cert|x-forwarded-tls-client-cert(?:-info)?|x-amzn-mtls-clientcert(?:-leaf)?|x-arr-clientcert)$/i

interface Scope {
  readonly verify: Directive | undefined
  readonly headers: readonly Directive[]
  /** Settings of another file stand here or outside: what is not seen may be there. */
  readonly included: boolean
  /** An `if` or a map looks at the certificate that came. */
  readonly looksAtResult: boolean
  readonly origin: string | undefined
}

export function lintNginx(text: string, context: LintContext): Lint[] {
  return lintBlock(
    readNginx(text),
    {
      verify: undefined,
      headers: [],
      included: false,
      looksAtResult: /(?:if[ \t]*\([ \t]*|map[ \t]+)"?\$ssl_client_verify\b/.test(text),
      origin: undefined,
    },
    context,
    undefined,
  )
}

function lintBlock(block: readonly Directive[], outer: Scope, context: LintContext, path: string | undefined): Lint[] {
  const own = (name: string) => block.filter((one) => one.name === name)
  const headers = [...own('proxy_set_header'), ...own('grpc_set_header')]
  const name = own('server_name')[0]?.words[0]
  const secure = own('listen').some(({ words }) => words.includes('ssl') || words[0]?.endsWith('443'))
  const scope: Scope = {
    verify: own('ssl_verify_client')[0] ?? outer.verify,
    headers: headers.length > 0 ? headers : outer.headers,
    included: outer.included || own('include').some(({ words: [file = ''] }) => !file.endsWith('mime.types')),
    looksAtResult: outer.looksAtResult,
    origin: name !== undefined && name !== '_' && URL.canParse(`https://${name}`) ? `${secure ? 'https' : 'http'}://${name}` : outer.origin,
  }
  const passes = own('proxy_pass')[0] ?? own('grpc_pass')[0]
  const url = scope.origin === undefined || !URL.canParse(path ?? '/', scope.origin) ? undefined : new URL(path ?? '/', scope.origin)
  const at = (url && context.places.idOf(undefined, url)) ?? context.at
  const what = passes ? `location ${named(path ?? '/')}` : undefined
  return [
    ...own('ssl_verify_client').map((one) => lintVerify(one, scope.looksAtResult, at)),
    ...own('auth_jwt').map((one) => lintJwt(one, at)),
    ...(passes ? lintPass(passes, scope, { at, what }) : []),
    ...block.flatMap((one) =>
      one.block === undefined ? [] : lintBlock(one.block, scope, context, one.name === 'location' ? one.words.at(-1) : path),
    ),
  ]
}

/** Of the commercial edition: signature and times. */
function lintJwt({ line, words: [value = ''] }: Directive, at: string | undefined): Lint {
  if (value === 'off')
    return lint(line, 'binding', 'absent', { ja: '切符をここでは確かめません。', en: 'Tickets are not checked here.' }, { at })
  const text = {
    ja: 'auth_jwt は署名と期限を確かめますが、cnf は見ません。縛りは後ろで確かめる必要があります。',
    en: 'auth_jwt checks signature and times, not cnf: the binding must be checked behind it.',
  }
  return lint(line, 'binding', 'cannot-tell', text, { at })
}

function lintVerify({ line, words: [value = ''] }: Directive, looksAtResult: boolean, at: string | undefined): Lint {
  if (value === 'on') {
    return lint(
      line,
      'certificate',
      'demanded',
      { ja: 'クライアント証明書を求めます（ssl_verify_client on）。', en: 'A client certificate is demanded (ssl_verify_client on).' },
      { at },
    )
  }
  if (value.startsWith('optional') && looksAtResult) {
    const text = {
      ja: `証明書は無くても繋がります（ssl_verify_client ${named(value)}）。$ssl_client_verify を見ているので、どこで断るかはその行しだいです。`,
      en: `Callers without a certificate connect (ssl_verify_client ${named(value)}); the file looks at $ssl_client_verify, and who is refused where depends on that.`,
    }
    return lint(line, 'certificate', 'cannot-tell', text, { at })
  }
  if (value.startsWith('optional')) {
    return lint(
      line,
      'certificate',
      'optional',
      {
        ja: `証明書は無くても通ります（ssl_verify_client ${named(value)}）。後ろの API が $ssl_client_verify を確かめなければなりません。`,
        en: `Callers without a certificate pass (ssl_verify_client ${named(value)}): the API behind must look at $ssl_client_verify.`,
      },
      { at },
    )
  }
  if (value !== 'off') return filledIn(line, 'certificate', 'ssl_verify_client', { at })
  return lint(line, 'certificate', 'absent', { ja: 'クライアント証明書を求めません。', en: 'No client certificate is asked for.' }, { at })
}

function lintPass({ line }: Directive, { verify, headers, included }: Scope, more: Pick<Lint, 'at' | 'what'>): Lint[] {
  const set: SetHeader = (name) => headers.find(({ words: [header = ''] }) => name.test(header))
  const asks = verify !== undefined && verify.words[0] !== 'off'
  const hasHost = set(/^(?:host|x-forwarded-host|forwarded)$/i) !== undefined
  if (included && (!hasHost || (asks && set(certificateHeaders) === undefined))) {
    const text = {
      ja: 'ほかのファイルを include しています。後ろへ渡す header はそちらにあるかもしれません。',
      en: 'Another file is included: which headers are passed on may stand there.',
    }
    return [...lintCredentials(set, more), lint(line, 'forwarding', 'cannot-tell', text, more)]
  }
  return [
    ...lintCertificateHeader(line, asks, set, more),
    ...lintCredentials(set, more),
    ...(hasHost
      ? []
      : [
          lint(
            line,
            'target',
            'weak',
            {
              ja: '外から見た Host を後ろへ伝えていません。htu を Host から組み立てる API では証明の宛先が合いません。',
              en: 'The outer Host is not passed on: an API that builds htu from it will refuse honest proofs.',
            },
            more,
          ),
        ]),
  ]
}

type SetHeader = (name: RegExp) => Directive | undefined

function lintCertificateHeader(line: number, asks: boolean, set: SetHeader, more: Pick<Lint, 'at' | 'what'>): Lint[] {
  const certificate = set(certificateHeaders)
  if (!certificate) {
    if (!asks) return []
    return [
      lint(
        line,
        'forwarding',
        'weak',
        {
          ja: '証明書を求めていますが、後ろへ渡していません。切符との突き合わせはできません。証明書の header も消されないので、呼び手が自分で書けます。',
          en: 'A certificate is asked for and not passed on: nothing behind can compare it with the ticket, and a caller may write such a header.',
        },
        more,
      ),
    ]
  }
  if (/\$ssl_client_(?:escaped_|raw_)?cert|^$/.test(certificate.words[1] ?? '')) return []
  return [
    lint(
      certificate.line,
      'forwarding',
      'weak',
      {
        ja: `${named(certificate.words[0])} が接続の証明書からではありません。呼び手が書いた値が通るおそれがあります。`,
        en: `${named(certificate.words[0])} does not come from the connection's certificate: what a caller wrote may pass.`,
      },
      more,
    ),
  ]
}

function lintCredentials(set: SetHeader, more: Pick<Lint, 'at' | 'what'>): Lint[] {
  const [authorization, proof] = [set(/^authorization$/i), set(/^dpop$/i)]
  const rewritten = authorization && (authorization.words[1] ?? '') !== '' && !/\$http_authorization/.test(authorization.words[1] ?? '')
  return [
    ...(rewritten
      ? [
          lint(
            authorization.line,
            'binding',
            'weak',
            { ja: 'Authorization をここで書き換えています。', en: 'Authorization is rewritten here.' },
            more,
          ),
        ]
      : []),
    ...(proof?.words[1] === ''
      ? [
          lint(
            proof.line,
            'binding',
            'weak',
            {
              ja: 'DPoP の header を消しています。後ろの API は縛りを確かめられません。',
              en: 'The DPoP header is removed: the API behind cannot check the binding.',
            },
            more,
          ),
        ]
      : []),
  ]
}
