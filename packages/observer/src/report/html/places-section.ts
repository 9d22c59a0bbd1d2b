// Every place in detail, what may be said and what not, guidelines with their editions: the lower half of the page.
import { mark } from 'look'
import type { ApiRecord, IssuerRecord, Observation, ProbeResult, Tier } from '../../observation.ts'
import { worstFirst } from '../api-table.ts'
import { apiFacts, issuerFacts } from '../place-words.ts'
import { placeOf } from '../places.ts'
import { tlsTitle, tlsVersionWords } from '../tls-words.ts'
import { told } from '../told.ts'
import { readinessWords } from '../words.ts'
import { h, type Markup, when } from './markup.ts'
import { phrase, tierWords } from './phrases.ts'

type Language = 'ja' | 'en'

const mostPlaces = 30
const mostOpenLines = 20

export function tiersSection(observation: Observation, language: Language): Markup {
  const tiers: readonly Tier[] = ['confirmed', 'inferred', 'not-claimable']
  return h`<section><h2>${phrase('tiers', language)}</h2><div class="tiers">${tiers.map((tier) => tierCard(observation, tier, language))}</div></section>`
}

function tierCard(observation: Observation, tier: Tier, language: Language): Markup {
  const { statements, findings, notClaimed } = observation
  const said = statements
    .filter((one) => one.tier === tier)
    .map((one) => h`<li>${one.text[language]} <span class="soft">${groundsOf(one.grounds)}</span></li>`)
  const alike = [
    ...Map.groupBy(
      findings.filter((one) => one.tier === tier),
      ({ priority, kind }) => `${priority} ${kind}`,
    ).values(),
  ]
  const found = alike.map((same) => {
    const { id, title, subject } = same[0]!
    const where = same.length === 1 ? subject : phrase('places', language, { count: same.length })
    return h`<li><a href="#${language}-${id}">${id}</a> ${title[language]} <span class="soft">${where}</span></li>`
  })
  const silent = tier === 'not-claimable' ? [h`<li>${notClaimed[language]}</li>`, ...openLines(observation, language)] : []
  const lines = [...said, ...found, ...silent]
  const { title, lead } = tierWords[tier]
  return h`<div class="card"><h3>${title[language]}</h3><p class="soft">${lead[language]}</p><ul>${lines.length === 0 ? h`<li>–</li>` : lines}</ul></div>`
}

function groundsOf(grounds: readonly string[]): string {
  return grounds.length <= 6 ? grounds.join(' ') : `${grounds.slice(0, 6).join(' ')} … (${grounds.length})`
}

/** What stayed open, one line for each reason. */
function openLines({ issuers, apis }: Observation, language: Language): Markup[] {
  const open = [...issuers, ...apis].flatMap((record) =>
    record.probes
      .filter(({ verdict }) => verdict === 'inconclusive')
      .map(({ probe, reason, answered }) => ({
        place: `${placeOf(record).at} (${record.client})`,
        probe,
        why: told(reason ?? answered, language),
      })),
  )
  const alike = [...Map.groupBy(open, ({ place, why }) => `${place}: ${why}`)]
  const lines = alike
    .slice(0, mostOpenLines)
    .map(
      ([why, same]) =>
        h`<li>${phrase('notObserved', language)}: <span class="mono">${same.map(({ probe }) => probe).join(' ')}</span> — ${why}</li>`,
    )
  const rest = alike.length - lines.length
  return rest === 0 ? lines : [...lines, h`<li>${phrase('restOfApis', language, { count: rest })}</li>`]
}

export function placesSection({ issuers, apis }: Observation, language: Language): Markup {
  const records = [...issuers, ...worstFirst(apis)]
  const shown = records.slice(0, mostPlaces)
  return h`<section><h2>${phrase('details', language)}</h2>${shown.map((record) => place(record, language))}
${when(records.length > shown.length, () => h`<p class="soft">${phrase('restOfPlaces', language, { count: shown.length })}</p>`)}</section>`
}

function place(record: ApiRecord | IssuerRecord, language: Language): Markup {
  const { kind, at, method, url, client } = placeOf(record)
  const title = kind === 'api' ? `${method} ${at} (${client})` : `${at} (${client})`
  const judged = record.probes.filter(({ verdict }) => verdict !== 'not-applicable')
  const others = record.probes.filter(({ verdict }) => verdict === 'not-applicable').map(({ probe }) => probe)
  const facts = 'api' in record ? apiFacts(record, language) : issuerFacts(record, language)
  return h`<details><summary><span class="mono">${title}</span> <span class="soft">${tally(judged, language)}</span></summary>
<p class="mono">${url}</p>
<dl>${facts.map(([name, words]) => h`<dt>${name}</dt><dd>${words}</dd>`)}</dl>
${tlsLines(record, language)}
${when(judged.length, () => probeTable(judged, language))}
${when(others.length, () => h`<p class="soft">${phrase('notApplicable', language)}: <span class="mono">${others.join(' ')}</span></p>`)}
${readiness(record, language)}</details>`
}

/** What the handshakes of the place showed. */
function tlsLines({ tls }: ApiRecord | IssuerRecord, language: Language): Markup | undefined {
  if (tls === undefined) return undefined
  const lines = tlsVersionWords(tls, language).map(({ title, details }) => h`<li>${title}${details.map((one) => h`<br>${one}`)}</li>`)
  return h`<p>${tlsTitle(tls, language)} <span class="soft mono">${groundsOf(tls.evidence)}</span></p><ul class="soft">${lines}</ul>`
}

/** `✓ holds 18 · ✗ violated 3`: nothing that there is none of. */
function tally(probes: readonly ProbeResult[], language: Language): string {
  const counted = (['violated', 'inconclusive', 'holds'] as const).map((verdict) => {
    const count = probes.filter((probe) => probe.verdict === verdict).length
    return count === 0 ? '' : `${mark(verdict, { color: false, language })} ${count}`
  })
  return counted.filter((one) => one !== '').join(' · ')
}

function probeTable(probes: readonly ProbeResult[], language: Language): Markup {
  const heads = (['control', 'verdict', 'answered'] as const).map((name) => h`<th scope="col">${phrase(name, language)}</th>`)
  const row = ({ probe, says, cite, level, verdict, answered, reason }: ProbeResult) => h`<tr>
<th scope="row"><span class="mono">${probe}</span> ${says[language]}<span class="who">${cite} ${level}</span></th>
<td class="${verdict}" data-label="${phrase('verdict', language)}">${mark(verdict, { color: false, language })}</td>
<td data-label="${phrase('answered', language)}">${told(reason ?? answered, language)}</td></tr>`
  return h`<div class="wide"><table class="cards"><thead><tr>${heads}</tr></thead><tbody>${probes.map(row)}</tbody></table></div>`
}

function readiness(record: ApiRecord | IssuerRecord, language: Language): Markup | undefined {
  if (!('readiness' in record) || record.readiness === undefined) return undefined
  const lines = record.readiness.map(({ verdict, says, cite, seen, mend }) => {
    const { mark: sign, word } = readinessWords[verdict]
    return h`<tr><th scope="row">${says[language]}<span class="who">${cite}</span></th><td>${sign} ${word[language]}</td><td>${seen}${mend ? h`<br>${mend[language]}` : undefined}</td></tr>`
  })
  return h`<h4>${phrase('readiness', language)}</h4><div class="wide"><table class="cards"><tbody>${lines}</tbody></table></div>`
}

export function guidelinesSection({ guidelines, next, threat }: Observation, language: Language): Markup {
  const { versions, asvs, wstg, ptes, attack } = guidelines
  const row = (name: string, version: string, words: readonly string[]) =>
    h`<tr><th scope="row">${name}<span class="who">${version}</span></th><td>${words.join(' · ')}</td></tr>`
  return h`<section><h2>${phrase('next', language)}</h2><ul>${next.map(({ step, text }) => h`<li><span class="pill plain">${step}</span> ${text[language]}</li>`)}</ul>
<p><span class="soft">${phrase('threat', language)}:</span> ${threat[language]}</p></section>
<section><h2>${phrase('guidelines', language)}</h2><table class="cards"><tbody>
${row(
  'OWASP ASVS',
  versions.asvs,
  asvs.map(({ id, point }) => `${id} ${point}`),
)}
${row(
  'OWASP WSTG',
  versions.wstg,
  wstg.map(({ id, title }) => `${id} ${title}`),
)}
${row('PTES', '', [...ptes.phases, ptes.linkage[language]])}
${row(
  'MITRE ATT&CK',
  [...new Set(attack.map(({ version }) => version))].join(' '),
  attack.map(({ id, tactics }) => `${id} (${tactics.join(', ')})`),
)}
</tbody></table></section>`
}
