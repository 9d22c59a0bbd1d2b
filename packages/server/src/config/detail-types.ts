// Types of authorization details (RFC 9396 §2): how they are declared, and their JSON Schemas compiled once.
import type { AuthorizationDetail, DetailType, DetailTypes, Text } from '@kimei/protocol'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { z } from 'zod'
import { identifier, text } from './shapes.ts'

export const detailTypeSchema = z
  .strictObject({
    type: identifier,
    name: text,
    schema: z
      .record(z.string(), z.unknown())
      .describe('JSON Schema (2020-12) of one object. It must refuse unknown fields: additionalProperties: false. `type` is added.'),
    labels: z.record(z.string(), text).default({}).describe('Words for its fields on the consent page, by path: amount, account.iban.'),
    apis: z.array(z.string()).default([]).describe('Identifiers of the APIs at which it means something. Empty: any.'),
    transport: z
      .enum(['any', 'untampered'])
      .default('any')
      .describe('untampered: only in pushed or signed requests, never openly through the browser.'),
    consent: z
      .enum(['remembered', 'each-time'])
      .default('remembered')
      .describe('each-time: an earlier consent to the very same details does not answer for the person.'),
  })
  .describe('A type of fine-grained permission that clients may ask for (RFC 9396).')

export type DetailTypeConfig = z.output<typeof detailTypeSchema>

/** The declared types, and everything that is wrong with their schemas. */
export function compileDetailTypes(declared: readonly DetailTypeConfig[]): {
  readonly types: DetailTypes
  readonly mistakes: readonly string[]
} {
  const types = new Map<string, DetailType>()
  const mistakes: string[] = []
  for (const one of declared) {
    const compiled = compileType(one)
    if (typeof compiled === 'string') mistakes.push(`authorization details type "${one.type}": ${compiled}`)
    else types.set(one.type, compiled)
  }
  return { types, mistakes }
}

/** A sentence where the schema cannot be used. */
function compileType({ type, schema, apis, transport, consent }: DetailTypeConfig): DetailType | string {
  if (schema['additionalProperties'] !== false && schema['unevaluatedProperties'] !== false) {
    return 'its schema must say additionalProperties: false, so that unknown fields are refused (RFC 9396 §5)'
  }
  try {
    const validate = new Ajv2020({ strict: true, allErrors: false, logger: false }).compile(withType(type, schema))
    const flawOf = (detail: AuthorizationDetail) => {
      if (validate(detail)) return undefined
      const error = validate.errors?.[0]
      // Where and why, never the value: it may be somebody's account.
      return `${error?.instancePath || '/'} ${error?.message ?? 'does not fit'}`.slice(0, 200)
    }
    return { type, apis, transport, consent, flawOf }
  } catch (error) {
    return `its schema cannot be used: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** `type` need not be repeated in the schema, and cannot say anything else. */
function withType(type: string, schema: Readonly<Record<string, unknown>>): object {
  const properties = typeof schema['properties'] === 'object' && schema['properties'] !== null ? schema['properties'] : {}
  return { ...schema, type: 'object', properties: { ...properties, type: { const: type } } }
}

/** The words of a type for the consent page. */
export interface DetailWords {
  readonly name: Text
  readonly labels: Readonly<Record<string, Text>>
}
