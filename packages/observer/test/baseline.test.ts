// Fingerprints and what an answer means beside them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Baseline, closenessOf, fingerprint, readAnswer, readChallenges, saysNoInside, shapeOfJson } from '../src/baseline.ts'
import type { RawAnswer } from '../src/wire/raw-client.ts'

const answer = (status: number, body: string, headers: RawAnswer['headers'] = [['Content-Type', 'application/json']]): RawAnswer => ({
  status,
  headers,
  body,
})
const good = answer(200, '{"notes":[{"id":1}]}')
const baseline: Baseline = {
  ok: fingerprint(good),
  closeness: 'shape',
  refused: [fingerprint(answer(401, '{"error":"invalid_token"}', [['WWW-Authenticate', 'DPoP algs="ES256"']]))],
}
const read = (raw: RawAnswer) => readAnswer(raw, baseline)

describe('what an answer means', () => {
  it('accepted is what looks like the good answer, not what says 200', () => {
    expect(read(answer(200, '{"notes":[{"id":2}]}'))).toEqual({ kind: 'accepted' })
    expect(read(answer(200, '{"message":"please sign in"}')).kind).toBe('unclear')
    expect(read(answer(200, '<html><form></form></html>', [['Content-Type', 'text/html']])).kind).toBe('unclear')
  })

  it('GraphQL and batches say no inside a 200', () => {
    expect(read(answer(200, '{"errors":[{"message":"no"}]}'))).toEqual({ kind: 'refused', by: '200 with errors inside' })
    expect(saysNoInside('{"errors":[{}],"data":null}')).toBe(true)
    expect(saysNoInside('{"errors":[{}],"data":{"notes":[]}}')).toBe(false)
    expect(saysNoInside('[{"errors":[{}]},{"errors":[{}]}]')).toBe(true)
    expect(saysNoInside('[{"errors":[{}]},{"data":1}]')).toBe(false)
    expect(saysNoInside('{"errors":[]}')).toBe(false)
  })

  it('JSON-RPC and batches of OData say no inside a 200 as well', () => {
    const rpc = (rest: string) => `{"jsonrpc":"2.0","id":1,${rest}}`
    expect(saysNoInside(rpc('"error":{"code":-32001,"message":"no"}'))).toBe(true)
    expect(saysNoInside(`[${rpc('"error":{"code":-32001,"message":"no"}')}]`)).toBe(true)
    expect(saysNoInside(rpc('"result":{"notes":[]}'))).toBe(false)
    expect(saysNoInside(rpc('"result":1,"error":{"code":1,"message":"warning"}'))).toBe(false)
    expect(saysNoInside('{"responses":[{"id":"1","status":401},{"id":"2","status":403}]}')).toBe(true)
    expect(saysNoInside('{"responses":[{"id":"1","status":401},{"id":"2","status":200}]}')).toBe(false)
    expect(saysNoInside('{"responses":[]}')).toBe(false)
  })

  it.each([
    [401, 'refused'],
    [400, 'refused'],
    [500, 'refused'],
    [421, 'refused'],
    [302, 'unclear'],
    [403, 'unclear'],
    [404, 'unclear'],
    [405, 'unclear'],
    [429, 'unclear'],
    [503, 'unclear'],
  ])('%i without a word is %s', (status, kind) => {
    expect(read(answer(status, '')).kind).toBe(kind)
  })

  it('403 is a refusal of the ticket only where it says so', () => {
    expect(read(answer(403, '{}', [['WWW-Authenticate', 'Bearer error="insufficient_scope"']]))).toEqual({
      kind: 'refused',
      by: '403 insufficient_scope',
    })
    expect(read(answer(403, '{"error":"invalid_token"}')).kind).toBe('refused')
  })

  it('a nonce challenge is a step', () => {
    const headers: RawAnswer['headers'] = [
      ['WWW-Authenticate', 'DPoP error="use_dpop_nonce"'],
      ['DPoP-Nonce', 'n-1'],
    ]
    expect(read(answer(401, '', headers))).toEqual({ kind: 'nonce-challenge', nonce: 'n-1' })
    expect(read(answer(401, '', headers.slice(0, 1))).kind).toBe('refused')
  })
})

describe('fingerprints', () => {
  it('know keys and types, never values', () => {
    expect(shapeOfJson({ b: 1, a: [{ c: 'x' }, { d: 1 }] }, 6)).toBe('{a:[{c:string}],b:number}')
    expect(JSON.stringify(fingerprint(answer(200, '{"secret":"s3cr3t"}')))).not.toContain('s3cr3t')
  })

  it('two good answers that agree only in outline are compared in outline', () => {
    expect(closenessOf(fingerprint(good), fingerprint(answer(200, '{"notes":[{"id":1,"text":"x"}]}')))).toBe('outline')
    expect(closenessOf(fingerprint(good), fingerprint(answer(200, '{"users":[]}')))).toBeUndefined()
  })
})

describe('challenges', () => {
  it('reads several schemes on one line and on two', () => {
    const both = [
      { scheme: 'bearer', error: null },
      { scheme: 'dpop', error: 'invalid_dpop_proof' },
    ]
    expect(readChallenges(['Bearer realm="a, DPoP b", DPoP error="invalid_dpop_proof", algs="ES256 EdDSA"'])).toEqual(both)
    expect(readChallenges(['Bearer', 'DPoP error="invalid_dpop_proof", algs="ES256"'])).toEqual(both)
  })

  it('no header line makes it fail', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme-ascii' })), (lines) => {
        for (const { scheme } of readChallenges(lines)) expect(scheme).toMatch(/^[a-z][a-z0-9-]*$/)
      }),
      { numRuns: 200 },
    )
  })
})
