// Secrets of client_secret_basic and client_secret_post with every kind of sign: form-encoded inside Basic (RFC 6749 §2.3.1), refused where they are not.
import { createHash } from 'node:crypto'
import { wireKey } from 'testkit'
import { type IssuerKit, postForm, startIssuerKit, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const secrets = ['p:a+s s%2F/&=?', '100% of it', '秘密の合言葉ですよ', "it's~a*(test)!", 'a+b', '\u{1F511} key']
let kit: IssuerKit
beforeAll(async () => {
  kit = await startIssuerKit({
    extend: (config) => ({
      ...config,
      clients: secrets.flatMap((secret, at) =>
        (['client_secret_basic', 'client_secret_post'] as const).map((authentication) => ({
          clientId: `${authentication}-${at}`,
          kind: 'server' as const,
          name: 'Odd',
          authentication,
          secretHashes: [createHash('sha256').update(secret).digest('base64url')],
          scopes: ['notes:read'],
          apis: (config.apis ?? []).slice(0, 1).map(({ identifier }) => identifier),
        })),
      ),
    }),
  })
})
afterAll(() => kit.close())

const form = { grant_type: 'client_credentials', scope: 'notes:read' }
const ask = (more: Record<string, string>, headers: Record<string, string> = {}) =>
  postForm(kit, '/token', { ...form, ...more }, { dpop: tokenProof(kit, wireKey()), ...headers })
const basic = (clientId: string, secret: string) => ({ authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` })
/** As forms write it: a space is a plus. */
const asForm = (text: string) => new URLSearchParams({ x: text }).toString().slice(2)

describe.each(secrets.map((secret, at) => ({ secret, at })))('the secret $secret', ({ secret, at }) => {
  it('O21-2.4.1-02: is taken by Basic as forms encode it, and with %20', async () => {
    for (const encoded of [asForm(secret), encodeURIComponent(secret)])
      expect((await ask({}, basic(`client_secret_basic-${at}`, encoded))).status, encoded).toBe(200)
  })

  it('O21-2.4.1-01: is taken in the body as it is', async () => {
    expect((await ask({ client_id: `client_secret_post-${at}`, client_secret: secret })).status).toBe(200)
  })
})

const misread = secrets.map((secret, at) => ({ secret, at })).filter(({ secret }) => /[%+]/.test(secret))

it.each(misread)(
  'O21-2.4.1-02: $secret sent raw reads otherwise: 401 invalid_client, with a challenge for Basic',
  async ({ secret, at }) => {
    const answer = await ask({}, basic(`client_secret_basic-${at}`, secret))
    expect([answer.status, answer.json['error']]).toEqual([401, 'invalid_client'])
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /)
  },
)

it('O21-2.4.1-02: bytes that are no text, a colon too few and base64 that is none are refused alike', async () => {
  for (const bytes of [Buffer.from([0x61, 0x3a, 0xff]), Buffer.from('client_secret_basic-0'), Buffer.from('%zz:%zz'), Buffer.from(':')]) {
    const answer = await ask({}, { authorization: `Basic ${bytes.toString('base64')}` })
    expect([answer.status, answer.json['error']]).toEqual([401, 'invalid_client'])
  }
  expect((await ask({}, { authorization: 'Basic %%%' })).status).toBe(401)
})
