// Where the program behind the proxies thinks it is. Proofs for several addresses are sent with a ticket or code that is none;
// the one whose proof is taken is what it compares `htu` with. Nothing of it can succeed.
import { randomBytes } from 'node:crypto'
import { makeKey, writeJws } from '../edits/keys.ts'
import { proofPlan } from '../edits/plans.ts'
import { readJsonObject } from '../read-json.ts'
import type { Asked, Reply } from './ask.ts'
import { type Bedside, type Line, line, type Trouble } from './examination.ts'

interface Candidate {
  readonly htu: string
  readonly trouble?: Trouble
}

/** `refused`: the proof was found wanting. `passed`: something after the proof was. */
type Verdict = 'passed' | 'refused' | 'unclear'

export async function checkTarget(bedside: Bedside, target: string, kind: 'issuer' | 'api'): Promise<Line[]> {
  if (kind === 'issuer' && bedside.options.clientId === undefined) {
    return [
      line('target', 'not-seen', 'no --client', {
        ja: 'htu は、公開クライアントの id（--client）があれば確かめられます。在りもしない code を使うので、何も起きません。',
        en: 'htu can be looked at with the id of a public client (--client): a code that does not exist is sent, and nothing comes of it.',
      }),
    ]
  }
  const { send, nonce } = proofSender(bedside, target, kind)
  const wrong = await send('https://kimei-doctor.invalid/')
  const outside = await send(target)
  if (outside === 'passed' && wrong === 'refused')
    return [
      line('target', 'good', target, {
        ja: '中のプログラムは、外から見たアドレスを知っています。',
        en: 'The program inside knows the address from outside.',
      }),
    ]
  // Whoever looks at ticket or code first answers the same to every proof.
  if (outside === 'passed' || wrong !== 'refused') return [notSeen()]
  for (const { htu, trouble } of candidatesFor(bedside, target)) {
    if ((await send(htu)) === 'passed') return [elsewhere(htu, target, trouble)]
  }
  return [
    line('target', nonce() ? 'doubtful' : 'not-seen', 'no address passed', {
      ja: 'どのアドレスあての証明も通りませんでした。中のプログラムが自分をどこだと思っているか、--inside で試せます。',
      en: 'No proof passed, for any address. What the program thinks it is can be tried with --inside.',
    }),
  ]
}

function notSeen(): Line {
  return line('target', 'not-seen', 'answers do not tell', {
    ja: '切符やクライアントを先に確かめるので、htu は外からは分かりません。',
    en: 'Ticket or client are checked before the proof: htu does not show from outside.',
  })
}

function elsewhere(htu: string, target: string, trouble: Trouble | undefined): Line {
  return line(
    'target',
    'wrong',
    `${htu} instead of ${target}`,
    {
      ja: `中のプログラムは自分を ${htu} だと思っています。正しい証明がすべて断られます。`,
      en: `The program thinks that it is ${htu}: every honest proof is refused.`,
    },
    {
      mend: {
        ja: 'プログラムに外のアドレスを設定するか、プロキシに Host と scheme を伝えさせます。',
        en: 'Tell the program its outer address, or let the proxy pass Host and scheme on.',
      },
      ...(trouble && { trouble }),
    },
  )
}

/** What proxies usually lose: the scheme, the port, the host, a prefix. At most eight. */
function candidatesFor({ options, document }: Bedside, target: string): readonly Candidate[] {
  const url = new URL(target)
  const found: Candidate[] = []
  const add = (htu: string, trouble: Trouble) => {
    if (htu !== target && !found.some((one) => one.htu === htu)) found.push({ htu, trouble })
  }
  const published = document?.['token_endpoint'] ?? document?.['resource']
  if (typeof published === 'string' && URL.canParse(published)) add(`${new URL(published).origin}${url.pathname}`, 'host')
  if (url.protocol === 'https:') add(`http://${url.host}${url.pathname}`, 'scheme')
  if (options.inside !== undefined && URL.canParse(options.inside)) {
    const inside = new URL(options.inside)
    const prefix = inside.pathname.replace(/\/$/, '')
    for (const scheme of [inside.protocol, url.protocol]) add(`${scheme}//${inside.host}${url.pathname}`, 'host')
    add(`${inside.origin}${prefix}${url.pathname}`, 'host')
    if (inside.port !== '') add(`${url.protocol}//${url.hostname}:${inside.port}${url.pathname}`, 'host')
    if (inside.port !== '') add(`http://${url.hostname}:${inside.port}${url.pathname}`, 'host')
  }
  const shorter = url.pathname.replace(/^\/[^/]+(?=\/)/, '')
  if (shorter !== url.pathname) add(`${url.origin}${shorter}`, 'prefix')
  return found.slice(0, 8)
}

function proofSender({ ask, now, options }: Bedside, target: string, kind: 'issuer' | 'api') {
  const key = makeKey()
  let held: string | undefined
  const sendOnce = async (htu: string): Promise<Asked> => {
    const method = kind === 'api' ? 'GET' : 'POST'
    const ticket = `kimei-doctor.${randomBytes(16).toString('base64url')}`
    const proof = writeJws(
      proofPlan({
        key,
        method,
        url: htu,
        now: now(),
        jti: randomBytes(16).toString('base64url'),
        nonce: held,
        ...(kind === 'api' && { accessToken: ticket }),
      }),
    )
    if (kind === 'api')
      return ask({
        url: target,
        headers: [
          ['Authorization', `DPoP ${ticket}`],
          ['DPoP', proof],
        ],
      })
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: options.clientId ?? '',
      code: randomBytes(24).toString('base64url'),
      redirect_uri: 'https://kimei-doctor.invalid/',
      code_verifier: randomBytes(32).toString('base64url'),
    })
    return ask({
      method,
      url: target,
      headers: [
        ['DPoP', proof],
        ['Content-Type', 'application/x-www-form-urlencoded'],
      ],
      body: form.toString(),
    })
  }
  return {
    nonce: () => held !== undefined,
    async send(htu: string): Promise<Verdict> {
      const first = await sendOnce(htu)
      const answer = takesNonce(first) ? await sendOnce(htu) : first
      return 'failed' in answer ? 'unclear' : verdictOf(answer)
    },
  }
  function takesNonce(answer: Asked): boolean {
    if ('failed' in answer || errorOf(answer) !== 'use_dpop_nonce') return false
    const fresh = answer.headers['dpop-nonce']?.[0]
    if (fresh === undefined || fresh === held) return false
    held = fresh
    return true
  }
}

function errorOf({ headers, body }: Reply): string | undefined {
  const challenged = /\berror="([\w-]+)"/.exec((headers['www-authenticate'] ?? []).join(', '))?.[1]
  const told = readJsonObject(body)?.['error']
  return challenged ?? (typeof told === 'string' ? told : undefined)
}

/** Errors about the client come before proofs at many issuers: they tell nothing. */
function verdictOf(answer: Reply): Verdict {
  const error = errorOf(answer)
  if (error === 'invalid_dpop_proof') return 'refused'
  return error === 'invalid_token' || error === 'invalid_grant' ? 'passed' : 'unclear'
}
