// Envoy, Kong and Spring: what their settings say on client certificates and bound tickets.

import { everyMap, type Lined } from './lined.ts'
import { filledIn, isFilledIn, type Lint, type LintContext, lint, named } from './lint.ts'

export function isEnvoy(top: Lined): boolean {
  return (
    top.get('static_resources') !== undefined ||
    top.get('dynamic_resources') !== undefined ||
    top.get('resources')?.items.some((one) => (one.get('@type')?.text ?? '').includes('envoy')) === true
  )
}

/** Members are read as YAML and as the JSON of protocol buffers have them. */
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

export function lintEnvoy(top: Lined, { at }: LintContext): Lint[] {
  return [...everyMap(top)].flatMap((map) =>
    map.members.flatMap(([written, value]) => {
      const name = snake(written)
      if (name === 'common_tls_context') return asksOptionally(map, value, at)
      if (name === 'require_client_certificate') return [envoyCertificate(value, at)]
      if (name === 'forward_client_cert_details') return [envoyForward(value, at)]
      if (name === 'trust_chain_verification' && value.text === 'ACCEPT_UNTRUSTED') {
        return [
          lint(
            value.line,
            'certificate',
            'weak',
            {
              ja: '信頼できない証明書も受け取ります（ACCEPT_UNTRUSTED）。',
              en: 'Untrusted certificates are taken too (ACCEPT_UNTRUSTED).',
            },
            { at },
          ),
        ]
      }
      if (name === 'from_cookies' || name === 'from_params') {
        return [
          lint(
            value.line,
            'binding',
            'weak',
            {
              ja: `切符を header の外からも受け取ります（${name}）。`,
              en: `Tickets are taken from elsewhere than the header (${name}).`,
            },
            { at },
          ),
        ]
      }
      return name === 'providers' && map.get('rules') !== undefined
        ? [
            lint(
              value.line,
              'binding',
              'cannot-tell',
              {
                ja: 'jwt_authn は署名と宛先を確かめますが、cnf は見ません。縛りは後ろで確かめる必要があります。',
                en: 'jwt_authn checks signature and audience, not cnf: the binding must be checked behind it.',
              },
              { at },
            ),
          ]
        : []
    }),
  )
}

/** Whoever trusts client certificates and does not require one only asks. Towards servers behind it, the same member checks theirs. */
function asksOptionally(context: Lined, common: Lined, at: string | undefined): Lint[] {
  const towardsCallers = (context.get('@type')?.text ?? '').endsWith('DownstreamTlsContext')
  const required = context.members.some(([name]) => snake(name) === 'require_client_certificate')
  const trusted = common.members.find(([name]) => /^(?:combined_)?validation_context(?:_sds_secret_config)?$/.test(snake(name)))?.[1]
  if (!towardsCallers || required || trusted === undefined) return []
  const text = {
    ja: 'クライアント証明書を確かめますが、無くても通ります（require_client_certificate がありません）。',
    en: 'Client certificates are checked where they come, and callers without one pass (no require_client_certificate).',
  }
  return [lint(trusted.line, 'certificate', 'optional', text, { at })]
}

function envoyCertificate(value: Lined, at: string | undefined): Lint {
  if (value.text !== 'true' && value.text !== 'false') return filledIn(value.line, 'certificate', 'require_client_certificate', { at })
  return value.text === 'true'
    ? lint(value.line, 'certificate', 'demanded', { ja: 'クライアント証明書を求めます。', en: 'A client certificate is demanded.' }, { at })
    : lint(
        value.line,
        'certificate',
        'optional',
        { ja: 'クライアント証明書は無くても通ります。', en: 'Callers without a certificate pass.' },
        { at },
      )
}

function envoyForward(value: Lined, at: string | undefined): Lint {
  if (value.text === 'APPEND_FORWARD' || value.text === 'FORWARD_ONLY' || value.text === 'ALWAYS_FORWARD_ONLY') {
    return lint(
      value.line,
      'forwarding',
      'weak',
      {
        ja: `呼び手が書いた X-Forwarded-Client-Cert が後ろまで届くことがあります（${named(value.text)}）。外に面するところでは SANITIZE_SET にします。`,
        en: `An X-Forwarded-Client-Cert that a caller wrote may pass (${named(value.text)}): at the edge, say SANITIZE_SET.`,
      },
      { at },
    )
  }
  if (value.text !== 'SANITIZE' && value.text !== 'SANITIZE_SET')
    return filledIn(value.line, 'forwarding', 'forward_client_cert_details', { at })
  return lint(
    value.line,
    'forwarding',
    'demanded',
    {
      ja: `呼び手の X-Forwarded-Client-Cert は取り除かれます（${named(value.text)}）。`,
      en: `X-Forwarded-Client-Cert of callers is removed (${named(value.text)}).`,
    },
    { at },
  )
}

export function isKong(top: Lined): boolean {
  return top.get('_format_version') !== undefined
}

/** Plugins stand at the top, at services and at their routes. */
export function lintKong(top: Lined, { at }: LintContext): Lint[] {
  return [...everyMap(top)].flatMap((map) => {
    const plugins = map.get('plugins')?.items ?? []
    const what = map.get('name')?.text ?? map.get('paths')?.items[0]?.text
    return plugins.flatMap((plugin) => lintKongPlugin(plugin, { at, what: what === undefined ? undefined : named(what) }))
  })
}

function lintKongPlugin(plugin: Lined, more: Pick<Lint, 'at' | 'what'>): Lint[] {
  const name = plugin.get('name')
  if (plugin.get('enabled')?.text === 'false') return []
  if (name?.text === 'jwt' || name?.text === 'oauth2' || name?.text === 'key-auth') {
    return [
      lint(
        name.line,
        'binding',
        'absent',
        {
          ja: `${name.text} は縛りを確かめません。持っているだけで通ります。`,
          en: `${name.text} checks no binding: whoever holds the ticket passes.`,
        },
        more,
      ),
    ]
  }
  if (name?.text !== 'openid-connect') return []
  return (['proof_of_possession_dpop', 'proof_of_possession_mtls'] as const).flatMap((key) => {
    const value = plugin.get('config', key)
    const state = value?.text ?? 'off'
    if (value && !['strict', 'optional', 'off'].includes(state)) return [filledIn(value.line, 'binding', key, more)]
    const says = state === 'strict' ? 'demanded' : state === 'optional' ? 'optional' : 'absent'
    if (
      value === undefined &&
      plugin.get('config', key === 'proof_of_possession_dpop' ? 'proof_of_possession_mtls' : 'proof_of_possession_dpop') !== undefined
    )
      return []
    const text = {
      demanded: { ja: `縛られた切符を求めます（${key}: strict）。`, en: `Bound tickets are demanded (${key}: strict).` },
      optional: { ja: `縛られない切符も通ります（${key}: optional）。`, en: `Unbound tickets pass too (${key}: optional).` },
      absent: { ja: `縛りを確かめません（${key}: ${named(state)}）。`, en: `No binding is checked (${key}: ${named(state)}).` },
    }[says]
    return [lint(value?.line ?? name.line, 'binding', says, text, more)]
  })
}

/** Spring reads `clientAuth`, `client_auth` and `client-auth` alike. */
const canonical = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-')

/** `a.b.c` of properties and of YAML alike. */
export function lintSpring(settings: readonly (readonly [name: string, value: string, line: number])[], { at }: LintContext): Lint[] {
  return settings.flatMap(([written, value, line]) => {
    const name = canonical(written)
    if (name === 'server.ssl.client-auth' || name === 'quarkus.http.ssl.client-auth') {
      if (isFilledIn(value)) return [filledIn(line, 'certificate', name, { at })]
      const word = value.toLowerCase()
      const says = ['need', 'required'].includes(word) ? 'demanded' : ['want', 'request'].includes(word) ? 'optional' : 'absent'
      return [
        lint(line, 'certificate', says, { ja: `クライアント証明書: ${named(word)}。`, en: `Client certificates: ${named(word)}.` }, { at }),
      ]
    }
    if (name === 'server.forward-headers-strategy') {
      if (isFilledIn(value)) return [filledIn(line, 'target', name, { at })]
      return [
        lint(
          line,
          'target',
          value.toLowerCase() === 'none' ? 'weak' : 'seen',
          {
            ja: `前の proxy が伝える Host や scheme を使うか: ${named(value)}。none だと htu が外と合わないことがあります。`,
            en: `Whether Host and scheme of a proxy are used: ${named(value)}. With none, htu may not fit the outside.`,
          },
          { at },
        ),
      ]
    }
    if (/^spring\.security\.oauth2\.resourceserver\.(?:jwt|opaquetoken)\.(?:issuer-uri|jwk-set-uri|introspection-uri)$/.test(name)) {
      return [
        lint(
          line,
          'binding',
          'cannot-tell',
          {
            ja: 'ここには縛りの設定がありません。DPoP を有効にしても、縛られない切符は Bearer として通ります。',
            en: 'Nothing here speaks of binding; also with DPoP enabled, unbound tickets pass as Bearer.',
          },
          { at },
        ),
      ]
    }
    return []
  })
}

export function isSpringYaml(top: Lined): boolean {
  return top.get('spring') !== undefined || top.get('server', 'ssl') !== undefined || top.get('quarkus') !== undefined
}

export function isProperties(text: string): boolean {
  return /^[ \t]*(?:spring|server|quarkus)\.[\w.-]+[ \t]*[=:]/m.test(text)
}

export function flattenYaml(top: Lined, prefix = ''): (readonly [string, string, number])[] {
  return top.members.flatMap(([name, value]): (readonly [string, string, number])[] => {
    const full = prefix === '' ? name : `${prefix}.${name}`
    return value.text === undefined ? flattenYaml(value, full) : [[full, value.text, value.line]]
  })
}

export function readProperties(text: string): (readonly [string, string, number])[] {
  return text.split('\n').flatMap((line, index): (readonly [string, string, number])[] => {
    const found = /^[ \t]*([\w.-]+)[ \t]*[=:](.*)$/.exec(line)
    return found ? [[found[1]!, found[2]!.trim(), index + 1]] : []
  })
}
