// Client × grant as a table: what came out when each grant was asked without a proof. In cards where the screen is narrow.
import { stateMark } from 'look'
import type { GrantCell, IssuerRecord, Observation } from '../../observation.ts'
import { grantTableTitle, outcomeWord } from '../grant-words.ts'
import { told } from '../told.ts'
import { drawing, h, type Markup } from './markup.ts'
import { phrase } from './phrases.ts'

type Language = 'ja' | 'en'

const lead = {
  ja: 'アプリが使える申請の種類を一つずつ、証明を付けずに試しました。一つでも無記名の切符が出れば、発行側は縛りを守らせていません。',
  en: 'Each grant that a client may use was asked without a proof. One unbound ticket is enough: then the issuer does not hold to its binding.',
} as const

const marks = {
  refused: 'refused',
  bound: 'refused',
  unbound: 'accepted',
  unknown: 'unclear',
  'not-tried': 'not-asked',
  'no-such-ticket': 'not-applicable',
} as const

export function grantsSection({ issuers }: Observation, language: Language): Markup | undefined {
  const grants = [...new Set(issuers.flatMap((record) => record.grants.map(({ grant }) => grant)))]
  const several = new Set(issuers.map(({ tokenEndpoint }) => tokenEndpoint)).size > 1
  if (grants.length === 0) return undefined
  return h`<section><h2>${grantTableTitle[language]}</h2><p>${lead[language]}</p>
<div class="wide"><table class="matrix cards"><thead><tr><th scope="col">${phrase('client', language)}</th>${grants.map((grant) => h`<th scope="col" class="mono">${broken(grant)}</th>`)}</tr></thead>
<tbody>${issuers.filter((record) => record.grants.length > 0).map((record) => clientRow(record, { grants, several, language }))}</tbody></table></div></section>`
}

/** May be broken after an underscore, and nowhere else. */
function broken(grant: GrantCell['grant']): readonly Markup[] {
  return grant.split(/(?<=_)/).map((part, i) => (i === 0 ? h`${part}` : h`<wbr>${part}`))
}

interface Columns {
  readonly grants: readonly GrantCell['grant'][]
  /** There are several issuers: each line says which. */
  readonly several: boolean
  readonly language: Language
}

function clientRow({ client, tokenEndpoint, grants }: IssuerRecord, columns: Columns): Markup {
  const cells = columns.grants.map((grant) => {
    const cell = grants.find((one) => one.grant === grant)
    return cell === undefined ? h`<td></td>` : grantCell(cell, columns.language)
  })
  const where = columns.several ? h`<span class="who">${tokenEndpoint}</span>` : undefined
  return h`<tr><th scope="row"><span class="mono">${client}</span>${where}</th>${cells}</tr>`
}

function grantCell(cell: GrantCell, language: Language): Markup {
  const state = marks[cell.outcome]
  return h`<td class="${state}" data-label="${cell.grant}" title="${cell.reason === undefined ? cell.probes.join(' ') : told(cell.reason, language)}"><span class="word">${drawing(stateMark(state))}${outcomeWord(cell, language)}</span></td>`
}
