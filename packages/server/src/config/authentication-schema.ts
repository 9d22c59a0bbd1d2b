// Authentication levels and second factors: how they are declared, and what contradicts itself.
import { z } from 'zod'
import type { IssuerConfig } from './schema.ts'
import { identifier, text } from './shapes.ts'

const method = z.enum(['pwd', 'otp'])

const builtInLevels = [
  { acr: 'urn:kimei:acr:pwd', amr: ['pwd'], name: { ja: 'パスワード', en: 'Password' } },
  { acr: 'urn:kimei:acr:mfa', amr: ['pwd', 'otp'], name: { ja: 'パスワードと確認コード', en: 'Password and one-time code' } },
] as const

export const authenticationSchema = z
  .strictObject({
    levels: z
      .array(
        z.strictObject({
          acr: identifier.describe('How clients and APIs name this level.'),
          amr: z.array(method).min(1).describe('The methods that reach it (RFC 8176): pwd, otp.'),
          name: text,
        }),
      )
      .min(1)
      .default(builtInLevels.map((level) => ({ ...level, amr: [...level.amr] })))
      .describe('Weakest first.'),
    unmetAcrValues: z
      .enum(['continue', 'refuse'])
      .default('continue')
      .describe('When a person cannot reach any level of acr_values: go on with the level reached, or refuse (RFC 9470).'),
  })
  .describe('How strongly people sign in.')

export const totpSecret = z
  .string()
  .regex(/^[A-Z2-7]{26,128}$/, 'base32 without padding, at least 128 bits (26 characters)')
  .optional()
  .describe('Secret of the second factor (RFC 6238: SHA-1, 6 digits, 30 seconds). Kept sealed.')

export function checkLevels({ authentication: { levels } }: IssuerConfig): readonly string[] {
  const names = levels.map(({ acr }) => acr)
  return [
    ...[...new Set(names.filter((acr, at) => names.indexOf(acr) !== at))].map((acr) => `authentication level "${acr}" is declared twice`),
    ...levels
      .filter(({ amr }) => !amr.includes('pwd'))
      .map(({ acr }) => `authentication level "${acr}" must name pwd: every sign-in begins with it`),
    ...levels.flatMap(({ acr, amr }, at) => {
      const weaker = levels.slice(0, at).find((other) => other.amr.length > amr.length)
      return weaker ? [`authentication level "${acr}" stands after "${weaker.acr}", which demands more: weakest first`] : []
    }),
  ]
}
