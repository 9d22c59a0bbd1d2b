// Values that several parts of the inventory are made of: ids, URLs, and secrets that stand in place or elsewhere.
import { z } from 'zod'
import { readTarget } from './targets.ts'

export const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens')
export const url = z.string().refine((value) => readTarget(value) !== undefined, 'an absolute http(s) URL without user info and fragment')
/** A secret in place, or where to read it: an environment variable or a file. */
export const secret = z.union([z.string().min(1), z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })])
