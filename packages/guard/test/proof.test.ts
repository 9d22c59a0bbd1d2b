// Every way in which a DPoP proof can be wrong, at a real API over real HTTP; and the ways in which it may differ and be right.
import { createHash } from 'node:crypto'
import { flipSignature, macJwt, segment, sha256u, type WireAlg, type WireKey, wireKey, wireSignature } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, challenges, startApi } from './guarded-api.ts'

let api: Api
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

/** A refusal of the proof: 401, the error on the DPoP challenge alone, the rule in the audit event. */
async function refusedBy(rule: string, proof: string, token = api.token()): Promise<void> {
  const answer = await api.call('/notes', { token, proof })
  expect(answer.status, rule).toBe(401)
  expect(challenges(answer)).toHaveLength(1)
  expect(challenges(answer)[0]).toMatch(/^DPoP error="invalid_dpop_proof", .*algs="ES256 /)
  expect(api.last()).toMatchObject({ event: 'dpop_invalid', rule, route: 'GET,POST /notes' })
}

/** A sound proof for the token, with members replaced or removed. */
function changed(
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
  token = api.token(),
): [proof: string, token: string] {
  return [api.proof('/notes', { accessToken: token, claims, header }), token]
}

describe('a sound call', () => {
  it('DPOP-7.1-01 SEED-TB-25: a bound token with its proof passes, under any spelling of the scheme', async () => {
    for (const scheme of ['DPoP', 'dpop', 'DPOP', 'dPoP']) {
      const token = api.token()
      const answer = await api.send('GET /notes', [
        `Authorization: ${scheme} ${token}`,
        `DPoP: ${api.proof('/notes', { accessToken: token })}`,
      ])
      expect(answer.status, scheme).toBe(200)
      expect(JSON.parse(answer.body)).toEqual({ url: '/notes', subject: 'user-1', mode: 'dpop' })
    }
    expect(api.last()).toMatchObject({ event: 'api_access', mode: 'dpop', clientId: 'app-1', subject: 'user-1', jkt: api.holder.jkt })
  })

  it.each<WireAlg>(['ES256', 'ES384', 'ES512', 'PS256', 'EdDSA', 'Ed25519'])('DPOP-4.3-05: a proof signed with %s passes', async (alg) => {
    const key = wireKey(alg)
    const token = api.token({ cnf: { jkt: key.jkt } })
    expect((await api.call('/notes', { token, proof: api.proof('/notes', { accessToken: token }, key) })).status).toBe(200)
  })

  it('DPOP-4.2-06: claims that nobody asked for do no harm', async () => {
    const [proof, token] = changed({ extra: { deep: [1, 2, 3] }, exp: api.clock() + 60, nbf: api.clock() - 1 })
    expect((await api.call('/notes', { token, proof })).status).toBe(200)
  })

  it('DPOP-4.3-13: the hash is over the token as sent, trailing padding and all', async () => {
    const token = api.token()
    const proof = api.proof('/notes', { accessToken: token })
    expect((await api.send('GET /notes', [`Authorization: DPoP   ${token}  `, `DPoP: ${proof}`])).status).toBe(200)
  })
})

describe('how it is sent', () => {
  it('DPOP-4.3-01: two DPoP headers are refused, also when both are sound', async () => {
    const token = api.token()
    const proofs = [api.proof('/notes', { accessToken: token }), api.proof('/notes', { accessToken: token })]
    const answer = await api.send('GET /notes', [`Authorization: DPoP ${token}`, ...proofs.map((proof) => `DPoP: ${proof}`)])
    expect(answer.status).toBe(401)
    expect(challenges(answer)[0]).toContain('error="invalid_dpop_proof"')
    expect(api.last()).toMatchObject({ event: 'dpop_invalid', rule: 'dpop.proof-is-sent-once' })
  })

  it('DPOP-4.3-01: a comma counts as two, whatever stands on either side', async () => {
    const [proof, token] = changed({})
    await refusedBy('dpop.proof-is-sent-once', `${proof}, ${proof}`, token)
    await refusedBy('dpop.proof-is-sent-once', `${proof},`, token)
  })

  it('DPOP-7.1-01: the DPoP scheme without a proof is refused', async () => {
    const answer = await api.send('GET /notes', [`Authorization: DPoP ${api.token()}`])
    expect(answer.status).toBe(401)
    expect(challenges(answer)[0]).toMatch(/^DPoP error="invalid_dpop_proof"/)
    expect(api.last().rule).toBe('dpop.proof-is-present')
  })

  it('DPOP-4.3-02 SEED-TB-25: what is no compact JWT is refused', async () => {
    const [proof, token] = changed({})
    const [head, claims, signature] = proof.split('.') as [string, string, string]
    const bad = [
      'x',
      `${head}.${claims}`,
      `${proof}.more`,
      `${head}..${signature}`,
      `.${claims}.${signature}`,
      `${head}.${claims}.`,
      `${head}=.${claims}.${signature}`,
      `${head}.${claims}.${signature}==`,
      `${head} .${claims}.${signature}`,
      `{"protected":"${head}","payload":"${claims}","signature":"${signature}"}`,
      `${segment([])}.${claims}.${signature}`,
      `${head}.${segment('text')}.${signature}`,
      `${Buffer.from('{"typ":"dpop+jwt",').toString('base64url')}.${claims}.${signature}`,
      `${Buffer.from([0xff, 0xfe]).toString('base64url')}.${claims}.${signature}`,
    ]
    for (const value of bad) {
      const answer = await api.call('/notes', { token, proof: value })
      expect(answer.status, value.slice(0, 40)).toBe(401)
      expect(challenges(answer)[0], value.slice(0, 40)).toMatch(/^DPoP error="invalid_dpop_proof"/)
      expect(api.last().event).toBe('dpop_invalid')
    }
  })

  it('DPOP-4.3-02: doubled members, deep nesting and huge JSON are refused', async () => {
    const token = api.token()
    const sign = (header: string, claims: string): string => {
      const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(claims).toString('base64url')}`
      return `${input}.${wireSignature(input, api.holder)}`
    }
    const header = JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: api.holder.publicJwk })
    const claims = JSON.stringify({ jti: 'a', htm: 'GET', htu: `${api.url}/notes`, iat: api.clock(), ath: sha256u(token) })
    const bad = [
      sign(header, `${claims.slice(0, -1)},"htm":"GET"}`),
      sign(`${header.slice(0, -1)},"alg":"ES256"}`, claims),
      sign(header, `${claims.slice(0, -1)},"deep":${'['.repeat(200)}${']'.repeat(200)}}`),
      sign(header, `${claims.slice(0, -1)},"many":[${'0,'.repeat(1500)}0]}`),
    ]
    for (const proof of bad) {
      const answer = await api.call('/notes', { token, proof })
      expect(answer.status).toBe(401)
      expect(challenges(answer)[0]).toMatch(/^DPoP error="invalid_dpop_proof"/)
    }
    expect((await api.call('/notes', { token, proof: sign(header, claims) })).status).toBe(200)
  })

  it('DPOP-11.1-02: an oversized jti is refused, an oversized header never answered 2xx or 5xx', async () => {
    await refusedBy('dpop.jti-is-bounded', ...changed({ jti: 'j'.repeat(300) }))
    await refusedBy('dpop.proof-is-bounded', ...changed({ padding: 'p'.repeat(7000) }))
    const huge = await api.call('/notes', { proof: `a.${'b'.repeat(40_000)}.c` })
    expect(huge.status).toBe(431)
  })
})

describe('its header', () => {
  it.each([undefined, 'JWT', 'at+jwt', 'client-authentication+jwt', 'logout+jwt', 42, ''])('DPOP-4.3-04: typ %j is refused', (typ) =>
    refusedBy('dpop.typ-is-dpop-jwt', ...changed({}, { typ })),
  )

  it.each(['dpop+jwt', 'DPoP+JWT', 'application/dpop+jwt'])('DPOP-4.3-04: typ %s is the same type', async (typ) => {
    const [proof, token] = changed({}, { typ })
    expect((await api.call('/notes', { token, proof })).status).toBe(200)
  })

  it.each(['none', 'None', 'NONE', 'nOnE', 'HS256', 'HS512', '', undefined, 1])('DPOP-4.3-05 ASVS-9.1.2: alg %j is refused', (alg) =>
    refusedBy('dpop.alg-is-asymmetric', ...changed({}, { alg })),
  )

  it('DPOP-4.3-05: none with an empty signature, and a MAC under the public key, are refused', async () => {
    const token = api.token()
    const claims = { jti: 'x', htm: 'GET', htu: `${api.url}/notes`, iat: api.clock(), ath: sha256u(token) }
    const header = { typ: 'dpop+jwt', jwk: api.holder.publicJwk }
    const none = `${segment({ ...header, alg: 'none' })}.${segment(claims)}.`
    expect((await api.call('/notes', { token, proof: none })).status).toBe(401)
    await refusedBy('dpop.alg-is-asymmetric', macJwt({ ...header, alg: 'HS256' }, claims, JSON.stringify(api.holder.publicJwk)), token)
  })

  it('DPOP-4.3-05: RS256 is refused while it is not on the list, and the list is said', async () => {
    const key = wireKey('RS256')
    const token = api.token({ cnf: { jkt: key.jkt } })
    await refusedBy('dpop.alg-is-allowed', api.proof('/notes', { accessToken: token }, key), token)
  })

  it('DPOP-4.3-05: an algorithm with the key of another is refused', async () => {
    const other = wireKey('ES384')
    const answer = await api.call('/notes', { proof: changed({}, { alg: 'ES256', jwk: other.publicJwk })[0] })
    expect(answer.status).toBe(401)
    expect(challenges(answer)[0]).toMatch(/^DPoP error="invalid_dpop_proof"/)
    const ed = await api.call('/notes', { proof: changed({}, { alg: 'Ed25519' })[0] })
    expect(ed.status).toBe(401)
  })

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('DPOP-4.3-07: a jwk with the private member %s is refused', async (member) => {
    const throwaway = wireKey()
    const jwk = { ...throwaway.publicJwk, [member]: member === 'd' ? throwaway.privateJwk['d'] : 'AQAB' }
    const token = api.token({ cnf: { jkt: throwaway.jkt } })
    const answer = await api.call('/notes', { token, proof: api.proof('/notes', { accessToken: token, header: { jwk } }, throwaway) })
    expect(answer.status).toBe(401)
    expect(challenges(answer)[0]).toMatch(/^DPoP error="invalid_dpop_proof"/)
    expect(JSON.stringify(api.last())).not.toContain(throwaway.privateJwk['d'])
  })

  it.each([undefined, null, 'text', [], {}, { kty: 'oct', k: 'AQAB' }, { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }])(
    'DPOP-4.3-06 THUMB-7-01: jwk %j is refused',
    async (jwk) => {
      const answer = await api.call('/notes', { proof: changed({}, { jwk })[0] })
      expect(answer.status).toBe(401)
      expect(challenges(answer)[0]).toMatch(/^DPoP error="invalid_dpop_proof"/)
    },
  )

  it('DPOP-4.3-06 SEED-DPOP-09: a flipped bit in the signature, and a signature of another key, are refused', async () => {
    const [proof, token] = changed({})
    await refusedBy('dpop.signature-verifies', flipSignature(proof), token)
    const other = wireKey()
    await refusedBy(
      'dpop.signature-verifies',
      api.proof('/notes', { accessToken: token, header: { jwk: api.holder.publicJwk } }, other),
      token,
    )
  })
})

describe('its claims', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['no jti', { jti: undefined }, 'dpop.jti-is-text'],
    ['an empty jti', { jti: '' }, 'dpop.jti-is-text'],
    ['a jti that is a number', { jti: 7 }, 'dpop.jti-is-text'],
    ['no htm', { htm: undefined }, 'dpop.htm-is-text'],
    ['no htu', { htu: undefined }, 'dpop.htu-is-text'],
    ['an htu that is a list', { htu: ['x'] }, 'dpop.htu-is-text'],
    ['no iat', { iat: undefined }, 'dpop.iat-is-number'],
    ['an iat that is a text', { iat: '1800000000' }, 'dpop.iat-is-number'],
  ])('DPOP-4.3-03: %s is refused', (_what, claims, rule) => refusedBy(rule, ...changed(claims)))

  it.each(['get', 'Get', 'HEAD', 'POST', ''])('DPOP-4.3-08: htm %j on a GET is refused', (htm) =>
    refusedBy('dpop.htm-is-request-method', ...changed({ htm })),
  )

  it('DPOP-4.3-08: HEAD is not GET', async () => {
    const token = api.token()
    const asGet = await api.call('/notes', { method: 'HEAD', token, proof: api.proof('/notes', { method: 'GET', accessToken: token }) })
    expect(asGet.status).toBe(401)
    expect(asGet.body).toBe('')
    expect(api.last().rule).toBe('dpop.htm-is-request-method')
    expect((await api.call('/notes', { method: 'HEAD', token })).status).toBe(200)
  })

  it('DPOP-4.3-09 DPOP-4.3-10: an htu of another place is refused', async () => {
    const at = (rest: string): string => `${api.url}${rest}`
    const wrong = [
      at('/notes/'),
      at('/Notes'),
      at('/other'),
      at('/notes/1'),
      at('//notes'),
      at('/%2Fnotes'),
      at('/notes%2F'),
      at(''),
      `https://localhost:${api.port}/notes`,
      `http://localhost:${api.port + 1}/notes`,
      'http://localhost/notes',
      `http://127.0.0.1:${api.port}/notes`,
      `http://localhost.:${api.port}/notes`,
      `http://user@localhost:${api.port}/notes`,
      `http://evil.example/notes`,
      `ftp://localhost:${api.port}/notes`,
      '/notes',
      'notes',
      '',
    ]
    for (const htu of wrong) await refusedBy('dpop.htu-is-request-target', ...changed({ htu }))
  })

  it('DPOP-4.3-09 DPOP-4.3-10: the same place in another spelling is accepted', async () => {
    const port = api.port
    const same = [
      `HTTP://LOCALHOST:${port}/notes`,
      `http://localhost:${port}/%6Eotes`,
      `http://localhost:${port}/a/../notes`,
      `http://localhost:${port}/./notes`,
      `http://localhost:${port}/notes?page=2`,
      `http://localhost:${port}/notes#top`,
    ]
    for (const htu of same) {
      const [proof, token] = changed({ htu })
      expect((await api.call('/notes?page=1', { token, proof })).status, htu).toBe(200)
    }
  })

  it('DPOP-4.3-09: an escape in the path is one resource in either case of its digits', async () => {
    const token = api.token()
    const proof = api.proof('/notes/caf%c3%a9', { accessToken: token })
    expect((await api.call('/notes/caf%C3%A9', { token, proof })).status).toBe(200)
  })

  it('DPOP-4.3-12 SEED-TB-26: iat outside the window is refused, inside it is accepted', async () => {
    const now = api.clock()
    for (const iat of [now - 3600, now - 61, 0, -1]) await refusedBy('dpop.iat-is-recent', ...changed({ iat }))
    for (const iat of [now + 16, now + 61, now + 3600, 1e300]) await refusedBy('dpop.iat-is-not-ahead', ...changed({ iat }))
    for (const iat of [now - 60, now - 10, now, now + 10, now + 0.5, now + 15]) {
      const [proof, token] = changed({ iat })
      expect((await api.call('/notes', { token, proof })).status, String(iat - now)).toBe(200)
    }
    const [late, token] = changed({ iat: now - 61 })
    await refusedBy('dpop.iat-is-recent', late, token)
    expect(api.last()).toMatchObject({ expected: { from: now - 60, to: now + 15 }, received: now - 61, serverTime: now })
  })

  it('DPOP-4.2-06: nbf and exp are honoured where a proof has them', async () => {
    await refusedBy('dpop.nbf-has-come', ...changed({ nbf: api.clock() + 600 }))
    await refusedBy('dpop.exp-has-not-passed', ...changed({ exp: api.clock() - 600 }))
  })

  it('DPOP-4.3-13: no ath, that of another token, and other hashes are refused', async () => {
    const token = api.token()
    await refusedBy('dpop.has-ath', ...changed({ ath: undefined }, {}, token))
    const other = [
      sha256u(api.token()),
      sha256u(`DPoP ${token}`),
      `${sha256u(token)}=`,
      createHash('sha256').update(token).digest('hex'),
      createHash('sha512').update(token).digest('base64url'),
      '',
    ]
    for (const ath of other) await refusedBy('dpop.ath-is-token-hash', ...changed({ ath }, {}, token))
  })
})

describe('for whom', () => {
  it('DPOP-4.3-14 SEED-DPOP-10: a sound proof by another key is a binding mismatch', async () => {
    const token = api.token()
    const thief: WireKey = wireKey()
    const answer = await api.call('/notes', { token, proof: api.proof('/notes', { accessToken: token }, thief) })
    expect(answer.status).toBe(401)
    expect(challenges(answer)).toHaveLength(1)
    expect(challenges(answer)[0]).toMatch(/^DPoP error="invalid_token", error_description="[^"]+", algs="/)
    expect(api.last()).toMatchObject({
      event: 'binding_mismatch',
      rule: 'binding.proof-key-is-named-key',
      clientId: 'app-1',
      jkt: thief.jkt,
    })
  })

  it('DPOP-4.3-13: a proof stolen with one token does not help with another', async () => {
    const mine = api.token()
    const stolen = api.proof('/notes', { accessToken: api.token({ sub: 'user-2' }) })
    await refusedBy('dpop.ath-is-token-hash', stolen, mine)
  })
})
