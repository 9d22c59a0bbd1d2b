// What an examination found, in the language of the reader. What comes from the other side stays as it is. Words only.
import { makeTold } from '../report/told.ts'

const found: Readonly<Record<string, string>> = {
  'the handshake was not read': '握手を読めなかった',
  'asked for, and demanded': '求められ、必ず要る',
  'asked for, not demanded': '求められるが、無くてもよい',
  'announced, and not asked for': '公表しているのに求めない',
  'not asked for': '求めない',
  'no jwks_uri': 'jwks_uri がない',
  'a private or shared key': '秘密の鍵か共通鍵がある',
  'headers of strangers change nothing': '見知らぬ人のヘッダーでは変わらない',
  'X-Forwarded-Host of a stranger is believed': '見知らぬ人の X-Forwarded-Host を信じている',
  'TLS 1.0 and 1.1 refused': 'TLS 1.0 と 1.1 を断る',
  'no --client': '--client がない',
  'no address passed': 'どのアドレスも通らない',
  'answers do not tell': '答えからはわからない',
  'both forms': '二つの書き方とも',
  'no WWW-Authenticate': 'WWW-Authenticate がない',
  'no Date': 'Date がない',
  'no Cache-Control': 'Cache-Control がない',
  trusted: '信頼できる',
  'not trusted': '信頼できない',
  'no answer in time': '時間内に答えがない',
  'no requests are left': '要求の上限に達した',
  'ended from outside': '途中で止めた',
}

export const foundTold = makeTold(found, [
  [/^(\d+) keys?$/, '鍵 $1 個'],
  [/^(\d+) address(?:es)?$/, 'アドレス $1 個'],
  [/^(-?\d+) days left$/, '残り $1 日'],
  [/^(.+), (-?\d+ days left)$/, '$1、$2'],
  [/^([+-]?\d+) s beside ours$/, 'こちらと $1 秒の差'],
  [/^from a cache, (\d+) s old$/, '$1 秒前にキャッシュされたもの'],
  [/^may send (.+)$/, '$1 を送れる'],
  [/^may not send (.+)$/, '$1 を送れない'],
  [/^may read (.+)$/, '$1 を読める'],
  [/^may not read (.+)$/, '$1 を読めない'],
  [/^no CORS for (\S+)$/, '$1 への CORS がない'],
  [/^(\S+) instead of (\S+)$/, '$2 ではなく $1'],
  [/^(\S+): content type$/, '$1：content-type が違う'],
  [/^(\S+) was not named: --allow-host (\S+)$/, '$1 は指定されていない（--allow-host $2）'],
])
