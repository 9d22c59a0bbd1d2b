// Parts of the published report with shapes of their own: a grant of a client, from when codes are bound, and what is left of access after it was ended.
import { z } from 'zod'
import { type CheckOrder, checkNames } from '../check-order.ts'
import type { CodeBinding } from '../code-binding.ts'
import { endings } from '../residual.ts'

const texts = z.array(z.string()).readonly()

export const grantCell = z.strictObject({
  grant: z.enum(['client_credentials', 'authorization_code', 'refresh_token', 'device_code', 'token-exchange', 'jwt-bearer', 'ciba']),
  outcome: z.enum(['bound', 'refused', 'unbound', 'unknown', 'not-tried', 'no-such-ticket']),
  laundered: z.boolean().optional(),
  probes: texts,
  reason: z.string().optional(),
  evidence: texts,
})

export const codeBinding = z.strictObject({
  demands: z.enum(['proof', 'key', 'nothing', 'unknown']),
  keeps: z.enum(['yes', 'no', 'unknown']),
  evidence: texts,
}) satisfies z.ZodType<CodeBinding>

const check = z.enum(checkNames)

export const checkOrder = z.strictObject({
  pairs: z.array(z.strictObject({ check, before: check })).readonly(),
  like: texts,
  evidence: texts,
}) satisfies z.ZodType<CheckOrder>

export const residual = z.strictObject({
  api: z.string(),
  client: z.string(),
  after: z.enum(endings),
  promised: z.enum(['immediate', 'at-expiry']),
  promisedSeconds: z.number().int().optional(),
  residualAccess: z.enum(['yes', 'no']),
  passedSeconds: z.number().int().optional(),
  steps: z.array(z.strictObject({ seconds: z.number().int(), passes: z.boolean(), answered: z.string() })).readonly(),
  refusedAfterSeconds: z.number().int().optional(),
  lifetimeSeconds: z.number().int(),
  binding: z.enum(['kept', 'lapsed', 'never-held', 'not-tried']),
  refresh: z.enum(['refused', 'accepted', 'meant-to', 'not-tried']),
  evidence: texts,
})
