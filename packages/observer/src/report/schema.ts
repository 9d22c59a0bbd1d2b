// The published shape of the JSON report: what a program may rely on. The compiler holds it to the types of the observation.
import { z } from 'zod'
import { passiveKinds, passiveSubjects, passiveWords } from '../evidence/reading.ts'
import { postureFields } from '../judgement/posture.ts'
import type { Observation } from '../observation.ts'
import { type CheckName, checks } from '../readiness/checks.ts'
import { freshness } from './freshness-schema.ts'
import { checkOrder, codeBinding, grantCell, residual } from './schema-parts.ts'
import { tls } from './tls-schema.ts'

const text = z.strictObject({ ja: z.string(), en: z.string() })
/** Reports of before there were two languages hold one sentence. */
const told = z.preprocess((value) => (typeof value === 'string' ? { ja: value, en: value } : value), text)
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly()
const texts = list(z.string())
const rules = list(z.templateLiteral([z.string(), '.', z.string()]))
const yes = z.enum(['yes', 'no', 'unknown'])
const yesOrPart = z.enum(['yes', 'no', 'partial', 'unknown'])
const mode = z.enum(postureFields.mode)
const priority = z.enum(['P0', 'P1', 'P2', 'none'])
const tier = z.enum(['confirmed', 'inferred', 'not-claimable'])
const step = z.enum(['14', '15', '16', '17', '18'])
const source = z.enum(['token-endpoint-response', 'authorization-header', 'dpop-header', 'mtls-handshake', 'rs-enforcement'])
const declared = z.record(z.string(), z.unknown())
const privilege = z.enum(['high', 'mid', 'low'])

const posture = z.strictObject({
  mode,
  as_enforced: z.enum(postureFields.as_enforced),
  rs_enforced: z.enum(postureFields.rs_enforced),
  coverage: z.enum(postureFields.coverage),
  replay_protection: z.enum(postureFields.replay_protection),
  client_fit: z.enum(postureFields.client_fit),
  confidence: z.enum(postureFields.confidence),
})

const probe = z.strictObject({
  probe: z.string(),
  attacks: rules,
  level: z.string(),
  cite: z.string(),
  says: text,
  proves: told,
  doesNotProve: told,
  verdict: z.enum(['holds', 'violated', 'inconclusive', 'not-applicable']),
  state: z.enum(['enforced', 'not_enforced', 'partial', 'not_observable', 'not_tested']),
  reason: z.string().optional(),
  answered: z.string(),
  issued: z.enum(['bound', 'unbound', 'unreadable']).optional(),
  sources: list(source),
  credential: z.string().optional(),
  evidence: texts,
})

const readiness = z.strictObject({
  check: z.enum(Object.keys(checks) as [CheckName, ...CheckName[]]),
  cite: z.string(),
  says: text,
  verdict: z.enum(['ready', 'not-ready', 'not-observable']),
  seen: z.string(),
  mend: text.optional(),
  evidence: texts,
})

const issuer = z.strictObject({
  issuer: z.string(),
  tokenEndpoint: z.string(),
  client: z.string(),
  clientKind: z.enum(['spa', 'mobile', 'server', 'unknown']),
  mode,
  asRequired: yes,
  asEnforced: yes,
  grants: list(grantCell).default([]),
  token: z.enum(['jwt', 'opaque', 'none']),
  codes: codeBinding.optional(),
  takesDirectRequests: z.literal(true).optional(),
  tls: tls.optional(),
  readiness: list(readiness).optional(),
  declared,
  probes: list(probe),
  evidence: texts,
})

const api = z.strictObject({
  api: z.string(),
  method: z.enum(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']),
  url: z.string(),
  privilege,
  kind: z.enum(['rest', 'graphql', 'batch', 'admin', 'websocket', 'mcp', 'internal']),
  boundary: z.enum(['edge', 'internal']),
  client: z.string(),
  mode,
  rsRequired: yes,
  rsEnforced: yesOrPart,
  strength: z.enum(['strict', 'lax', 'nominal', 'none', 'unknown']),
  carriedFrom: z.string().optional(),
  replay: z.enum(['jti_yes', 'jti_no', 'unknown']),
  freshness: freshness.optional(),
  checkOrder: checkOrder.optional(),
  baseline: z.enum(['good', 'public', 'failed']),
  baselineReason: z.string().optional(),
  wavers: z.literal(true).optional(),
  declared,
  tls: tls.optional(),
  columns: z.strictObject({
    dpop: z.enum(['required', 'optional', 'not-required', 'unknown']),
    errorBehaviour: z.string(),
    tlsCertificateRequest: z.enum(['required', 'requested', 'not-requested', 'not-observable', 'not-tested', 'no-tls']),
    policy: z.enum(['same', 'differs', 'unknown']),
  }),
  probes: list(probe),
  evidence: texts,
})

const finding = z.strictObject({
  id: z.string(),
  kind: z.string(),
  at: z.string(),
  clients: texts,
  credential: z.string().optional(),
  priority: z.enum(['P0', 'P1', 'P2']),
  tier,
  owner: z.enum(['AS', 'RS', 'Client']),
  subject: z.string(),
  title: text,
  control: text,
  probes: texts,
  rules,
  evidence: texts,
  asvs: texts,
  wstg: texts,
  attack: texts,
  next: list(step),
  acceptance: z.strictObject({ owner: z.string(), reason: z.string(), until: z.string(), ended: z.boolean() }).optional(),
})

const contradiction = z.strictObject({
  at: z.string(),
  client: z.string(),
  by: z.enum(['inventory', ...passiveKinds]),
  declared: z.string(),
  observed: z.string(),
  text,
  evidence: texts,
})

const redacted = {
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  length: z.number().int(),
  claims: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
}

const evidence = z.strictObject({
  id: z.string(),
  kind: z.enum(['har', 'tls', 'error-behaviour', 'config', 'audit']),
  at: z.number().int(),
  role: z.string(),
  request: z.strictObject({
    method: z.string(),
    url: z.string(),
    authorization: list(z.strictObject({ scheme: z.string(), ...redacted })),
    proofs: list(z.strictObject(redacted)),
    headers: texts.optional(),
    parameters: texts.optional(),
  }),
  response: z.strictObject({
    status: z.number().int(),
    challenge: texts,
    error: z.string().nullable(),
    contentType: z.string(),
    shape: z.string(),
    nonce: z.boolean(),
    bytes: z.number().int().optional(),
  }),
  tls: z
    .strictObject({
      certificate: z.string(),
      name: z.string().optional(),
      version: z.string().optional(),
      request: z.enum(['requested', 'not-requested', 'not-observable']).optional(),
      authorities: texts.optional(),
      signatureAlgorithms: texts.optional(),
      resumed: z.boolean().optional(),
      ended: z.string().optional(),
    })
    .optional(),
  milliseconds: z.number().int().optional(),
})

const guidelines = z.strictObject({
  versions: z.strictObject({ asvs: z.string(), wstg: z.string() }),
  asvs: list(z.strictObject({ id: z.string(), point: z.string() })),
  wstg: list(z.strictObject({ id: z.string(), title: z.string() })),
  ptes: z.strictObject({ phases: texts, linkage: text }),
  attack: list(z.strictObject({ id: z.string(), version: z.string(), tactics: texts })),
})

const passive = z.strictObject({
  source: z.string(),
  kind: z.enum(passiveKinds),
  label: z.enum(['declared', 'logged', 'passive']),
  whole: z.boolean(),
  read: z.number().int(),
  statements: list(
    z.strictObject({
      at: z.string().optional(),
      place: z.string(),
      about: z.enum(passiveSubjects),
      says: z.enum(passiveWords),
      text,
      count: z.number().int().optional(),
    }),
  ),
  notes: list(text),
})

/** The whole report. */
export const observationSchema = z.strictObject({
  format: z.literal('kimei-observation/1'),
  startedAt: z.number().int(),
  finishedAt: z.number().int(),
  complete: z.boolean(),
  missing: texts,
  stopped: z.string().optional(),
  givenUp: list(
    z.strictObject({
      host: z.string(),
      target: z.string().optional(),
      why: z.enum(['too-many-requests', 'faults', 'no-answer', 'asks-for-rest']),
      last: z.string(),
      at: z.number().int(),
      untested: texts,
    }),
  ).optional(),
  bindingKeyPosture: z.string(),
  posture,
  postureEvidence: z.strictObject({
    mode: texts,
    as_enforced: texts,
    rs_enforced: texts,
    coverage: texts,
    replay_protection: texts,
    client_fit: texts,
    confidence: texts,
  }),
  overall: z.enum(['named', 'exposed', 'unknown']),
  hypothesis: z.enum(['A', 'B', 'C', 'D', 'none', 'unknown']),
  counts: z.strictObject({
    declared: z.number().int(),
    testable: z.number().int(),
    tested: z.number().int(),
    requests: z.number().int(),
    mostAtOneApi: z.number().int(),
  }),
  record: z.strictObject({
    token_endpoint: texts,
    api_endpoints: list(z.strictObject({ method: z.string(), url: z.string(), representative: z.boolean() })),
    mode,
    as_required: yes,
    rs_required: yesOrPart,
    coverage: z.enum(postureFields.coverage),
    evidence: texts,
    action_priority: priority,
  }),
  threat: text,
  notClaimed: text,
  issuers: list(issuer),
  apis: list(api),
  perClientDifference: z.enum(['none', 'found', 'unknown']),
  findings: list(finding),
  contradictions: list(contradiction),
  residual: list(residual).optional(),
  statements: list(z.strictObject({ tier, text, grounds: texts })),
  warnings: list(text),
  next: list(z.strictObject({ step, text })),
  guidelines,
  evidence: list(evidence),
  passive: list(passive).optional(),
  inventoryFile: z.strictObject({ path: z.string(), lines: z.record(z.string(), z.number().int().positive()) }).optional(),
}) satisfies z.ZodType<Observation>

/** JSON Schema of the report, for programs that read it. */
export function observationJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(observationSchema, { target: 'draft-2020-12', io: 'output' }) as Record<string, unknown>
}
