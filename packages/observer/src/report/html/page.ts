// The report as one HTML file: nothing is fetched, no script runs, and a strict policy says so. One language, or both with a
// switch that needs no script.
import { createHash } from 'node:crypto'
import { stylesheet, ticketSvg } from 'look'
import { type PostureField, postureFields } from '../../judgement/posture.ts'
import type { Observation, ReportOptions } from '../../observation.ts'
import { told } from '../told.ts'
import { countWords, overallMark, priorityWords, resultWords } from '../words.ts'
import { contradictionsSection, findingsSection } from './findings-section.ts'
import { grantsSection } from './grants-section.ts'
import { drawing, h, type Markup, when } from './markup.ts'
import { matrixPicture } from './matrix-picture.ts'
import { passiveSection } from './passive-section.ts'
import { hypothesisWords, phrase, postureWords } from './phrases.ts'
import { guidelinesSection, placesSection, tiersSection } from './places-section.ts'
import { residualSection } from './residual-section.ts'
import { reportStyle } from './style.ts'
import { timelineSection } from './timeline.ts'

type Language = 'ja' | 'en'

const style = `${stylesheet}${reportStyle}`
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** `both`: a sheet for each language, the one of `language` shown first. */
export function renderHtml(observation: Observation, options: ReportOptions & { readonly both?: boolean } = {}): string {
  const first: Language = options.language ?? 'en'
  const sheets: readonly Language[] = options.both ? ['ja', 'en'] : [first]
  const page = h`<html lang="${first}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">
<title>${titleOf(observation, first)}</title>
<style>${drawing(style)}</style></head><body>
${when(options.both, () => switchOf(first))}
${sheets.map((one) => sheet(observation, one))}
</body></html>`
  return `<!doctype html>\n${page.text}\n`
}

function titleOf(observation: Observation, language: Language): string {
  return `${overallMark(observation).word[language]} – ${phrase('title', language)}`
}

/** Two radio buttons before the sheets; the stylesheet shows the one that is chosen. */
function switchOf(first: Language): Markup {
  const button = (language: Language) =>
    drawing(`<input class="switch" type="radio" name="language" id="show-${language}"${language === first ? ' checked' : ''}>`)
  return h`${button('ja')}${button('en')}
<div class="switch-labels"><label for="show-ja" lang="ja">日本語</label><label for="show-en" lang="en">English</label></div>`
}

function sheet(observation: Observation, language: Language): Markup {
  return h`<div class="sheet" lang="${language}">
<header class="site"><span class="name">Kimei</span><span class="soft">${phrase('title', language)}</span></header>
<main>
${verdict(observation, language)}
${notes(observation, language)}
<section><h2>${phrase('matrix', language)}</h2><p>${phrase('matrixLead', language)}</p>${matrixPicture(observation, language)}</section>
${findingsSection(observation, language)}
${grantsSection(observation, language)}
${contradictionsSection(observation, language)}
${passiveSection(observation, language)}
${tiersSection(observation, language)}
${residualSection(observation, language)}
${timelineSection(observation, language)}
${placesSection(observation, language)}
${guidelinesSection(observation, language)}
</main>
<footer class="site"><span>${phrase('footer', language)}</span><span class="mono">${observation.format}</span></footer></div>`
}

const kinds = { named: { kind: 'named' }, exposed: { kind: 'bearer' }, unknown: { kind: 'unknown' } } as const

function verdict(observation: Observation, language: Language): Markup {
  const { overall, posture, counts, record, hypothesis, startedAt, finishedAt } = observation
  const result = resultWords(observation, language)
  const priority = record.action_priority
  const fields = Object.keys(postureFields) as PostureField[]
  const time = (at: number) => new Date(at * 1000).toISOString().replace('T', ' ').slice(0, 19)
  return h`<section class="card verdict">
<div>${drawing(ticketSvg(kinds[overall], language, phrase('result', language)))}</div>
<div><h1>${result}</h1><p>${phrase('lead', language)}</p></div>
<dl>
<dt>${phrase('priority', language)}</dt><dd>${priority === 'none' ? priorityWords.none[language] : h`<span class="pill ${priority}">${priority}</span>${priorityWords[priority][language]}`}</dd>
<dt>${phrase('posture', language)}</dt><dd><code class="key">${observation.bindingKeyPosture}</code>
<ul class="fields">${fields.map((field) => h`<li><span class="soft">${postureWords[field][language]}</span><span class="mono">${posture[field]}</span></li>`)}</ul></dd>
<dt>${phrase('hypothesis', language)}</dt><dd>${hypothesisWords[hypothesis][language]}</dd>
<dt>${phrase('counts', language)}</dt><dd>${countWords(counts, language)}</dd>
<dt>${phrase('when', language)}</dt><dd>${time(startedAt)} – ${time(finishedAt).slice(11)} UTC</dd>
</dl></section>`
}

function notes({ stopped, warnings, missing }: Observation, language: Language): Markup | undefined {
  const lines = [
    ...(stopped === undefined ? [] : [`${phrase('stopped', language)}: ${told(stopped, language)}`]),
    ...warnings.map((warning) => warning[language]),
    ...missing.map((gap) => `${phrase('missing', language)}: ${gap}`),
  ]
  return when(
    lines.length,
    () =>
      h`<div class="message warn"><p><strong>${phrase('warnings', language)}</strong></p>${lines.map((line) => h`<p>${line}</p>`)}</div>`,
  )
}
