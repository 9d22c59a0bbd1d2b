// `kimei proof explain`: the one broken rule, both sides of the comparison, and nothing that only a server can know.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildProof, type PrivateJwk, proofKeyFrom } from '@kimei/protocol'
import { describe, expect, it } from 'vitest'
import { explainProof, type ProofQuestion } from '../src/tickets/explain-proof.ts'
import { emptyFolder, kimei, printed } from './run-kimei.ts'

const now = 1_800_000_000
const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as PrivateJwk

async function makeProof(order: Partial<Parameters<typeof buildProof>[0]> = {}): Promise<string> {
  const key = await proofKeyFrom(jwk, 'ES256')
  return buildProof({ key, method: 'GET', url: 'https://api.example/notes', now, jti: randomBytes(16).toString('base64url'), ...order })
}

async function explained(question: Partial<ProofQuestion> & { proof: string }) {
  const window = { pastSeconds: 60, futureSeconds: 10 }
  return explainProof({ method: 'GET', url: 'https://api.example/notes', token: undefined, now, window, ...question })
}

const broken = (explanation: Awaited<ReturnType<typeof explained>>): string[] =>
  explanation.rules.filter((rule) => !rule.holds).map((rule) => rule.id)

describe('every rule is judged, and the broken ones are named', () => {
  it('a good proof breaks none', async () => {
    const explanation = await explained({ proof: await makeProof({ accessToken: 'abc' }), token: 'abc' })
    expect(broken(explanation)).toEqual([])
    expect(explanation.ok).toBe(true)
    expect(explanation.unjudged).toHaveLength(1)
    expect(explanation.rules.length).toBeGreaterThan(20)
  })

  it('DPOP-4.3-08, DPOP-4.3-09, DPOP-4.3-12: several at once, each with both sides', async () => {
    const proof = await makeProof({ method: 'POST', url: 'https://API.example:443/%7Ea?x=1', now: now - 600 })
    const explanation = await explained({ proof })
    expect(broken(explanation)).toEqual(['dpop.htm-is-request-method', 'dpop.htu-is-request-target', 'dpop.iat-is-recent'])
    expect(explanation.htu).toEqual({ proof: 'https://api.example/~a', request: 'https://api.example/notes' })
    const htm = explanation.rules.find((rule) => rule.id === 'dpop.htm-is-request-method')
    expect(htm?.seen).toEqual({ expected: 'GET', received: 'POST' })
  })

  it('DPOP-4.3-13: ath of another token, and none at all', async () => {
    expect(broken(await explained({ proof: await makeProof({ accessToken: 'abc' }), token: 'abd' }))).toEqual(['dpop.ath-is-token-hash'])
    expect(broken(await explained({ proof: await makeProof(), token: 'abc' }))).toEqual(['dpop.has-ath'])
  })

  it('DPOP-4.3-06: a changed signature; DPOP-4.3-04: another typ', async () => {
    const [head = '', body = '', signature = ''] = (await makeProof()).split('.')
    const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`
    expect(broken(await explained({ proof: `${head}.${body}.${flipped}` }))).toEqual(['dpop.signature-verifies'])
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as object
    const other = Buffer.from(JSON.stringify({ ...header, typ: 'JWT' })).toString('base64url')
    expect(broken(await explained({ proof: `${other}.${body}.${signature}` }))).toContain('dpop.typ-is-dpop-jwt')
  })

  it.each(['', 'x', 'a.b', 'a.b.c', '{}', 'é.é.é', `${'A'.repeat(9000)}.B.C`])(
    'what is no proof is named, never thrown: %j',
    async (proof) => {
      const explanation = await explained({ proof })
      expect(explanation.ok).toBe(false)
      expect(broken(explanation).length).toBeGreaterThan(0)
    },
  )
})

describe('on the command line', () => {
  it('reads files and standard input, and exits 0 or 1', async () => {
    const cwd = emptyFolder()
    const proof = await makeProof({ accessToken: 'abc' })
    writeFileSync(join(cwd, 'token.txt'), 'abc\n')
    const args = [
      'proof',
      'explain',
      '-',
      '--method',
      'GET',
      '--url',
      'https://api.example/notes',
      '--token',
      '@token.txt',
      '--at',
      String(now),
    ]
    const good = await kimei(args, { cwd, input: `DPoP: ${proof}\n` })
    expect(good.out).toContain('Every rule judged here holds.')
    expect(good.code).toBe(0)
    const bad = await kimei(['proof', 'explain', proof, '--method', 'GET', '--url', 'https://api.example/other', '--at', String(now)], {
      cwd,
    })
    expect(bad.out).toMatch(/in the proof +https:\/\/api\.example\/notes\n +of the request +https:\/\/api\.example\/other/)
    expect(bad.out).toMatch(/✗ violated {2}dpop\.htu-is-request-target/)
    expect(bad.out.split('\n').filter((line) => [...line].length > 80)).toEqual([])
    expect(bad.code).toBe(1)
    const asked = await kimei(['proof', 'explain', proof, '--json', '--at', String(now)], { cwd })
    expect(printed(asked)).toMatchObject({ ok: true, claims: { htm: 'GET' } })
  })
})
