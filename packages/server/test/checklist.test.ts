// Each endpoint is driven with a Law that listens: it must hear the checklist, rule by rule, and see the plan claim in its order.
import type { Law, RuleId, Write } from '@kimei/protocol'
import type { IssuerConfigInput } from '@kimei/server'
import { createMemoryStorage, type Storage } from '@kimei/storage'
import { wireJwt, wireKey, wireProof } from 'testkit'
import { authorizeUrl, type HeldTokens, redemption, refresh, walkForms } from 'testkit/code'
import { askDevice, decideAtPage, deviceGrant, startDeviceKit } from 'testkit/device'
import { asKeyClient, askOwnToken, type IssuerKit, kitApi, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checklistDocumentIsCurrent } from '../../../tools/checklist-doc.ts'
import { checklist } from '../src/checklist.ts'

let kit: IssuerKit
let heard: RuleId[] = []
let claimed: RuleId[] = []
const law: Law = { waives: () => false, judged: (id) => void heard.push(id) }
const key = wireKey()

/** Which rule each write decides. */
const decides = (write: Write): RuleId[] => {
  if (write.write === 'claim-once' && write.space === 'proof') return ['dpop.jti-is-first-use']
  if (write.write === 'claim-once' && write.space === 'assertion') return ['assertion.jti-is-first-seen']
  if (write.write === 'redeem-code') return ['code.is-unredeemed']
  if (write.write === 'claim-once' && write.space === 'grant-assertion') return ['jwt-bearer.jti-is-first-seen']
  if (write.write === 'collect-device-code') return ['device.code-is-uncollected']
  if (write.write === 'rotate-refresh-token') return ['refresh.is-current']
  if (write.write === 'take-pushed-request') return ['par.request-is-unused']
  return write.write === 'take-interaction' ? ['authorize.interaction-is-open'] : []
}

function listening(storage: Storage): Storage {
  return {
    ...storage,
    records: storage.records,
    replay: storage.replay,
    commit: (plan) => {
      claimed.push(...plan.writes.flatMap(decides))
      return storage.commit(plan)
    },
  }
}

beforeAll(async () => {
  kit = await startDeviceKit({ law, storage: listening(createMemoryStorage()), extend: withOtherGrants })
})
afterAll(() => kit.close())

const vouching = wireKey('ES256', 'vouching')
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const assertionGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

function withOtherGrants(config: IssuerConfigInput): IssuerConfigInput {
  const jwks = config.clients?.find(({ clientId }) => clientId === 'service')?.jwks
  const may = { scopes: ['notes:read'], apis: [kitApi] }
  const trusted = {
    issuer: 'https://idp.example',
    jwks: { keys: [{ ...vouching.publicJwk, kty: 'EC' as const }] },
    subjects: 'username' as const,
  }
  return {
    ...config,
    assertionIssuers: [{ ...trusted, ...may }],
    clients: [
      ...(config.clients ?? []),
      { clientId: 'partner', kind: 'mobile', name: 'Partner', grants: [assertionGrant], ...may },
      {
        clientId: 'trader',
        kind: 'server',
        name: 'Trader',
        ...(jwks && { jwks }),
        grants: ['client_credentials', exchangeGrant],
        ...may,
        exchange: { from: [kitApi], to: [kitApi] },
      },
    ],
  }
}

const expected = (endpoint: string) => {
  const row = checklist.find((one) => one.endpoint === endpoint)
  return { judged: row?.judged.flatMap((step) => step.rules), once: row?.once }
}
const drive = async (request: () => Promise<{ status: number }>) => {
  heard = []
  claimed = []
  const { status } = await request()
  return { status, judged: heard, once: claimed }
}

describe('the checklist is what happens', () => {
  let held: Pick<HeldTokens, 'key' | 'open'>
  let refreshToken: unknown
  let accessToken = ''

  it('token: client_credentials', async () => {
    const seen = await drive(() => askOwnToken(kit, key, { scope: 'notes:read', resource: kitApi }))
    expect(seen).toEqual({ status: 200, ...expected('token: client_credentials') })
  })

  it('authorize, then token: authorization_code', async () => {
    const open = authorizeUrl(kit, { key, change: { resource: kitApi, scope: 'notes:read' } })
    const first = await drive(() => fetch(open.url, { redirect: 'manual' }))
    expect([first.status, first.judged]).toEqual([303, expected('authorize').judged])
    const { landed } = await walkForms(kit, open.url)
    expect(claimed).toEqual(expected('authorize').once)
    const form = { ...redemption(kit, open, landed.searchParams.get('code') ?? ''), resource: kitApi }
    const seen = await drive(async () => {
      const answer = await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) })
      refreshToken = answer.json['refresh_token']
      return answer
    })
    expect(seen).toEqual({ status: 200, ...expected('token: authorization_code') })
    held = { key, open }
  })

  it('par, then authorize, pushed', async () => {
    const open = authorizeUrl(kit, { change: { resource: kitApi, scope: 'notes:read' } })
    let requestUri: unknown
    const pushed = await drive(async () => {
      const dpop = wireProof(key, { method: 'POST', url: `${kit.issuer}/par`, now: kit.now() })
      const answer = await postForm(kit, '/par', new URL(open.url).search.slice(1), { dpop })
      requestUri = answer.json['request_uri']
      return answer
    })
    expect(pushed).toEqual({ status: 201, ...expected('par') })
    const url = `${kit.issuer}/authorize?${new URLSearchParams({ client_id: 'spa', request_uri: String(requestUri) })}`
    const first = await drive(() => fetch(url, { redirect: 'manual' }))
    expect([first.status, first.judged]).toEqual([303, expected('authorize, pushed').judged])
    await walkForms(kit, url)
    expect(claimed).toEqual(expected('authorize, pushed').once)
  })

  it('token: refresh_token', async () => {
    const seen = await drive(async () => {
      const answer = await refresh(kit, held, refreshToken)
      refreshToken = answer.json['refresh_token']
      return answer
    })
    expect(seen).toEqual({ status: 200, ...expected('token: refresh_token') })
  })

  it('device_authorization, then token: device_code', async () => {
    let asked: Record<string, unknown> = {}
    const first = await drive(async () => {
      const answer = await askDevice(kit, { key, change: { resource: kitApi } })
      asked = answer.json
      return answer
    })
    expect(first).toEqual({ status: 200, ...expected('device_authorization') })
    await decideAtPage(kit, { completeUri: String(asked['verification_uri_complete']) })
    const form = { grant_type: deviceGrant, device_code: String(asked['device_code']), client_id: 'tv', resource: kitApi }
    const seen = await drive(() => postForm(kit, '/token', form, { dpop: tokenProof(kit, key) }))
    expect(seen).toEqual({ status: 200, ...expected('token: device_code') })
  })

  it('token: token-exchange', async () => {
    const own = await askOwnToken(kit, key, { ...asKeyClient(kit, 'trader'), scope: 'notes:read', resource: kitApi })
    const subject_token_type = 'urn:ietf:params:oauth:token-type:access_token'
    const form = { grant_type: exchangeGrant, subject_token: String(own.json['access_token']), subject_token_type }
    const seen = await drive(() => postForm(kit, '/token', { ...form, ...asKeyClient(kit, 'trader') }, { dpop: tokenProof(kit, key) }))
    expect(seen).toEqual({ status: 200, ...expected('token: token-exchange') })
  })

  it('token: jwt-bearer', async () => {
    const now = kit.now()
    const claims = { iss: 'https://idp.example', sub: 'hanako', aud: kit.issuer, exp: now + 60, jti: 'vouched' }
    const assertion = wireJwt({ typ: 'authorization-grant+jwt', alg: 'ES256' }, claims, vouching)
    const form = { grant_type: assertionGrant, assertion, client_id: 'partner', scope: 'notes:read', resource: kitApi }
    const seen = await drive(() => postForm(kit, '/token', form, { dpop: tokenProof(kit, key) }))
    expect(seen).toEqual({ status: 200, ...expected('token: jwt-bearer') })
  })

  it('userinfo', async () => {
    const open = authorizeUrl(kit, { key })
    const { landed } = await walkForms(kit, open.url)
    const answer = await postForm(kit, '/token', redemption(kit, open, landed.searchParams.get('code') ?? ''), {
      dpop: tokenProof(kit, key),
    })
    accessToken = String(answer.json['access_token'])
    const url = `${kit.issuer}/userinfo`
    const dpop = wireProof(key, { method: 'GET', url, now: kit.now(), accessToken })
    const seen = await drive(() => fetch(url, { headers: { authorization: `DPoP ${accessToken}`, dpop } }))
    expect(seen).toEqual({ status: 200, ...expected('userinfo') })
  })

  it('revoke', async () => {
    const seen = await drive(() => postForm(kit, '/revoke', { token: String(refreshToken), client_id: 'spa' }))
    expect(seen).toEqual({ status: 200, ...expected('revoke') })
  })

  it('introspect', async () => {
    const token = String((await askOwnToken(kit, key, { scope: 'notes:read', resource: kitApi })).json['access_token'])
    const seen = await drive(() => postForm(kit, '/introspect', { token, ...asKeyClient(kit, 'notes-server') }))
    expect(seen).toEqual({ status: 200, ...expected('introspect') })
  })

  it('docs/checklist.md is printed from it', () => {
    expect(checklistDocumentIsCurrent()).toBe(true)
  })
})
