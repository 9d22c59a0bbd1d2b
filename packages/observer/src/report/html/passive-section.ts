// What was read beside the observation, as a table for each source. It stands after the contradictions, and confirms nothing.
import { byStrength, type PassiveReading, type PassiveStatement } from '../../evidence/reading.ts'
import { labelWords, passiveHead, passiveKindWords, saysWords, subjectWords } from '../../evidence/words.ts'
import type { Observation } from '../../observation.ts'
import { h, type Markup, when } from './markup.ts'
import { phrase } from './phrases.ts'

type Language = 'ja' | 'en'

const mostRows = 60

export function passiveSection({ passive = [] }: Observation, language: Language): Markup | undefined {
  return when(
    passive.length > 0,
    () => h`<section><h2>${passiveHead[language]}</h2><p>${phrase('passiveLead', language)}</p>
${byStrength(passive).map((one) => source(one, language))}</section>`,
  )
}

function source({ source: name, kind, label, read, statements, notes }: PassiveReading, language: Language): Markup {
  const heads = (['where', 'says'] as const).map((title) => h`<th scope="col">${phrase(title, language)}</th>`)
  const shown = statements.slice(0, mostRows)
  const table = h`<div class="wide"><table class="cards"><thead><tr>${heads}</tr></thead><tbody>${shown.map((one) => row(one, language))}</tbody></table></div>`
  return h`<h3>${name} <span class="soft">${passiveKindWords[kind][language]} · ${labelWords[label][language]} · ${read}</span></h3>
${when(shown.length > 0, () => table)}${when(statements.length > mostRows, () => h`<p class="soft">… ${statements.length - mostRows}</p>`)}
${notes.map((note) => h`<p class="soft">${note[language]}</p>`)}`
}

function row({ at, place, about, says, text }: PassiveStatement, language: Language): Markup {
  const { mark, word } = saysWords[says]
  return h`<tr><th scope="row"><span class="mono">${at ?? place}</span><span class="who">${at === undefined ? '' : place}</span></th>
<td data-label="${phrase('says', language)}"><span>${mark} ${subjectWords[about][language]}: ${word[language]}<br>${text[language]}</span></td></tr>`
}
