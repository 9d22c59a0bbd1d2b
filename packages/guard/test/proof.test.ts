import { flipSignature, macJwt, segment, sha256u, type WireAlg, wireKey, wireSignature } from 'testkit'
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
