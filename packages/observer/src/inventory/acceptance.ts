// Accepted exceptions: a finding that its owner lives with until a day, and why. It stays in every report, and decides no exit code.
// The day after, it is a finding like any other, and the report names whose acceptance ended.
import { Misuse, type Seconds, sayMistake, type Text } from '@kimei/protocol'
import { z } from 'zod'
import type { Finding } from '../observation.ts'

const kindOfFinding = z.string().regex(/^[a-z]+(-[a-z]+)*$/, 'the kind of a finding, such as bearer-accepted')

export const acceptanceSchema = z.strictObject({
  finding: kindOfFinding.describe('Kind of the finding, as the report names it: bearer-accepted, replay-accepted, …'),
  at: z.string().min(1).describe('Id of the API or issuer it was found at; `operations` for operations-unclear'),
  clients: z.array(z.string().min(1)).min(1).optional().describe('Only for these clients. Left out: for every client'),
  otherCredentials: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Only for these other credentials, where the finding is about one. Left out: for every one'),
  owner: z.string().trim().min(1).max(200).describe('Who answers for the exception'),
  reason: z.string().trim().min(1).max(500),
  until: z.iso.date().describe('Last day on which it is accepted, in UTC'),
})

export type Acceptance = z.output<typeof acceptanceSchema>

const fileSchema = z.strictObject({ accepted: z.array(acceptanceSchema) })

/**
 * Reads a file of its own that holds `accepted:` and nothing else.
 * @throws Misuse with every mistake at once.
 */
export function parseAcceptances(input: unknown): readonly Acceptance[] {
  const read = fileSchema.safeParse(input)
  if (!read.success) throw new Misuse(read.error.issues.map((issue) => `${issue.path.join('.') || 'accepted'}: ${sayMistake(issue)}`))
  return read.data.accepted
}

export interface Accepted {
  readonly findings: readonly Finding[]
  readonly warnings: readonly Text[]
}

/** Marks what is accepted. An acceptance that has ended, or that fits nothing any more, is named among the warnings. */
export function withAcceptances(findings: readonly Finding[], acceptances: readonly Acceptance[], now: Seconds): Accepted {
  const marked = findings.map((finding) => {
    const fitting = acceptances.filter((acceptance) => fits(acceptance, finding))
    const found = fitting.find((acceptance) => !hasEnded(acceptance, now)) ?? fitting[0]
    if (found === undefined) return finding
    const { owner, reason, until } = found
    return { ...finding, acceptance: { owner, reason, until, ended: hasEnded(found, now) } }
  })
  const ended = marked.flatMap(({ id, kind, at, acceptance }) => (acceptance?.ended ? [endedWarning(id, kind, at, acceptance)] : []))
  const idle = acceptances.filter((acceptance) => !findings.some((finding) => fits(acceptance, finding)))
  return { findings: marked, warnings: [...ended, ...idle.map(idleWarning)] }
}

/** A client or credential that the acceptance does not name is a new exception: nobody accepted that one. */
function fits({ finding: kind, at, clients, otherCredentials }: Acceptance, finding: Finding): boolean {
  const { credential } = finding
  return (
    kind === finding.kind &&
    at === finding.at &&
    (clients === undefined || finding.clients.every((client) => clients.includes(client))) &&
    (otherCredentials === undefined || (credential !== undefined && otherCredentials.includes(credential)))
  )
}

function hasEnded({ until }: Acceptance, now: Seconds): boolean {
  return Date.parse(`${until}T23:59:59Z`) / 1000 < now
}

function endedWarning(id: string, kind: string, at: string, { owner, until }: { owner: string; until: string }): Text {
  return {
    ja: `${id}（${kind}、${at}）の例外は ${until} で終わりました。認めた人：${owner}`,
    en: `the acceptance of ${id} (${kind} at ${at}) by ${owner} ended on ${until}`,
  }
}

function idleWarning({ finding, at, owner }: Acceptance): Text {
  return {
    ja: `${at} の ${finding} は見つからなくなりました。例外（${owner}）は消せます。`,
    en: `${finding} at ${at} was not found: its acceptance by ${owner} can go`,
  }
}

/** Findings that somebody must act on. */
export function openFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ acceptance }) => acceptance === undefined || acceptance.ended)
}
