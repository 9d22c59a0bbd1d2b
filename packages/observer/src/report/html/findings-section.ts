// The findings: what is wrong, where, who acts and how, with the exchanges that prove it; and what is declared otherwise.

import { passiveKindWords } from '../../evidence/words.ts'
import type { Contradiction, Finding, Observation } from '../../observation.ts'
import { exchangesOf, isAccepted } from '../places.ts'
import { priorityWords } from '../words.ts'
import { exchangeList } from './exchanges.ts'
import { h, type Markup, when } from './markup.ts'
import { ownerWords, phrase, tierWords } from './phrases.ts'

type Language = 'ja' | 'en'

export function findingsSection(observation: Observation, language: Language): Markup {
  const { findings } = observation
  return h`<section><h2>${phrase('findings', language)}</h2>
${findings.length === 0 ? h`<p>${phrase('noFindings', language)}</p>` : findings.map((finding) => findingCard(observation, finding, language))}
</section>`
}

function findingCard(observation: Observation, finding: Finding, language: Language): Markup {
  const { id, kind, priority, title, subject, tier, owner, control, probes, rules, asvs, wstg, attack } = finding
  const { versions, attack: techniques } = observation.guidelines
  const edition = (technique: string) => techniques.find((one) => one.id === technique)?.version ?? ''
  const ids = [
    `ASVS ${versions.asvs}: ${asvs.join(' ')}`,
    `WSTG ${versions.wstg}: ${wstg.join(' ')}`,
    `ATT&CK: ${attack.map((one) => `${one} (${edition(one)})`).join(' ')}`,
  ]
  return h`<article class="finding ${priority}${isAccepted(finding) ? ' accepted' : ''}" id="${language}-${id}">
<h3><span class="pill ${priority}">${priority} ${priorityWords[priority][language]}</span>${title[language]}</h3>
<dl>
<dt>${phrase('where', language)}</dt><dd class="mono">${subject}</dd>
<dt>${phrase('who', language)}</dt><dd>${ownerWords[owner][language]}</dd>
<dt>${phrase('what', language)}</dt><dd>${control[language]}</dd>
<dt>${phrase('tier', language)}</dt><dd>${tierWords[tier].title[language]}</dd>
${acceptance(finding, language)}
<dt>${phrase('rules', language)}</dt><dd class="mono">${[...probes, ...rules].join(' ')} <span class="soft">(${id} ${kind})</span></dd>
<dt>${phrase('guides', language)}</dt><dd>${ids.join(' · ')}</dd>
</dl>
${proofs(observation, finding, language)}
</article>`
}

function acceptance({ acceptance: given }: Finding, language: Language): Markup | undefined {
  return when(given, () => {
    const { owner, reason, until, ended } = given!
    const words = phrase('acceptedWords', language, { owner, until, reason })
    return h`<dt>${phrase('accepted', language)}</dt><dd>${words}${ended ? h` <strong>${phrase('acceptedEnded', language)}</strong>` : undefined}</dd>`
  })
}

function proofs(observation: Observation, { evidence }: Finding, language: Language): Markup {
  const exchanges = exchangesOf(observation, evidence)
  if (exchanges.length === 0) return h`<p class="soft">${phrase('fromInventory', language)}</p>`
  return h`<details><summary>${phrase('exchanges', language)} (${exchanges.length})</summary>${exchangeList(exchanges, language)}</details>`
}

export function contradictionsSection({ contradictions }: Observation, language: Language): Markup {
  const heads = (['where', 'declared', 'observed', 'by'] as const).map((name) => h`<th scope="col">${phrase(name, language)}</th>`)
  const body =
    contradictions.length === 0
      ? h`<p>${phrase('noContradictions', language)}</p>`
      : h`<div class="wide"><table class="cards"><thead><tr>${heads}</tr></thead><tbody>${contradictions.map((one) => contradictionRow(one, language))}</tbody></table></div>`
  return h`<section><h2>${phrase('contradictions', language)}</h2>${body}</section>`
}

function contradictionRow({ at, client, declared, observed, by, text }: Contradiction, language: Language): Markup {
  const source =
    by === 'inventory'
      ? phrase('byInventory', language)
      : by === 'metadata'
        ? phrase('byMetadata', language)
        : passiveKindWords[by][language]
  return h`<tr><th scope="row"><span class="mono">${at}</span><span class="who">${phrase('client', language)} ${client}</span></th>
<td data-label="${phrase('declared', language)}"><span class="mono">${declared}</span></td>
<td data-label="${phrase('observed', language)}"><span><span class="mono">${observed}</span><br>${text[language]}</span></td>
<td data-label="${phrase('by', language)}">${source}</td></tr>`
}
