// What holder and thief do, in words, and what the thief writes on the wire. How an attack is played stands in `play-attack.ts`.
import { createMemoryDevice } from '@kimei/client'
import { buildProof, randomId, type Text } from '@kimei/protocol'
import type { Credentials } from '../parties/holder.ts'
import type { HolderMove, ThiefMove } from '../scenarios/scenario.ts'
import type { HeaderLines, WireRequest } from '../wire/send.ts'
import { writeCertificate } from '../world/fronts.ts'

export const holderMoves: Readonly<Record<HolderMove, Text>> = {
  'get-ticket': { ja: '持ち主（{client}）が発行側で切符を受け取る', en: 'The holder ({client}) gets a ticket from the issuer' },
  'use-ticket': { ja: '持ち主（{client}）が {api} を使う', en: 'The holder ({client}) uses {api}' },
  'use-revoked': {
    ja: '開いたままの別の画面（{client}）が、取り消された切符と鍵で {api} を使う',
    en: 'Another tab ({client}) that stayed open uses {api} with the revoked ticket and its key',
  },
  'sign-out': { ja: '持ち主（{client}）がサインアウトし、切符を取り消す', en: 'The holder ({client}) signs out and revokes the ticket' },
}

export const thiefMoves: Readonly<Record<ThiefMove, Text>> = {
  'no-ticket': { ja: '泥棒が、切符なしで {api} を呼ぶ', en: 'The thief calls {api} without any ticket' },
  'ticket-alone': { ja: '泥棒が、盗んだ切符を Bearer として {api} に出す', en: 'The thief shows the stolen ticket to {api} as Bearer' },
  'ticket-without-proof': {
    ja: '泥棒が、盗んだ切符を DPoP と書いて、証明なしで {api} に出す',
    en: 'The thief shows the stolen ticket to {api} as DPoP, without a proof',
  },
  'proof-by-own-key': {
    ja: '泥棒が、自分の鍵で証明を作って {api} に出す',
    en: 'The thief makes a proof for {api} with a key of their own',
  },
  'proof-that-is-none': {
    ja: '泥棒が、でたらめな文字を証明として {api} に出す',
    en: 'The thief sends {api} some letters in place of a proof',
  },
  'same-proof-again': {
    ja: '泥棒が、持ち主の証明をそのままもう一度 {api} に出す',
    en: 'The thief sends the holder’s own proof to {api} once more',
  },
  'proof-of-other-api': {
    ja: '泥棒が、別の API のために作られた証明を {api} に出す',
    en: 'The thief sends {api} a proof that was made for another API',
  },
  'other-certificate': { ja: '泥棒が、自分の証明書を見せて {api} を呼ぶ', en: 'The thief shows {api} a certificate of their own' },
  'certificate-in-header': {
    ja: '泥棒が、持ち主の証明書（公開されている）をヘッダーに書いて {api} を呼ぶ',
    en: 'The thief writes the holder’s certificate, which is public, into a header and calls {api}',
  },
}

export function saying(text: Text, words: { readonly client: string; readonly api: string }): Text {
  const fill = (one: string) => one.replace('{client}', words.client).replace('{api}', words.api)
  return { ja: fill(text.ja), en: fill(text.en) }
}

export interface Target {
  readonly method: string
  readonly url: string
  readonly body?: string
  readonly now: number
  /** The holder's, which is public: DER. */
  readonly certificate?: Uint8Array | undefined
}

/** The request of a thief who has this loot. */
export async function thiefRequest(move: ThiefMove, target: Target, loot: Credentials): Promise<WireRequest> {
  const { method, url, body } = target
  const typed: HeaderLines = body === undefined ? [] : [['Content-Type', 'application/json']]
  const request = (headers: HeaderLines): WireRequest => ({
    method,
    url,
    headers: [...headers, ...typed],
    ...(body !== undefined && { body }),
  })
  const dpop = (proof: string) =>
    request([
      ['Authorization', `DPoP ${loot.token}`],
      ['DPoP', proof],
    ])
  switch (move) {
    case 'no-ticket':
      return request([])
    case 'ticket-alone':
    case 'other-certificate':
      return request([['Authorization', `Bearer ${loot.token}`]])
    case 'certificate-in-header':
      return request([
        ['Authorization', `Bearer ${loot.token}`],
        ['Client-Cert', writeCertificate(target.certificate ?? new Uint8Array())],
      ])
    case 'ticket-without-proof':
      return request([['Authorization', `DPoP ${loot.token}`]])
    case 'proof-that-is-none':
      return dpop('anything')
    case 'proof-by-own-key':
      return dpop(await ownProof(target, loot.token))
    case 'same-proof-again':
    case 'proof-of-other-api':
      return dpop(loot.proof ?? 'none')
  }
}

async function ownProof({ method, url, now }: Target, accessToken: string): Promise<string> {
  const key = await createMemoryDevice().keys.keyFor({ issuer: 'nobody', clientId: 'thief' })
  const jti = randomId(crypto.getRandomValues(new Uint8Array(16)))
  return buildProof({ key, method, url, accessToken, now, jti })
}
