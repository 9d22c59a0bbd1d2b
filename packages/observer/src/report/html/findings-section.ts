// The findings: what is wrong, where, who acts and how, with the exchanges that prove it; and what is declared otherwise.

import { passiveKindWords } from '../../evidence/words.ts'
import type { Contradiction, Finding, Observation } from '../../observation.ts'
import { exchangesOf, isAccepted } from '../places.ts'
import { priorityWords } from '../words.ts'
import { exchangeList } from './exchanges.ts'
import { h, type Markup, when } from './markup.ts'
import { ownerWords, phrase, tierWords } from './phrases.ts'

type Language = 'ja' | 'en'

/** A finding at more places than these names the others; their exchanges are in the other formats. */
const mostPlaces = 40

export function findingsSection(observation: Observation, language: Language): Markup {
  const { findings } = observation
  const alike = [...Map.groupBy(findings, ({ priority, kind, acceptance }) => JSON.stringify([priority, kind, acceptance])).values()]
  return h`<section><h2>${phrase('findings', language)}</h2>
${alike.length === 0 ? h`<p>${phrase('noFindings', language)}</p>` : alike.map((same) => findingCard(observation, same, language))}
</section>`
}

/** One card for the same finding at all its places. */
function findingCard(observation: Observation, same: readonly Finding[], language: Language): Markup {
  const first = same[0]!
  const { kind, priority, title, owner, control } = first
  const all = (of: (finding: Finding) => readonly string[]) => [...new Set(same.flatMap(of))]
  const tiers = all(({ tier }) => [tierWords[tier].title[language]]).join(' · ')
  const where = same.length === 1 ? first.subject : phrase('places', language, { count: same.length })
  const ids = same.length === 1 ? first.id : `${first.id} … ${same.at(-1)!.id}`
  const own = same.length === 1 ? h` id="${language}-${first.id}"` : undefined
  return h`<article class="finding ${priority}${isAccepted(first) ? ' accepted' : ''}"${own}>
<h3><span class="pill ${priority}">${priority} ${priorityWords[priority][language]}</span>${title[language]}</h3>
<dl>
<dt>${phrase('where', language)}</dt><dd class="mono">${where}</dd>
<dt>${phrase('who', language)}</dt><dd>${ownerWords[owner][language]}</dd>
<dt>${phrase('what', language)}</dt><dd>${control[language]}</dd>
<dt>${phrase('tier', language)}</dt><dd>${tiers}</dd>
${acceptance(first, language)}
<dt>${phrase('rules', language)}</dt><dd class="mono">${all(({ probes, rules }) => [...probes, ...rules]).join(' ')} <span class="soft">(${ids} ${kind})</span></dd>
<dt>${phrase('guides', language)}</dt><dd>${guides(observation, first)}</dd>
</dl>
${same.length === 1 ? proofs(observation, first, language) : placesOf(observation, same, language)}
</article>`
}

function guides({ guidelines: { versions, attack: techniques } }: Observation, { asvs, wstg, attack }: Finding): string {
  const edition = (technique: string) => techniques.find((one) => one.id === technique)?.version ?? ''
  return [
    `ASVS ${versions.asvs}: ${asvs.join(' ')}`,
    `WSTG ${versions.wstg}: ${wstg.join(' ')}`,
    `ATT&CK: ${attack.map((one) => `${one} (${edition(one)})`).join(' ')}`,
  ].join(' · ')
}

function placesOf(observation: Observation, same: readonly Finding[], language: Language): Markup {
  const shown = same.slice(0, mostPlaces)
  const rest = same.slice(mostPlaces)
  const place = (finding: Finding) => {
    const exchanges = exchangesOf(observation, finding.evidence)
    return h`<details id="${language}-${finding.id}"><summary><span class="mono">${finding.subject}</span> <span class="soft">${finding.id} · ${phrase('exchanges', language)} (${exchanges.length})</span></summary>${exchangeList(exchanges, language)}</details>`
  }
  const others = rest.map(({ id, subject }) => h`<span id="${language}-${id}">${id} ${subject}</span>, `)
  return h`${shown.map(place)}${when(
    rest.length,
    () => h`<details><summary>${phrase('restOfApis', language, { count: rest.length })}</summary><p class="mono">${others}</p>
<p class="soft">${phrase('restOfPlaces', language, { count: shown.length })}</p></details>`,
  )}`
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
