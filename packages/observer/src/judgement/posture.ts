// The binding_key_posture: seven fields in one fixed order, joined by `+`. Its builder and its strict parser.
// How each field is judged from probes stands in `judgement/`.

/** The order is part of the key (SEED-TB-39); the words are the whole vocabulary (SEED-TB-40..45). */
export const postureFields = {
  mode: ['bearer', 'dpop', 'mtls', 'mixed', 'unknown'],
  as_enforced: ['yes', 'no', 'unknown'],
  rs_enforced: ['yes', 'no', 'partial', 'unknown'],
  coverage: ['all_api', 'partial_api', 'unknown'],
  replay_protection: ['jti_yes', 'jti_no', 'unknown'],
  client_fit: ['spa', 'mobile', 'server', 'mixed', 'unknown'],
  confidence: ['confirmed', 'inferred', 'unknown'],
} as const

export type PostureField = keyof typeof postureFields
export type Posture = { readonly [F in PostureField]: (typeof postureFields)[F][number] }

/** Why a key cannot be read: the first bad field, counted from 1. */
export interface PostureMistake {
  readonly position: number
  readonly field: PostureField | 'key'
  readonly mistake: string
}

const order = Object.keys(postureFields) as PostureField[]

/** Joins the fields. Give it only what {@link contradictionIn} accepts. */
export function renderPosture(posture: Posture): string {
  return order.map((field) => posture[field]).join('+')
}

/** Reads a key, or says where it goes wrong first. No case folding, no spaces, no missing or further fields. */
export function parsePosture(key: string): Posture | PostureMistake {
  const parts = key.split('+')
  for (const [index, field] of order.entries()) {
    const part = parts[index]
    const words: readonly string[] = postureFields[field]
    if (part === undefined) return { position: index + 1, field, mistake: 'missing' }
    if (!words.includes(part)) return { position: index + 1, field, mistake: `must be one of ${words.join(', ')}` }
  }
  if (parts.length > order.length) return { position: order.length + 1, field: 'key', mistake: 'more than seven fields' }
  const posture = Object.fromEntries(order.map((field, index) => [field, parts[index]])) as unknown as Posture
  return contradictionIn(posture) ?? posture
}

export function isPostureMistake(value: Posture | PostureMistake): value is PostureMistake {
  return 'mistake' in value
}

const contradictions: readonly { readonly field: PostureField; readonly mistake: string; readonly when: (p: Posture) => boolean }[] = [
  {
    field: 'as_enforced',
    mistake: 'bearer everywhere leaves nothing that the issuer could bind',
    when: (p) => p.mode === 'bearer' && p.as_enforced === 'yes',
  },
  {
    field: 'rs_enforced',
    mistake: 'bearer everywhere leaves nothing that an API could enforce',
    when: (p) => p.mode === 'bearer' && (p.rs_enforced === 'yes' || p.rs_enforced === 'partial'),
  },
  { field: 'coverage', mistake: 'all_api needs rs_enforced=yes', when: (p) => p.coverage === 'all_api' && p.rs_enforced !== 'yes' },
  {
    field: 'coverage',
    mistake: 'partial_api contradicts rs_enforced=yes',
    when: (p) => p.coverage === 'partial_api' && p.rs_enforced === 'yes',
  },
  {
    field: 'confidence',
    mistake: 'nothing is confirmed while mode or rs_enforced is unknown',
    when: (p) => p.confidence === 'confirmed' && (p.mode === 'unknown' || p.rs_enforced === 'unknown'),
  },
]

/** Fields that cannot be true together; the first in the order of the key. */
export function contradictionIn(posture: Posture): PostureMistake | undefined {
  const found = contradictions.find((rule) => rule.when(posture))
  return found && { position: order.indexOf(found.field) + 1, field: found.field, mistake: found.mistake }
}
