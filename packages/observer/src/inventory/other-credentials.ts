// Credentials of test accounts that are no tickets: personal access tokens, API keys, session cookies. Which APIs they are tried at, how
// they are carried, and where they are known to work. Their secrets are read in `clients/other-credentials.ts`.
import { z } from 'zod'
import { id, secret, url } from './values.ts'

export const credentialKinds = ['personal-access-token', 'api-key', 'session-cookie', 'basic', 'bearer'] as const
export type CredentialKind = (typeof credentialKinds)[number]

/** RFC 9110 §5.6.2. */
const word = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, "a name of letters, digits and !#$%&'*+.^_`|~-")

export const otherCredentialSchema = z.strictObject({
  id,
  kind: z.enum(credentialKinds).describe('bearer: a token of another system, opaque or not, that is sent as Bearer'),
  in: z
    .strictObject({
      header: word.optional(),
      scheme: word.optional().describe('What stands before it in the header: Bearer, token, …'),
      cookie: word.optional(),
      query: z
        .string()
        .min(1)
        .max(100)
        .optional()
        .describe('Name of a parameter of the URL. URLs are logged: only where the API takes it there and nowhere else'),
    })
    .optional()
    .describe('Exactly one of header, cookie and query. Left out for basic and bearer: Authorization'),
  secret: secret.optional().describe('For basic: name:password. Left out: only made-up ones are sent'),
  subject: z.string().min(1).optional().describe('The test account it belongs to, as its owner says: one of subjects'),
  apis: z.array(id).min(1).optional().describe('Where it is tried. Left out: at every API'),
  worksAt: url.optional().describe('An address that it opens with GET: only then a refusal elsewhere means something'),
})

export type OtherCredentialEntry = z.output<typeof otherCredentialSchema>

/** Where it is carried, once read. */
export type Carrier =
  | { readonly in: 'header'; readonly name: string; readonly scheme?: string | undefined }
  | { readonly in: 'cookie' | 'query'; readonly name: string }

/** As the inventory has it, with what is left out. */
export function carrierOf({ kind, in: given }: Pick<OtherCredentialEntry, 'kind' | 'in'>): Carrier {
  if (given?.cookie !== undefined) return { in: 'cookie', name: given.cookie }
  if (given?.query !== undefined) return { in: 'query', name: given.query }
  const scheme = given?.scheme ?? (kind === 'basic' ? 'Basic' : kind === 'bearer' && given?.header === undefined ? 'Bearer' : undefined)
  return { in: 'header', name: given?.header ?? 'Authorization', scheme }
}

/** Whether it stands where a ticket stands, so that no ticket can be sent beside it. */
export function isInPlaceOfTicket(carrier: Carrier): boolean {
  return carrier.in === 'header' && carrier.name.toLowerCase() === 'authorization'
}

/** `header X-API-Key`, `cookie sid`: for people. */
export function sayCarrier(carrier: Carrier): string {
  const scheme = carrier.in === 'header' && carrier.scheme !== undefined ? ` ${carrier.scheme}` : ''
  return `${carrier.in} ${carrier.name}${scheme}`
}

/** Headers that are ours, or that frame the message. */
const notCarriers = new Set([
  'dpop',
  'cookie',
  'host',
  'connection',
  'content-length',
  'content-type',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'accept',
])

interface Raw {
  readonly otherCredentials: readonly OtherCredentialEntry[]
  readonly apis: readonly { readonly id: string }[]
  readonly subjects: readonly string[]
  readonly accepted: readonly { readonly otherCredentials?: readonly string[] | undefined }[]
}

/** What cannot be meant, in sentences. */
export function otherCredentialMistakes({ otherCredentials, apis, subjects, accepted }: Raw): string[] {
  const known = new Set(otherCredentials.map((entry) => entry.id))
  const dangling = accepted.flatMap((entry, index) =>
    (entry.otherCredentials ?? [])
      .filter((wanted) => !known.has(wanted))
      .map((wanted) => `accepted.${index}: no other credential ${wanted}`),
  )
  const own = otherCredentials.flatMap((entry, index) => {
    const where = `otherCredentials.${entry.id}`
    const { secret: given, subject, worksAt } = entry
    return [
      ...(otherCredentials.findIndex((other) => other.id === entry.id) === index ? [] : [`otherCredentials: id ${entry.id} is used twice`]),
      ...carrierMistakes(entry).map((mistake) => `${where}.in: ${mistake}`),
      ...(entry.apis ?? []).filter((wanted) => !apis.some((api) => api.id === wanted)).map((wanted) => `${where}: no API ${wanted}`),
      ...(given !== undefined && subject === undefined ? [`${where}: say whose it is: subject, one of subjects`] : []),
      ...(subject !== undefined && !subjects.includes(subject)
        ? [`${where}: ${subject} is not among subjects; is it your test account?`]
        : []),
      ...(given === undefined && worksAt !== undefined ? [`${where}: worksAt is where its secret works, which is not there`] : []),
    ]
  })
  return [...own, ...dangling]
}

function carrierMistakes({ kind, in: given }: OtherCredentialEntry): string[] {
  if (given === undefined) return kind === 'basic' || kind === 'bearer' ? [] : ['say where it is carried: header, cookie or query']
  const { header, scheme, cookie, query } = given
  const named = [header, cookie, query].filter((one) => one !== undefined)
  return [
    ...(named.length === 1 ? [] : ['exactly one of header, cookie and query']),
    ...(scheme !== undefined && header === undefined ? ['a scheme stands in a header'] : []),
    ...(scheme?.toLowerCase() === 'dpop' ? ['what is sent as DPoP is a ticket: name it among clients'] : []),
    ...(header !== undefined && notCarriers.has(header.toLowerCase()) ? [`${header} carries something else`] : []),
    ...(kind === 'session-cookie' && cookie === undefined ? ['a session-cookie is carried in a cookie'] : []),
    ...(kind === 'basic' && (cookie !== undefined || query !== undefined) ? ['basic is carried in a header'] : []),
  ]
}

/** Further places that may be touched. */
export function touchedByCredentials(entries: readonly OtherCredentialEntry[]): [where: string, target: URL][] {
  return entries.flatMap(({ id: name, worksAt }): [string, URL][] =>
    worksAt === undefined ? [] : [[`otherCredentials.${name}.worksAt`, new URL(worksAt)]],
  )
}
