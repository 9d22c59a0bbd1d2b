// The coverage matrix as a picture: a table whose cells carry a mark and a word, in cards where the screen is narrow.
import { stateMark } from 'look'
import type { Observation } from '../../observation.ts'
import { restWords, worstFirst } from '../api-table.ts'
import { cellWords, type MatrixCell, type MatrixRow, matrixOf } from '../matrix.ts'
import { told } from '../told.ts'
import { columnWord, entranceOf, entranceWords, errorSentence, head } from '../words.ts'
import { drawing, h, type Markup } from './markup.ts'
import { phrase } from './phrases.ts'

type Language = 'ja' | 'en'

const mostRows = 25

export function matrixPicture({ apis }: Observation, language: Language): Markup {
  const sorted = worstFirst(apis)
  const matrix = matrixOf(sorted.slice(0, mostRows))
  const heads = matrix.carriers.map(({ title }) => h`<th scope="col">${title[language]}</th>`)
  const columns = (['dpop', 'tls', 'policy', 'errors'] as const).map((name) => h`<th scope="col">${head(name, language)}</th>`)
  return h`<div class="wide"><table class="matrix cards">
<thead><tr><th scope="col">${phrase('api', language)}</th>${heads}</tr></thead>
<tbody>${matrix.rows.map((row) => matrixRow(row, language))}</tbody>
</table></div>
<h3 class="after">${phrase('columns', language)}</h3>
<div class="wide"><table class="cards">
<thead><tr><th scope="col">${phrase('api', language)}</th><th scope="col">${head('stolen', language)}</th>${columns}</tr></thead>
<tbody>${matrix.rows.map(({ record }) => columnRow(record, language))}</tbody>
</table></div>${restOf(sorted.slice(mostRows), language)}`
}

/** More rows than these nobody reads: the others are counted by what they answer, with their names in the fold. */
function restOf(rest: Observation['apis'], language: Language): Markup | undefined {
  if (rest.length === 0) return undefined
  const alike = [...Map.groupBy(rest, entranceOf)].map(([entrance, list]) => {
    const { mark, word } = entranceWords[entrance]
    const names = list.map(({ method, api, client }) => `${method} ${api} (${client})`).join(', ')
    return h`<p>${mark} ${word[language]} (${list.length}): <span class="mono">${names}</span></p>`
  })
  return h`<details><summary>${phrase('restOfApis', language, { count: rest.length })}: ${restWords(rest, language)}</summary>${alike}</details>`
}

function name({ method, api, client, privilege }: Observation['apis'][number], language: Language): Markup {
  const under = `${phrase('client', language)} ${client} · ${phrase('privilege', language)} ${columnWord(privilege, language)}`
  return h`<span class="mono">${method} ${api}</span><span class="who">${under}</span>`
}

function matrixRow({ record, cells }: MatrixRow, language: Language): Markup {
  return h`<tr><th scope="row">${name(record, language)}</th>${cells.map((cell) => matrixCell(cell, language))}</tr>`
}

function matrixCell({ carrier, state, detail }: MatrixCell, language: Language): Markup {
  const word = cellWords[state].word[language]
  return h`<td class="${state}" data-label="${carrier.title[language]}" title="${told(detail, language)}"><span class="word">${drawing(stateMark(state))}${word}</span></td>`
}

/** What every table of results has: whether DPoP is demanded, how it refuses, whether TLS asks for a certificate, whether it differs. */
function columnRow(record: Observation['apis'][number], language: Language): Markup {
  const { dpop, tlsCertificateRequest, policy } = record.columns
  const cell = (label: string, value: string) => h`<td data-label="${label}">${value}</td>`
  return h`<tr><th scope="row">${name(record, language)}</th>
${cell(head('stolen', language), entranceWords[entranceOf(record)].word[language])}
${cell(head('dpop', language), columnWord(dpop, language))}
${cell(head('tls', language), columnWord(tlsCertificateRequest, language))}
${cell(head('policy', language), columnWord(policy, language))}
${cell(head('errors', language), errorSentence(record, language))}</tr>`
}
