// The decisions of the grants, as pure functions: each rule broken alone, each removed alone, revocation only where it is due.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CodeFacts,
  type CodeRecord,
  type codeRules,
  decideCode,
  decideRefresh,
  type GrantRecord,
  type Law,
  type RefreshFacts,
  type RefreshFamilyRecord,
  type RefreshTokenRecord,
  type RuleId,
  type refreshRules,
  wholeLaw,
} from '../src/index.ts'
import { api, evidence, issuer, noDetails, now } from './grant-evidence.ts'

const digest = 'd'.repeat(43)

const grant: GrantRecord = {
  issuer,
  grantId: 'g',
  clientId: 'app',
  subject: 'u',
  scopes: ['read'],
  resources: [api],
  sessionId: 's',
  authTime: now - 10,
  createdAt: now - 10,
  expiresAt: now + 1000,
  revokedAt: null,
  version: 1,
}
const code: CodeRecord = {
  issuer,
  codeHash: 'c',
  grantId: 'g',
  clientId: 'app',
  redirectUri: 'https://app.example/cb',
  codeChallenge: digest,
  dpopJkt: 'k',
  nonce: 'n',
  subject: 'u',
  scopes: ['read'],
  resources: [api],
  authTime: now - 10,
  createdAt: now - 10,
  expiresAt: now + 50,
  redeemedAt: null,
}
const codeFacts: CodeFacts = {
  client: evidence(),
  code,
  grant,
  redirectUri: code.redirectUri,
  verifier: 'v'.repeat(43),
  verifierHash: digest,
  jkt: 'k',
  signInLasts: true,
  resources: [],
  ...noDetails,
  now,
}
const family: RefreshFamilyRecord = {
  issuer,
  familyId: 'f',
  grantId: 'g',
  clientId: 'app',
  subject: 'u',
  scopes: ['read'],
  resources: [api],
  confirmation: { jkt: 'k' },
  rotates: true,
  idTokenNonce: null,
  authTime: now - 10,
  createdAt: now - 10,
  idleExpiresAt: now + 100,
  absoluteExpiresAt: now + 1000,
  revokedAt: null,
}
const token: RefreshTokenRecord = {
  issuer,
  tokenHash: 't',
  familyId: 'f',
  createdAt: now - 10,
  rotatedAt: null,
  successorHash: null,
  sealedSuccessor: null,
  sealedUntil: null,
}
const refreshFacts: RefreshFacts = {
  client: evidence(),
  token,
  family,
  grant,
  successor: undefined,
  personActive: true,
  signInLasts: true,
  clientKey: undefined,
  jkt: 'k',
  x5t: undefined,
  confirmation: { jkt: 'k' },
  scopes: [],
  resources: [],
  ...noDetails,
  now,
}
const rotated = { ...token, rotatedAt: now - 5, successorHash: 's', sealedSuccessor: 'x', sealedUntil: now + 55 }

const brokenCode: Record<keyof typeof codeRules.rules, Partial<CodeFacts>> = {
  'code.is-of-this-client': { code: { ...code, clientId: 'other' } },
  'code.redirect-uri-agrees': { redirectUri: 'https://app.example/other' },
  'pkce.verifier-is-present': { verifier: undefined, verifierHash: '' },
  'pkce.verifier-is-well-formed': { verifier: 'short' },
  'pkce.verifier-matches-challenge': { verifierHash: 'e'.repeat(43) },
  'dpop.announced-key-is-proven': { jkt: undefined },
  'dpop.key-is-the-announced-one': { jkt: 'other' },
  'code.is-unredeemed': { code: { ...code, redeemedAt: now - 1 } },
  'code.is-not-expired': { now: code.expiresAt },
  'code.grant-is-active': { grant: { ...grant, revokedAt: now } },
  'code.sign-in-lasts': { signInLasts: false },
  'code.resource-was-granted': { resources: ['https://other.example/'] },
  'code.details-were-granted': { details: '[{"type":"payment"}]' },
}
const certified = { ...family, confirmation: { jkt: 'k', 'x5t#S256': 'c' } }
const brokenRefresh: Record<keyof typeof refreshRules.rules, Partial<RefreshFacts>> = {
  'refresh.is-of-this-client': { family: { ...family, clientId: 'other' } },
  'refresh.bound-key-is-proven': { jkt: undefined },
  'refresh.key-is-the-bound-one': { jkt: 'other' },
  'refresh.bound-certificate-is-shown': { family: certified },
  'refresh.certificate-is-the-bound-one': { family: certified, x5t: 'other' },
  'refresh.family-is-live': { family: { ...family, revokedAt: now } },
  'refresh.is-current': { token: { ...rotated, sealedUntil: now - 1 }, successor: token },
  'refresh.successor-is-unredeemed': { token: rotated, successor: { ...token, rotatedAt: now } },
  'refresh.is-not-idle': { family: { ...family, idleExpiresAt: now } },
  'refresh.is-within-its-life': { family: { ...family, absoluteExpiresAt: now } },
  'refresh.grant-is-active': { personActive: false },
  'refresh.sign-in-lasts': { signInLasts: false },
  'refresh.scope-was-granted': { scopes: ['write'] },
  'refresh.resource-was-granted': { resources: ['https://other.example/'] },
  'refresh.details-were-granted': { details: '[{"type":"payment"}]' },
}

const without = (id: RuleId): Law => ({ waives: (asked) => asked === id })
const idsOf = (rules: object) => Object.keys(rules) as RuleId[]

describe('a code', () => {
  it('is redeemed: what was granted, for whom, and the one write', () => {
    const decision = decideCode(codeFacts, wholeLaw)
    expect(decision).toMatchObject({
      issue: {
        grantType: 'authorization_code',
        subject: 'u',
        scopes: ['read'],
        audience: [api],
        person: { grantId: 'g', nonce: 'n', sessionId: 's' },
      },
      writes: [{ write: 'redeem-code', codeHash: 'c', at: now }],
    })
  })

  for (const id of idsOf(brokenCode)) {
    it(`${id}: broken alone, removed alone`, () => {
      const facts = { ...codeFacts, ...brokenCode[id as keyof typeof brokenCode] }
      expect(decideCode(facts, wholeLaw)).toMatchObject({ broken: id })
      expect('issue' in decideCode(facts, without(id))).toBe(true)
    })
  }

  it('O21-4.1.3-02: only a true replay revokes; whoever breaks anything earlier harms nobody', () => {
    const spent = { ...codeFacts, code: { ...code, redeemedAt: now - 1 } }
    expect(decideCode(spent, wholeLaw)).toMatchObject({ writes: [{ write: 'revoke-grant', grantId: 'g' }] })
    for (const id of idsOf(brokenCode).filter((one) => one !== 'code.is-unredeemed')) {
      const change: Partial<CodeFacts> = brokenCode[id as keyof typeof brokenCode] ?? {}
      const facts = { ...codeFacts, ...change, code: { ...(change.code ?? code), redeemedAt: now - 1 } }
      const decision = decideCode(facts, wholeLaw)
      const harms = 'writes' in decision && decision.writes !== undefined
      const showsRight = /^code[.](is-not-expired|grant-is-active|sign-in-lasts|(resource|details)-w(as|ere)-granted)$/.test(id)
      expect(harms, id).toBe(showsRight)
    }
    expect(decideCode({ ...codeFacts, code: undefined }, wholeLaw)).toEqual({ broken: 'code.is-known', family: 'grant' })
  })
})

describe('a refresh token', () => {
  it('rotates or stays, as its family says', () => {
    expect(decideRefresh(refreshFacts, wholeLaw)).toMatchObject({
      token: 'rotate',
      issue: { subject: 'u', scopes: ['read'], audience: [api] },
    })
    expect(decideRefresh({ ...refreshFacts, family: { ...family, rotates: false } }, wholeLaw)).toMatchObject({ token: 'keep' })
    expect(decideRefresh({ ...refreshFacts, token: rotated, successor: token }, wholeLaw)).toMatchObject({ token: 'rotate' })
  })

  for (const id of idsOf(brokenRefresh)) {
    it(`${id}: broken alone, removed alone`, () => {
      const facts = { ...refreshFacts, ...brokenRefresh[id as keyof typeof brokenRefresh] }
      expect(decideRefresh(facts, wholeLaw)).toMatchObject({ broken: id })
      expect('issue' in decideRefresh(facts, without(id))).toBe(true)
    })
  }

  it('O21-4.3.1-01: only reuse outside the window by the right client and key revokes', () => {
    const stale = { token: { ...rotated, sealedUntil: now - 1 }, successor: token }
    expect(decideRefresh({ ...refreshFacts, ...stale }, wholeLaw)).toMatchObject({ writes: [{ write: 'revoke-grant', grantId: 'g' }] })
    const strangers: Partial<RefreshFacts>[] = [
      { jkt: 'other' },
      { jkt: undefined },
      { family: { ...family, clientId: 'other' } },
      { family: { ...family, revokedAt: now } },
    ]
    for (const change of strangers) expect(decideRefresh({ ...refreshFacts, ...stale, ...change }, wholeLaw)).not.toHaveProperty('writes')
  })

  it('MTLS-4-01: a family that names a certificate is refreshed with it alone; a wrong one, or none, never revokes', () => {
    const stale = { token: { ...rotated, sealedUntil: now - 1 }, successor: token }
    const bound = { ...refreshFacts, family: { ...family, confirmation: { 'x5t#S256': 'c' } }, jkt: undefined }
    expect(decideRefresh({ ...bound, x5t: 'c' }, wholeLaw)).toMatchObject({ token: 'rotate' })
    for (const x5t of [undefined, 'other']) {
      const decision = decideRefresh({ ...bound, ...stale, x5t }, wholeLaw)
      expect(decision).toMatchObject({ family: 'binding' })
      expect(decision).not.toHaveProperty('writes')
    }
    expect(decideRefresh({ ...bound, ...stale, x5t: 'c' }, wholeLaw)).toMatchObject({ writes: [{ write: 'revoke-grant' }] })
  })

  it('MTLS-4-01 DPOP-5-03: a family without a name bears that of the first tokens that have one', () => {
    const nameless = { ...refreshFacts, family: { ...family, confirmation: null } }
    for (const confirmation of [{ jkt: 'k' }, { 'x5t#S256': 'c' }, { jkt: 'k', 'x5t#S256': 'c' }])
      expect(decideRefresh({ ...nameless, confirmation }, wholeLaw)).toMatchObject({ bind: confirmation })
    expect(decideRefresh({ ...nameless, confirmation: undefined }, wholeLaw)).not.toHaveProperty('bind')
    expect(decideRefresh(refreshFacts, wholeLaw)).not.toHaveProperty('bind')
  })

  it('property: never issues to another client or another key, whatever else is true', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: -2000, max: 2000 }),
        (otherClient, otherKey, isRotated, shift) => {
          const facts: RefreshFacts = {
            ...refreshFacts,
            now: now + shift,
            jkt: otherKey ? 'other' : 'k',
            family: { ...family, clientId: otherClient ? 'other' : 'app' },
            ...(isRotated && { token: rotated, successor: token }),
          }
          const decision = decideRefresh(facts, wholeLaw)
          if (otherClient || otherKey) {
            expect(decision).not.toHaveProperty('issue')
            expect(decision).not.toHaveProperty('writes')
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
