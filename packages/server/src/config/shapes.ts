// The small shapes that several parts of a configuration share.
import { profileNames, type Text } from '@kimei/protocol'
import { z } from 'zod'

export const text = z
  .union([z.string().min(1), z.strictObject({ ja: z.string().min(1), en: z.string().min(1) })])
  .transform((value): Text => (typeof value === 'string' ? { ja: value, en: value } : value))
  .describe('Words a person reads: one string, or { ja, en }.')

export const seconds = (least: number, most: number, says: string) => z.int().min(least).max(most).describe(`${says} Seconds.`)

export const identifier = z
  .string()
  .regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/, 'printable ASCII without space, quote and backslash, 1 to 200 characters')
export const scopeName = z
  .string()
  .regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,100}$/, 'a scope is printable ASCII without space, quote and backslash')

export const profileName = z.enum(profileNames).default('oauth21').describe('Which rules are demanded beyond those for everybody.')

export const jwk = z.looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']), kid: z.string().optional(), alg: z.string().optional() })
