// What an inventory names beside what is observed: files to read, and guards that tell what they demand. None of it confirms anything.
import { z } from 'zod'
import { auditFieldNames } from '../evidence/audit.ts'
import { id, url } from './values.ts'

/** A file that is read beside: traffic, logs, configuration, TLS transcripts, metadata. */
export const evidenceSchema = z.strictObject({
  file: z.string().min(1),
  /** API or issuer that it is about, where its own words do not tell. */
  at: id.optional(),
  /** Public key of a guard whose signed statement it is. */
  key: z.looseObject({ kty: z.enum(['EC', 'OKP']), crv: z.string(), x: z.string() }).optional(),
  /** For logs of others: which member of a line holds what, with dots for members of members. */
  fields: z.strictObject(Object.fromEntries(auditFieldNames.map((name) => [name, z.string().min(1).optional()])) as AuditShape).optional(),
})
type AuditShape = Record<(typeof auditFieldNames)[number], z.ZodOptional<z.ZodString>>

/** A guard that tells what it demands: where, by whose key it signs, with which test client it is asked. */
export const guardSchema = z.strictObject({
  id,
  /** Where its statement is: `https://api.example/.well-known/kimei-guard`. */
  statement: url,
  /** Public key that it signs with, from its operator and not from the guard itself. */
  key: z.looseObject({ kty: z.enum(['EC', 'OKP']), crv: z.string(), x: z.string() }),
  /** Test client whose ticket may read it. Left out: the first one. */
  client: id.optional(),
  scope: z.string().min(1).default('guard:statement'),
  /** API that the ticket is for, as the guard calls it. Left out: the origin of the statement. */
  resource: z.string().min(1).optional(),
  /** API of the inventory that all of it is about, where its paths do not tell. */
  at: id.optional(),
})

export type GuardEntry = z.output<typeof guardSchema>

interface Raw {
  readonly guards: readonly GuardEntry[]
  readonly clients: readonly { readonly id: string }[]
  readonly apis: readonly { readonly id: string }[]
}

/** Names that lead nowhere. */
export function guardMistakes({ guards, clients, apis }: Raw): string[] {
  return guards.flatMap(({ id: name, client, at }, index) => [
    ...(guards.findIndex((other) => other.id === name) === index ? [] : [`guards: id ${name} is used twice`]),
    ...(client === undefined || clients.some((one) => one.id === client) ? [] : [`guards.${name}: no client ${client}`]),
    ...(at === undefined || apis.some((one) => one.id === at) ? [] : [`guards.${name}: no API ${at}`]),
  ])
}
