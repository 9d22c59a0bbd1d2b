// The JWT bearer grant over real HTTP (RFC 7523 §2.1): an issuer elsewhere vouches for a person, within the bounds that were configured.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IssuerConfigInput } from '@kimei/server'
import { openSqlite } from '@kimei/storage/sqlite'
import { type WireKey, wireJwt, wireKey } from 'testkit'
import {
  asKeyClient,
  askAbout,
  claimsOfJwt,
  type IssuerKit,
  type IssuerKitOptions,
  kitApi,
  kitOtherApi,
  postForm,
  startIssuerKit,
  tokenProof,
} from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const elsewhere = 'https://idp.example'
const theirKey = wireKey('ES256', 'their-key')
const key = wireKey()
const jwks = { keys: [{ ...theirKey.publicJwk, kty: 'EC' as const, kid: 'their-key', alg: 'ES256' }] }
const trusted = {
  issuer: elsewhere,
  jwks,
  subjects: 'username' as const,
  scopes: ['notes:read'],
  apis: [kitApi],
  clients: ['partner', 'public-partner'],
}

const extend =
  (issuers: NonNullable<IssuerConfigInput['assertionIssuers']>) =>
  (config: IssuerConfigInput): IssuerConfigInput => {
    const service = config.clients?.find(({ clientId }) => clientId === 'service')
    const grants = [grantType] as const
    const may = { scopes: ['notes:read', 'notes:write', 'openid'], apis: [kitApi, kitOtherApi] }
    return {
      ...config,
      assertionIssuers: issuers,
      clients: [
        ...(config.clients ?? []),
        { clientId: 'partner', kind: 'server', name: 'Partner', ...(service?.jwks && { jwks: service.jwks }), grants: [...grants], ...may },
        {
          clientId: 'uninvited',
          kind: 'server',
          name: 'Uninvited',
          ...(service?.jwks && { jwks: service.jwks }),
          grants: [...grants],
          ...may,
        },
        { clientId: 'public-partner', kind: 'mobile', name: 'Public partner', grants: [...grants], ...may },
      ],
    }
  }
const start = (options: IssuerKitOptions = {}) =>
  startIssuerKit({ ...options, extend: extend([trusted, { ...trusted, issuer: 'https://by-subject.example', subjects: 'subject' }]) })

let kit: IssuerKit
beforeAll(async () => {
  kit = await start()
})
afterAll(() => kit.close())

let counted = 0
interface Said {
  readonly header?: object
  readonly claims?: object
  readonly key?: WireKey
}
/** A sound assertion, but for what is replaced. */
function assertion({ header, claims, key: signedBy = theirKey }: Said = {}, from = kit): string {
  counted += 1
  const now = from.now()
  return wireJwt(
    { typ: 'authorization-grant+jwt', alg: 'ES256', kid: 'their-key', ...header },
    { iss: elsewhere, sub: 'hanako', aud: from.issuer, iat: now, exp: now + 60, jti: `grant-${counted}`, ...claims },
    signedBy,
  )
}
const errorOf = (answer: { status: number; json: Record<string, unknown> }) => [answer.status, answer.json['error']]
function ask(form: Record<string, string> = {}, proven: WireKey | null = key, clientId = 'partner', from = kit) {
  const who = clientId === 'public-partner' ? { client_id: clientId } : asKeyClient(from, clientId)
  const whole = { grant_type: grantType, assertion: assertion({}, from), scope: 'notes:read', ...who, ...form }
  return postForm(from, '/token', whole, proven ? { dpop: tokenProof(from, proven) } : {})
}

describe('what is given', () => {
  it('PKJWT-2.1-01: a bound access token for the person, and never a refresh token', async () => {
    const { status, json } = await ask()
    expect(status).toBe(200)
    expect(Object.keys(json).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type'])
    expect(claimsOfJwt(json['access_token'])).toMatchObject({
      sub: 'user-hanako',
      client_id: 'partner',
      aud: kitApi,
      scope: 'notes:read',
      cnf: { jkt: key.jkt },
    })
    expect((await askAbout(kit, json['access_token'])).json).toMatchObject({ active: true, sub: 'user-hanako' })
    expect(kit.audit.findLast(({ event }) => event === 'token_issued')).toMatchObject({ vouchedBy: elsewhere, subject: 'user-hanako' })
    expect(JSON.stringify(kit.audit)).not.toContain('eyJ')
  })

  it('PKJWT-2.1-01: without scope it is what client and issuer have in common; sub may also be a subject; a public client may come', async () => {
    expect((await ask({ scope: '' })).json['scope']).toBe('notes:read')
    const bySubject = assertion({ claims: { iss: 'https://by-subject.example', sub: 'user-taro' } })
    expect(claimsOfJwt((await ask({ assertion: bySubject })).json['access_token'])['sub']).toBe('user-taro')
    expect((await ask({}, key, 'public-partner')).status).toBe(200)
  })

  it('PKJWT-3-04: typ JWT, or none, and a kid that is not said are fine', async () => {
    for (const header of [{ typ: 'JWT' }, { typ: undefined }, { kid: undefined }])
      expect((await ask({ assertion: assertion({ header }) })).status).toBe(200)
  })
})

describe('a bad assertion is 400 invalid_grant', () => {
  const bad: Record<string, () => Said> = {
    'an unknown issuer': () => ({ claims: { iss: 'https://nobody.example' } }),
    'no issuer': () => ({ claims: { iss: undefined } }),
    expired: () => ({ claims: { exp: kit.now() } }),
    'without exp': () => ({ claims: { exp: undefined } }),
    'exp too far away': () => ({ claims: { exp: kit.now() + 301 } }),
    'exp that is no number': () => ({ claims: { exp: 'soon' } }),
    'from the future': () => ({ claims: { iat: kit.now() + 61 } }),
    'not yet valid': () => ({ claims: { nbf: kit.now() + 61 } }),
    'without jti': () => ({ claims: { jti: undefined } }),
    'a jti of a thousand characters': () => ({ claims: { jti: 'x'.repeat(1000) } }),
    'for the token endpoint': () => ({ claims: { aud: `${kit.issuer}/token` } }),
    'for several audiences': () => ({ claims: { aud: [kit.issuer, `${kit.issuer}/token`] } }),
    'for somebody else': () => ({ claims: { aud: 'https://other.example' } }),
    'for nobody': () => ({ claims: { aud: undefined } }),
    'a person who is not known': () => ({ claims: { sub: 'nobody' } }),
    'a subject where usernames are meant': () => ({ claims: { sub: 'user-hanako' } }),
    'no subject': () => ({ claims: { sub: undefined } }),
    'signed by another key': () => ({ key: wireKey('ES256', 'their-key') }),
    'a kid that is not theirs': () => ({ header: { kid: 'other' } }),
    'alg none': () => ({ header: { alg: 'none' } }),
    'an HMAC': () => ({ header: { alg: 'HS256' } }),
    'a key in the header': () => ({ header: { jwk: wireKey().publicJwk, kid: 'x' } }),
    'an access token': () => ({ header: { typ: 'at+jwt' } }),
    'a client assertion': () => ({ header: { typ: 'client-authentication+jwt' } }),
    'a proof': () => ({ header: { typ: 'dpop+jwt' } }),
    crit: () => ({ header: { crit: ['x'], x: 1 } }),
    'made out to another client': () => ({ claims: { client_id: 'uninvited' } }),
  }
  for (const [why, said] of Object.entries(bad)) {
    it(`PKJWT-2.1-01: ${why}`, async () => {
      const answer = await ask({ assertion: assertion(said()) })
      expect(errorOf(answer)).toEqual([400, 'invalid_grant'])
      expect(answer.json['error_description']).toBeUndefined()
    })
  }

  it('PKJWT-2.1-01: what is no JWT at all', async () => {
    for (const text of ['x', 'e30.e30', 'e30.e30.', `${'a'.repeat(20_000)}.e30.e30`]) {
      expect(errorOf(await ask({ assertion: text }))).toEqual([400, 'invalid_grant'])
    }
  })

  it('PKJWT-2.1-01: used twice; a request that is refused for another reason uses nothing up', async () => {
    const once = assertion()
    expect(errorOf(await ask({ assertion: once, scope: 'notes:write' }))).toEqual([400, 'invalid_scope'])
    expect(errorOf(await ask({ assertion: once }, null))).toEqual([400, 'invalid_dpop_proof'])
    expect((await ask({ assertion: once })).status).toBe(200)
    expect(errorOf(await ask({ assertion: once }))).toEqual([400, 'invalid_grant'])
  })

  it('PKJWT-2.1-01: a disabled person is nobody', async () => {
    const user = await kit.storage.records.user(kit.issuer, 'user-taro')
    if (!user) throw new Error('no such person')
    const put = (disabled: boolean, version: number) =>
      kit.storage.commit({
        issuer: kit.issuer,
        now: kit.now(),
        audit: [],
        writes: [{ write: 'put-user', record: { ...user, disabled, version } }],
      })
    await put(true, user.version + 1)
    expect(errorOf(await ask({ assertion: assertion({ claims: { sub: 'taro' } }) }))).toEqual([400, 'invalid_grant'])
    await put(false, user.version + 2)
  })
})

describe('what else is refused', () => {
  it('PKJWT-2.1-01: no assertion, or two, is 400 invalid_request', async () => {
    expect(errorOf(await ask({ assertion: '' }))).toEqual([400, 'invalid_request'])
    const twice = `grant_type=${encodeURIComponent(grantType)}&client_id=public-partner&assertion=a&assertion=b`
    expect(errorOf(await postForm(kit, '/token', twice, { dpop: tokenProof(kit, key) }))).toEqual([400, 'invalid_request'])
  })

  it('PKJWT-2.1-01: client authentication that fails is 401 invalid_client; a client without the grant is unauthorized_client', async () => {
    expect(errorOf(await ask({ client_assertion: 'e30.e30.e30' }))).toEqual([401, 'invalid_client'])
    expect(errorOf(await ask({}, key, 'service'))).toEqual([400, 'unauthorized_client'])
    expect(errorOf(await ask({}, key, 'uninvited'))).toEqual([400, 'invalid_grant'])
  })

  const asked: Record<string, [Record<string, string>, string]> = {
    'a scope that the issuer may not speak for': [{ scope: 'notes:write' }, 'invalid_scope'],
    'a scope of nobody': [{ scope: 'admin' }, 'invalid_scope'],
    'openid: nobody signed in here': [{ scope: 'openid' }, 'invalid_scope'],
    'an API that the issuer may not speak for': [{ scope: '', resource: kitOtherApi }, 'invalid_target'],
    'an unknown API': [{ resource: 'https://unknown.example/' }, 'invalid_target'],
  }
  for (const [why, [form, error]] of Object.entries(asked)) {
    it(`PKJWT-2.1-01: ${why}: 400 ${error}`, async () => {
      expect(errorOf(await ask(form))).toEqual([400, error])
    })
  }
})

describe('on SQLite', () => {
  it('PKJWT-2.1-01: of 64 requests with one assertion exactly one gets a token, also across a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kimei-jwt-bearer-'))
    const storage = openSqlite({ file: join(folder, 'issuer.db') })
    const first = await start({ storage })
    const once = assertion({}, first)
    const answers = await Promise.all(Array.from({ length: 64 }, () => ask({ assertion: once }, key, 'partner', first)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(63).fill(400)])
    const port = Number(new URL(first.issuer).port)
    await first.close()
    const second = await start({ storage, port })
    expect(errorOf(await ask({ assertion: once }, key, 'partner', second))).toEqual([400, 'invalid_grant'])
    await second.close()
    await storage.close()
    rmSync(folder, { recursive: true })
  })
})

describe('keys that are fetched', () => {
  it('PKJWT-2.1-01: jwksUri serves the keys of the issuer of assertions; without them nothing is taken', async () => {
    let served = JSON.stringify(jwks)
    const server = createServer((_request, response) => response.setHeader('content-type', 'application/json').end(served))
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { jwks: _, ...fetched } = trusted
    const outside = await startIssuerKit({
      extend: (config) => ({ ...extend([{ ...fetched, jwksUri: `${origin}/jwks` }])(config), outbound: { allow: [{ origin }] } }),
    })
    expect((await ask({}, key, 'partner', outside)).status).toBe(200)
    served = '{}'
    expect(errorOf(await ask({ assertion: assertion({ key: wireKey('ES256', 'their-key') }, outside) }, key, 'partner', outside))).toEqual([
      400,
      'invalid_grant',
    ])
    await outside.close()
    await new Promise((closed) => server.close(closed))
  })
})
