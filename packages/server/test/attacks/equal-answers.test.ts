// What is not there, is somebody else's or was guessed wrong gets one and the same answer.

import type { Law } from '@kimei/protocol'
import { wireKey, wireProof } from 'testkit'
import { getTokens, type HeldTokens } from 'testkit/code'
import { pollDevice, startDeviceKit, waitingDevice } from 'testkit/device'
import {
  asKeyClient,
  askAbout,
  assertionType,
  basicHeader,
  type IssuerKit,
  type KitAnswer,
  kitApi,
  kitAssertion,
  kitRedirect,
  kitSecret,
  pkcePair,
  postForm,
  readResponse,
  tokenProof,
} from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
let held: HeldTokens
let heard: string[] = []
const law: Law = { waives: () => false, judged: (id) => void heard.push(id) }
const start = Math.floor(Date.now() / 1000)
beforeAll(async () => {
  kit = await startDeviceKit({
    law,
    clock: () => start,
    config: { registration: { mode: 'open', limits: { perAddressAndHour: 1000 } } },
    extend: (config) => ({ ...config, apis: (config.apis ?? []).map((api) => ({ ...api, accessTokenFormat: 'opaque' as const })) }),
  })
  held = await getTokens(kit, { change: { scope: 'notes:read', resource: kitApi } })
})
afterAll(() => kit.close())

const key = wireKey()
const never = 'A'.repeat(43)
const proven = () => ({ dpop: tokenProof(kit, key) })

/** Everything that arrives, but for what differs between two equal requests. */
function arrived({ status, headers, text }: KitAnswer): string {
  const told = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name))
  return JSON.stringify([
    status,
    told,
    text.replaceAll(headers.get('x-request-id') ?? '\n', 'ID').replace(/<code>[\w-]+-\d+<\/code>/, 'ID'),
  ])
}

interface Case {
  readonly error: string
  /** Each must be answered as the first. */
  readonly requests: () => readonly (() => Promise<KitAnswer>)[]
  /** Each must also be judged by the same rules, in the same order. Ids of clients are public: there, what is judged may differ. */
  readonly sameWork?: true
}

const manage = (id: string, token: string) =>
  fetch(`${kit.issuer}/register/${id}`, { headers: { authorization: `Bearer ${token}` } }).then(readResponse)
const ownToken = (form: Record<string, string>, headers: Record<string, string> = {}) =>
  postForm(kit, '/token', { grant_type: 'client_credentials', ...form }, { ...proven(), ...headers })
const asserts = (clientId: string, change: Parameters<typeof kitAssertion>[2] = {}) => ({
  client_assertion_type: assertionType,
  client_assertion: kitAssertion(kit, clientId, change),
})
const redeems = (code: string, verifier = held.open.verifier, clientId = 'spa') =>
  postForm(
    kit,
    '/token',
    { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: kitRedirect, client_id: clientId },
    proven(),
  )
const renews = (token: unknown, clientId: string) =>
  postForm(kit, '/token', { grant_type: 'refresh_token', refresh_token: String(token), client_id: clientId }, proven())
const revokes = (token: unknown, clientId: string) => postForm(kit, '/revoke', { token: String(token), client_id: clientId })

const cases: Record<string, Case> = {
  'client secrets at the token endpoint': {
    error: 'invalid_client',
    requests: () => [
      () => ownToken({}, { authorization: basicHeader('nobody') }),
      () => ownToken({}, { authorization: basicHeader('basic', 'wrong-secret') }),
      () => ownToken({}, { authorization: basicHeader('service') }),
      () => ownToken({}, { authorization: basicHeader('nobody'.repeat(30), never) }),
    ],
  },
  'client secrets in the body': {
    error: 'invalid_client',
    requests: () => [
      () => ownToken({ client_id: 'nobody', client_secret: kitSecret }),
      () => ownToken({ client_id: 'post', client_secret: never }),
      () => ownToken({ client_id: 'basic', client_secret: kitSecret }),
    ],
  },
  'client assertions': {
    error: 'invalid_client',
    requests: () => [
      () => ownToken(asserts('nobody')),
      () => ownToken(asserts('service', { key: wireKey('ES256', kit.clientKey.kid) })),
      () => ownToken(asserts('service', { header: { kid: 'unknown' }, key: wireKey('ES256', 'unknown') })),
      () => ownToken(asserts('basic')),
    ],
  },
  'client secrets at the introspection endpoint': {
    error: 'invalid_client',
    requests: () => [
      () => postForm(kit, '/introspect', { token: 'x' }, { authorization: basicHeader('nobody') }),
      () => postForm(kit, '/introspect', { token: 'x' }, { authorization: basicHeader('other-server', never) }),
    ],
  },
  'client secrets at the device endpoint': {
    error: 'invalid_client',
    requests: () => [
      () => postForm(kit, '/device_authorization', { scope: 'notes:read' }, { authorization: basicHeader('nobody') }),
      () => postForm(kit, '/device_authorization', { scope: 'notes:read' }, { authorization: basicHeader('basic', never) }),
    ],
  },
  'authorization codes': {
    error: 'invalid_grant',
    requests: () => [
      () => redeems(never),
      () => redeems('short'),
      () => redeems(held.code, pkcePair().verifier),
      () => redeems(held.code, held.open.verifier, 'cli'),
    ],
  },
  'refresh tokens': {
    error: 'invalid_grant',
    requests: () => [
      () => renews(never, 'cli'),
      () => renews(held.answer.json['refresh_token'], 'cli'),
      () => renews(held.answer.json['refresh_token'], 'spa'),
    ],
  },
  'tokens to revoke': {
    error: 'undefined',
    sameWork: true,
    requests: () => [() => revokes(never, 'cli'), () => revokes('short', 'cli'), () => revokes('a.b.c', 'cli')],
  },
  'tokens to ask about': {
    error: 'undefined',
    requests: () => [
      () => askAbout(kit, never),
      () => askAbout(kit, 'a.b.c'),
      () => askAbout(kit, held.answer.json['refresh_token']),
      () =>
        askAbout(kit, held.answer.json['access_token'], asKeyClient(kit, 'notes-server')).then(() =>
          askAbout(kit, `${String(held.answer.json['access_token']).slice(0, -2)}AA`),
        ),
    ],
  },
  'registration tokens': {
    error: 'invalid_token',
    sameWork: true,
    requests: () => [() => manage('nobody', never), () => manage('spa', never), () => manage('c-AAAAAAAAAAAAAAAAAAAAAA', 'short')],
  },
  'opaque tokens at UserInfo': {
    error: 'invalid_token',
    requests: () =>
      [never, 'short', String(held.answer.json['access_token'])].map((token) => async () => {
        const url = `${kit.issuer}/userinfo`
        const dpop = wireProof(held.key, { url, now: start, accessToken: token })
        return readResponse(await fetch(url, { headers: { authorization: `DPoP ${token}`, dpop } }))
      }),
  },
  'pushed requests': {
    error: 'undefined',
    sameWork: true,
    requests: () =>
      [never, 'B'.repeat(43)].map((id) => async () => {
        const query = new URLSearchParams({ client_id: 'spa', request_uri: `urn:ietf:params:oauth:request_uri:${id}` })
        return readResponse(await fetch(`${kit.issuer}/authorize?${query}`, { redirect: 'manual' }))
      }),
  },
}

describe('equal answers', () => {
  it.each(Object.keys(cases))(
    'OIDC-16.12-1 OIDC-16.12-2: %s: unknown, foreign and wrong ones are answered byte by byte alike',
    async (name) => {
      const { error, requests, sameWork } = cases[name] as Case
      const answers: KitAnswer[] = []
      const judged: string[] = []
      for (const request of requests()) {
        heard = []
        answers.push(await request())
        judged.push(heard.join(' '))
      }
      expect(String(answers[0]?.json['error'])).toBe(error)
      for (const answer of answers) expect(arrived(answer)).toBe(arrived(answers[0] as KitAnswer))
      if (sameWork) expect(new Set(judged).size).toBe(1)
    },
  )

  it('DEV-5.1-01: device codes of nobody and of another device', async () => {
    const waiting = await waitingDevice(kit)
    const [nobody, foreign] = [
      await pollDevice(kit, { clientId: 'kiosk', deviceCode: never }, key),
      await pollDevice(kit, { clientId: 'kiosk', deviceCode: waiting.deviceCode }, key),
    ]
    expect([nobody.status, nobody.json['error']]).toEqual([400, 'invalid_grant'])
    expect(arrived(foreign)).toBe(arrived(nobody))
  })
})
