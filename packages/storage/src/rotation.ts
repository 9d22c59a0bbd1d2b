// The one condition with three answers: may a refresh token be rotated, repeated, or neither. Engines load, this judges.
import type { RefreshTokenRecord, Seconds } from '@kimei/protocol'

export type Rotation =
  | { readonly go: true }
  | { readonly go: false; readonly repeat?: { readonly sealedSuccessor: string; readonly successorHash: string } }

/**
 * RFC 9700 §4.14 with an honest duplicate allowed: a lost response must not cost the user the family.
 * The window is judged by its end alone, so that a clock that stepped back lengthens it and never turns a duplicate into an alarm.
 */
export function judgeRotation(
  familyRevoked: boolean,
  presented: RefreshTokenRecord | undefined,
  successor: RefreshTokenRecord | undefined,
  familyId: string,
  now: Seconds,
): Rotation {
  if (familyRevoked || presented === undefined || presented.familyId !== familyId) return { go: false }
  if (presented.rotatedAt === null) return { go: true }
  const { sealedSuccessor, sealedUntil, successorHash } = presented
  const inWindow = sealedSuccessor !== null && sealedUntil !== null && successorHash !== null && now <= sealedUntil
  // The successor linked to the presented token, never "the family's current one": that could belong to somebody else by now.
  if (!inWindow || successor === undefined || successor.rotatedAt !== null) return { go: false }
  return { go: false, repeat: { sealedSuccessor, successorHash } }
}
