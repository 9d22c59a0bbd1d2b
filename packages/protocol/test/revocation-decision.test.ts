// The decision about a revocation, as a pure function.
import { describe, expect, it } from 'vitest'
import { type AuthenticatedClient, decideRevocation, wholeLaw } from '../src/index.ts'

const issuer = 'https://id.example'
const now = 1_800_000_000
/** Evidence is minted by the checker alone; here a decision is looked at by itself. */
const evidence = () => ({ client: { clientId: 'app' }, confidential: true, method: 'none', claims: [] }) as unknown as AuthenticatedClient

describe('revocation', () => {
  const at = { issuer, now }
  it('REV-2-01: of one’s own tokens only; an unknown one is success', () => {
    expect(decideRevocation(evidence(), undefined, at, wholeLaw)).toEqual({ writes: [] })
    const refresh = { kind: 'refresh', clientId: 'app', grantId: 'g' } as const
    expect(decideRevocation(evidence(), refresh, at, wholeLaw)).toEqual({ writes: [{ write: 'revoke-grant', grantId: 'g', at: now }] })
    expect(decideRevocation(evidence(), { ...refresh, clientId: 'other' }, at, wholeLaw)).toMatchObject({
      broken: 'revocation.token-is-of-this-client',
    })
    const access = { kind: 'access', clientId: 'app', jti: 'j', expiresAt: now + 9, remembered: false } as const
    const decision = decideRevocation(evidence(), access, at, wholeLaw)
    expect('writes' in decision && decision.writes?.map((write) => write.write)).toEqual(['put-access-token', 'revoke-access-token'])
  })
})
