// Metadata from outside: every form of its address, the issuer byte by byte, and whether any address in it is one from inside.

import { isLoopback } from '../inventory/targets.ts'
import { issuerMetadataForms } from '../metadata.ts'
import { readJsonObject } from '../read-json.ts'
import type { Asked, Reply } from './ask.ts'
import { type Bedside, type Line, line } from './examination.ts'

interface Form {
  readonly name: string
  readonly url: string
}

function issuerForms(url: URL): readonly Form[] {
  const path = url.pathname.replace(/\/$/, '')
  return [
    { name: 'RFC 8414', url: `${url.origin}/.well-known/oauth-authorization-server${path}` },
    { name: 'OpenID Connect', url: `${url.origin}${path}/.well-known/openid-configuration` },
  ]
}

/** The document that an issuer at this address publishes, in any form. */
export async function findIssuerDocument(bedside: Bedside): Promise<{ readonly lines: Line[]; readonly found: boolean }> {
  const answers: { form: Form; answer: Asked; document: Readonly<Record<string, unknown>> | undefined }[] = []
  for (const form of issuerForms(bedside.url)) {
    const answer = await bedside.ask({ url: form.url, headers: [['Accept', 'application/json']] })
    const document = 'failed' in answer || answer.status !== 200 ? undefined : readJsonObject(answer.body)
    answers.push({ form, answer, document: document && 'issuer' in document ? document : undefined })
  }
  const beside = answers.every(({ document }) => document === undefined) ? await appendedForm(bedside) : undefined
  if (beside !== undefined) return { found: true, lines: [beside, issuerLine(bedside)] }
  const read = answers.filter(({ document }) => document !== undefined)
  bedside.document = read[0]?.document
  if (read.length === 0) {
    return {
      found: false,
      lines: [
        line(
          'metadata',
          'wrong',
          answers.map(({ form, answer }) => `${form.name}: ${wordsOf(answer)}`).join('; '),
          {
            ja: 'メタデータが読めません。プログラムはこの発行者を見つけられません。',
            en: 'No metadata can be read: programs cannot find this issuer.',
          },
          {
            mend: { ja: 'プロキシが /.well-known/ を後ろへ渡しているか確かめます。', en: 'See whether the proxy passes /.well-known/ on.' },
            trouble: 'prefix',
          },
        ),
      ],
    }
  }
  return {
    found: true,
    lines: [formsLine(answers, bedside.url.pathname !== '/'), issuerLine(bedside), ...agreementLine(read.map(({ document }) => document!))],
  }
}

/** The name of RFC 8414 after the path, where OpenID Connect has its own: programs look for it before the path. */
async function appendedForm(bedside: Bedside): Promise<Line | undefined> {
  const { origin, pathname } = bedside.url
  const [right, , appended] = issuerMetadataForms(bedside.url)
  if (appended === undefined) return undefined
  const answer = await bedside.ask({ url: appended, headers: [['Accept', 'application/json']] })
  const document = 'failed' in answer || answer.status !== 200 ? undefined : readJsonObject(answer.body)
  if (document === undefined || !('issuer' in document)) return undefined
  bedside.document = document
  return line(
    'metadata',
    'wrong',
    `only at ${appended.slice(origin.length)}`,
    {
      ja: `RFC 8414 の場所にありません。決まりどおりのプログラムは、${pathname} の前に挟んだ住所を探します。`,
      en: `It is not where RFC 8414 has it: programs look for it with ${pathname} at the end.`,
    },
    { mend: { ja: `${right} でも同じ文書を返します。`, en: `Answer the same at ${right} too.` } },
  )
}

function wordsOf(answer: Asked): string {
  if ('failed' in answer) return answer.failed
  const where = answer.headers['location']?.[0]
  return where !== undefined && URL.canParse(where) ? `${answer.status} to ${new URL(where).host}` : String(answer.status)
}

/** Where the issuer has a path, the two forms differ in how it is put in, and proxies lose it; without one, an absent form was not made. */
function formsLine(
  answers: readonly { readonly form: Form; readonly answer: Asked; readonly document: unknown }[],
  hasPath: boolean,
): Line {
  const missing = answers.filter(({ document }) => document === undefined)
  const typed = answers.filter(({ answer, document }) => document !== undefined && !isJson(answer as Reply))
  if (typed.length > 0) {
    return line('metadata', 'doubtful', `${typed[0]!.form.name}: content type`, {
      ja: 'メタデータの Content-Type が application/json ではありません。',
      en: 'Metadata is not told as application/json.',
    })
  }
  if (missing.length === 0)
    return line('metadata', 'good', 'both forms', {
      ja: 'どちらのアドレスでもメタデータが読めます。',
      en: 'Metadata can be read in both forms.',
    })
  return line(
    'metadata',
    'doubtful',
    missing.map(({ form, answer }) => `${form.name}: ${wordsOf(answer)}`).join('; '),
    {
      ja: '片方のアドレスでは読めません。それを使うプログラムは見つけられません。',
      en: 'One form cannot be read: programs that use it do not find this issuer.',
    },
    hasPath
      ? { trouble: 'prefix' }
      : { mend: { ja: '同じ文書を、もう片方のアドレスにも置きます。', en: 'Publish the same document at the other address too.' } },
  )
}

function isJson({ headers }: Reply): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(headers['content-type']?.[0] ?? '')
}

/** RFC 8414 §3.3: identical, not alike. */
function issuerLine({ document, options }: Bedside): Line {
  const told = String(document?.['issuer'])
  if (told === options.url)
    return line('metadata', 'good', told, { ja: '名乗る名前はアドレスと一字一句同じです。', en: 'It calls itself exactly by its address.' })
  const slash = told.replace(/\/$/, '') === options.url.replace(/\/$/, '')
  const inner = isInner(told, new URL(options.url))
  return line(
    'metadata',
    slash ? 'doubtful' : 'wrong',
    told,
    slash
      ? {
          ja: `名前の終わりの「/」が違います。設定には「${told}」とそのまま書きます。`,
          en: `A slash at the end differs: write ${told} exactly so in every configuration.`,
        }
      : {
          ja: '名乗る名前がアドレスと違います。正しいプログラムはこの発行者を断ります。',
          en: 'It calls itself by another name than its address: correct programs refuse it.',
        },
    inner ? { trouble: inner } : {},
  )
}

function agreementLine(documents: readonly Readonly<Record<string, unknown>>[]): Line[] {
  const [first, second] = documents
  if (first === undefined || second === undefined) return []
  const differing = ['issuer', 'token_endpoint', 'jwks_uri', 'authorization_endpoint', 'dpop_signing_alg_values_supported'].filter(
    (name) => JSON.stringify(first[name]) !== JSON.stringify(second[name]),
  )
  if (differing.length === 0) return []
  return [
    line('metadata', 'wrong', differing.join(', '), {
      ja: '二つのアドレスで書いてあることが違います。',
      en: 'The two forms say different things.',
    }),
  ]
}

/** Which part of an address comes from inside of a proxy, if any. */
export function isInner(text: string, outside: URL): 'host' | 'scheme' | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.hostname === outside.hostname && url.protocol === 'http:' && outside.protocol === 'https:') return 'scheme'
  const inner =
    isLoopback(url.hostname) ||
    !url.hostname.includes('.') ||
    /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)|\.(?:internal|local|svc)$/.test(url.hostname)
  if (inner && !isLoopback(outside.hostname)) return 'host'
  return url.hostname === outside.hostname && url.port !== outside.port ? 'host' : undefined
}

/** Every address in the document, seen from where the person stands. */
export function addressesLine({ document, url }: Bedside): Line[] {
  const addresses = Object.entries(document ?? {}).filter(
    (pair): pair is [string, string] => /(?:_endpoint|_uri|^issuer|^resource)$/.test(pair[0]) && typeof pair[1] === 'string',
  )
  if (addresses.length === 0) return []
  const inner = addresses.flatMap(([name, value]) => {
    const trouble = isInner(value, url)
    return trouble ? [{ name, value, trouble }] : []
  })
  if (inner.length === 0) {
    return [
      line('addresses', 'good', addresses.length === 1 ? '1 address' : `${addresses.length} addresses`, {
        ja: '書いてあるアドレスはどれも外から使えるものです。',
        en: 'Every address in it is one from outside.',
      }),
    ]
  }
  const { name, value, trouble } = inner[0]!
  return [
    line(
      'addresses',
      'wrong',
      `${name}: ${value}${inner.length > 1 ? ` (and ${inner.length - 1} more)` : ''}`,
      trouble === 'scheme'
        ? {
            ja: '外は https なのに http と書いてあります。発行者は自分が https の後ろにいることを知りません。',
            en: 'It says http where the outside is https: the program does not know that it stands behind https.',
          }
        : {
            ja: '外からは使えない、内側のアドレスが書いてあります。',
            en: 'It names an address from inside, which nobody outside can use.',
          },
      {
        mend: {
          ja: '発行者に外のアドレスを設定するか、プロキシに伝えさせます。',
          en: 'Tell the program its outer address, or let the proxy pass it on.',
        },
        trouble,
      },
    ),
  ]
}
