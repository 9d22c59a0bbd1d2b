// Access tokens that no issuer would give out, signed with the lab issuer's own key. Only the lab has that key.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { ForgeAccessToken } from '@kimei/observer'
import { b64u, type Signer } from '@kimei/protocol'

export interface ForgeParts {
  readonly issuer: string
  readonly audience: string
  readonly signer: () => Signer
  readonly clock: () => number
  /** Client and scope of what is forged, where nothing else is said. */
  readonly client?: string
  readonly scope?: string
}

export function makeForge(parts: ForgeParts): ForgeAccessToken {
  return async ({ header, claims, without = [], signature = 'good' }) => {
    const signer = parts.signer()
    const now = parts.clock()
    const whole: Record<string, unknown> = {
      iss: parts.issuer,
      aud: parts.audience,
      sub: parts.client ?? 'job',
      client_id: parts.client ?? 'job',
      scope: parts.scope ?? 'notes:read notes:write admin',
      iat: now,
      exp: now + 300,
      jti: randomBytes(12).toString('base64url'),
      ...claims,
    }
    for (const name of without) delete whole[name]
    const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const input = `${text({ typ: 'at+jwt', alg: signer.alg, kid: signer.kid, ...header })}.${text(whole)}`
    if (signature === 'none') return `${input}.`
    if (signature === 'other-key') {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    }
    const made = await signer.sign(input)
    if (signature === 'flipped') made[0]! ^= 1
    return `${input}.${b64u(made)}`
  }
}
