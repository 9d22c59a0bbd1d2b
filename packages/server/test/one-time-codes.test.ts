// One-time codes by themselves, and what the configuration says of levels and secrets that contradict themselves.
import type { Misuse } from '@kimei/protocol'
import { kitRedirect } from 'testkit/issuer'
import { totpSecret } from 'testkit/levels'
import { describe, expect, it } from 'vitest'
import { fromBase32, matchTotp, totpCode } from '../src/accounts/totp.ts'
import { parseIssuerConfig } from '../src/index.ts'

describe('one-time codes', () => {
  it('RFC 6238 appendix B, last six digits', () => {
    const secret = fromBase32(totpSecret)
    for (const [time, code] of [
      [59, '287082'],
      [1_111_111_109, '081804'],
      [1_234_567_890, '005924'],
      [20_000_000_000, '353130'],
    ] as const) {
      expect(totpCode(secret, Math.floor(time / 30))).toBe(code)
      expect(matchTotp(secret, code, time)).toBe(Math.floor(time / 30))
      expect(matchTotp(secret, code, time + 90)).toBeUndefined()
    }
  })

  it('mistakes in levels and secrets are told all at once', () => {
    const level = (acr: string, ...amr: ('pwd' | 'otp')[]) => ({ acr, amr, name: 'L' })
    const client = { clientId: 'a', kind: 'spa' as const, name: 'A', redirectUris: [kitRedirect] }
    const mistakes = (input: object) => {
      try {
        parseIssuerConfig({ issuer: 'https://id.example', clients: [client], ...input })
        return ''
      } catch (error) {
        return (error as Misuse).mistakes.join('\n')
      }
    }
    const levels = [level('strong', 'pwd', 'otp'), level('weak', 'pwd'), level('weak', 'pwd'), level('odd', 'otp')]
    const said = mistakes({ authentication: { levels } })
    for (const part of ['"weak" is declared twice', '"odd" must name pwd', '"weak" stands after "strong"']) expect(said).toContain(part)
    const user = { username: 'u', passwordHash: '$argon2id$x' }
    for (const secret of ['SHORT', 'geezdgnbvgy3tqojqgezdgnbvg', '01890189018901890189018901']) {
      expect(mistakes({ users: [{ ...user, totpSecret: secret }] })).toContain('base32')
    }
  })
})
