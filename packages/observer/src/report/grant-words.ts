// Client × grant in words and as lines of text: what came out when each grant was asked without a proof.
// How a cell is judged stands in `judgement/grant-table.ts`.
import type { Language, Text } from '@kimei/protocol'
import { fitDisplay } from 'look'
import type { GrantCell, IssuerRecord } from '../observation.ts'
import { rows, wrappedRows } from './columns.ts'
import type { TextLook } from './finding-lines.ts'
import { told } from './told.ts'

export const grantTableTitle: Text = {
  ja: '証明なしで頼んだら（アプリ × 申請の種類）',
  en: 'Asked without a proof (client × grant)',
}

export const outcomeWords: Readonly<Record<GrantCell['outcome'], { readonly mark: string; readonly word: Text }>> = {
  refused: { mark: '✓', word: { ja: '断られた', en: 'refused' } },
  bound: { mark: '✓', word: { ja: '記名のまま出た', en: 'bound all the same' } },
  unbound: { mark: '✗', word: { ja: '無記名で出た', en: 'unbound' } },
  unknown: { mark: '?', word: { ja: 'わからない', en: 'cannot be told' } },
  'not-tried': { mark: '–', word: { ja: '試していない', en: 'not tried' } },
  'no-such-ticket': { mark: '–', word: { ja: 'この種類の切符はない', en: 'gets none by this grant' } },
}

/** Something bound went in. */
const laundered: Text = { ja: '無記名に替わった', en: 'unbound twin' }

export function outcomeWord({ outcome, laundered: washed }: GrantCell, language: Language): string {
  return (washed ? laundered : outcomeWords[outcome].word)[language]
}

/** Names come from outside: room for the rest must remain. */
const clientWidth = 24

/** Nothing where no client has a grant that could be asked. */
export function grantLines(issuers: readonly IssuerRecord[], { language, paint, width }: TextLook): string[] {
  const cells = issuers.flatMap(({ client, grants }) => grants.map((cell) => ({ client, cell })))
  if (cells.length === 0) return []
  const places = rows(cells.map(({ client, cell }) => [outcomeWords[cell.outcome].mark, fitDisplay(client, clientWidth), cell.grant]))
  const lines = cells.map(({ cell }, i): [string, string] => {
    const why = cell.reason === undefined ? cell.probes.join(' ') : told(cell.reason, language)
    return [places[i]!.trim(), `${outcomeWord(cell, language)}${why === '' ? '' : ` · ${why}`}`]
  })
  return ['', paint('bold', grantTableTitle[language]), ...wrappedRows(lines, width)]
}
