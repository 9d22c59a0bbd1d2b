// Clients that nobody registered: their id is the URL of a document about them. What such strangers may have.
import { z } from 'zod'
import { pairwiseClaims } from './client-outside-schema.ts'
import { binding } from './client-schema.ts'
import { scopeName } from './shapes.ts'

const origin = z
  .string()
  .regex(
    /^https:\/\/(\*\.)?[a-z0-9.-]+(:\d{1,5})?$/,
    'an origin like https://app.example, or https://*.app.example for every name below it',
  )

export const clientDocumentsSchema = z
  .strictObject({
    enabled: z.boolean().default(false),
    allow: z.array(origin).min(1).optional().describe('Origins that such clients may come from. Absent: every public one.'),
    scopes: z.array(scopeName).default([]).describe('Scopes that they may ask for.'),
    apis: z.array(z.string()).default([]).describe('Identifiers of the APIs they may ask tokens for; the first is the default audience.'),
    binding: binding.default('required'),
    pairwiseClaims,
  })
  .describe('Client ID Metadata Documents: a client id may be the https URL of a document that describes the client.')

export type ClientDocumentsConfig = z.output<typeof clientDocumentsSchema>
