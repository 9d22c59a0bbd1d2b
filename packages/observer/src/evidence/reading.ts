// What is read without asking anybody: recorded traffic, logs, configuration, metadata, statements of guards. Shapes, and how much each weighs.
// None of it ever confirms: only a request that was changed and refused does.
import type { Text } from '@kimei/protocol'

/** From the strongest to the weakest, below what probes saw: what happened weighs more than what a guard says of itself. */
export const passiveKinds = ['audit', 'guard-statement', 'config', 'tls', 'har', 'metadata'] as const
export type PassiveKind = (typeof passiveKinds)[number]

/** `declared`: somebody says so. `logged`: it happened, as a log tells. `passive`: it was seen on the wire, without a test. */
export const passiveLabels: Readonly<Record<PassiveKind, 'declared' | 'logged' | 'passive'>> = {
  'guard-statement': 'declared',
  audit: 'logged',
  config: 'declared',
  tls: 'passive',
  har: 'passive',
  metadata: 'declared',
}

export const passiveSubjects = ['binding', 'issuance', 'replay', 'target', 'nonce', 'key', 'certificate', 'forwarding', 'refusals'] as const
export type PassiveSubject = (typeof passiveSubjects)[number]

/** `cannot-tell` is an answer: what is not there proves nothing. */
export const passiveWords = ['demanded', 'optional', 'absent', 'weak', 'seen', 'cannot-tell'] as const

export type PassiveWord = (typeof passiveWords)[number]

export interface PassiveStatement {
  /** Id of the API or issuer of the inventory, where it is one. */
  readonly at?: string | undefined
  /** Method and address without anything personal, or file and line. */
  readonly place: string
  readonly about: PassiveSubject
  readonly says: PassiveWord
  readonly text: Text
  readonly count?: number | undefined
}

export interface PassiveReading {
  /** Name of the file. */
  readonly source: string
  readonly kind: PassiveKind
  readonly label: 'declared' | 'logged' | 'passive'
  /** `false`: it was cut off, or longer than is read. */
  readonly whole: boolean
  /** Exchanges, lines or settings that were read. */
  readonly read: number
  readonly statements: readonly PassiveStatement[]
  /** What it cannot tell, and what was left out. */
  readonly notes: readonly Text[]
}

/** No more is kept of one source. */
export const mostStatements = 300

export interface Draft {
  readonly source: string
  readonly kind: PassiveKind
  readonly whole: boolean
  readonly read: number
  readonly statements: readonly PassiveStatement[]
  readonly notes: readonly Text[]
}

export function reading(draft: Draft): PassiveReading {
  const { statements, notes, kind } = draft
  const more = statements.length - mostStatements
  const cut: Text = { ja: '途中で切れているので、読めたところまでです。', en: 'It is cut off: this is what could be read.' }
  return {
    ...draft,
    label: passiveLabels[kind],
    statements: statements.slice(0, mostStatements),
    notes: [
      ...(draft.whole ? [] : [cut]),
      ...notes,
      ...(more > 0 ? [{ ja: `ほかに ${more} 件あります。`, en: `${more} more are left out.` }] : []),
    ],
  }
}

/** Strongest first; the order of reading within a kind. */
export function byStrength(readings: readonly PassiveReading[]): readonly PassiveReading[] {
  return [...readings].sort((a, b) => passiveKinds.indexOf(a.kind) - passiveKinds.indexOf(b.kind))
}
