// The report after its first screen: findings with their controls, every probe with its answer, guidelines.

import { displayWidth, mark, padDisplay } from 'look'
import { passiveHead, passiveLines } from '../evidence/words.ts'
import type { ApiRecord, Finding, IssuerRecord, Observation, ProbeResult } from '../observation.ts'
import { rows, wrapped, wrappedRows } from './columns.ts'
import type { TextLook } from './finding-lines.ts'
import { grantLines } from './grant-words.ts'
import { apiFacts, type Fact, issuerFacts } from './place-words.ts'
import { residualLines } from './residual-words.ts'
import { tlsTitle, tlsVersionWords } from './tls-words.ts'
import { told } from './told.ts'
import { answerOf, head, tierWords } from './words.ts'

const tint = { holds: 'green', violated: 'red', inconclusive: 'yellow', 'not-applicable': 'dim' } as const

/** Narrower than this, an answer stands behind its sentence, not before it. */
const roomForAnswers = 96

/** Everything after the first screen. */
export function detail(observation: Observation, look: TextLook): string[] {
  const { language, paint, width } = look
  const { findings, issuers, apis, guidelines, threat } = observation
  const of = (name: Parameters<typeof head>[0]) => head(name, language)
  return [
    paint('bold', of('detail')),
    ...findings.flatMap((finding) => findingDetail(finding, look)),
    ...contradictionLines(observation, look),
    ...statementLines(observation, look),
    ...passiveDetail(observation, look),
    ...grantLines(issuers, look),
    ...residualLines(observation, look),
    ...issuers.flatMap((record) => ['', ...issuerHead(record, look), ...tlsLines(record, look), ...probeLines(record.probes, look)]),
    ...apis.flatMap((record) => ['', ...apiHead(record, look), ...tlsLines(record, look), ...probeLines(record.probes, look)]),
    '',
    paint('bold', of('threat')),
    ...wrapped(threat[language], width, '  '),
    '',
    paint('bold', of('guidelines')),
    ...wrappedRows(
      [
        ['ASVS', guidelines.asvs.map(({ id }) => id).join(' ')],
        ['WSTG', guidelines.wstg.map(({ id }) => id.replace('WSTG-', '')).join(' ')],
        ['PTES', `${guidelines.ptes.phases.join(', ')}: ${guidelines.ptes.linkage[language]}`],
        ['ATT&CK', guidelines.attack.map(({ id, version, tactics }) => `${id} (${version}: ${tactics.join(', ')})`).join('; ')],
      ],
      width,
    ),
  ]
}

function findingDetail(finding: Finding, { language, paint, width }: TextLook): string[] {
  const { id, kind, priority, owner, tier, title, control, subject, probes, rules, asvs, wstg, attack, next, acceptance } = finding
  const exception = acceptance && `${acceptance.owner}, ${head('acceptedUntil', language)} ${acceptance.until}: ${acceptance.reason}`
  const guides = [...asvs.map((one) => `ASVS ${one}`), ...wstg, ...attack].join(' · ')
  return [
    '',
    ...wrapped(`${id}  ${priority}  ${title[language]}`, width, '').map((line) => paint('bold', line)),
    ...wrappedRows(
      [
        [head('where', language), subject],
        [head(`by`, language), head(`owner${owner}`, language)],
        [head('control', language), control[language]],
        [head('certainty', language), tierWords[tier][language]],
        [head('kind', language), kind],
        ...(probes.length + rules.length === 0 ? [] : ([[head('rules', language), [...probes, ...rules].join(' ')]] as const)),
        [head('guidelines', language), guides],
        ...(exception === undefined ? [] : ([[head('accepted', language), exception]] as const)),
        [head('next', language), next.join(' ')],
      ],
      width,
    ),
  ]
}

/** Declared against observed: nothing where they agree. */
function contradictionLines({ contradictions }: Observation, { language, paint, width }: TextLook): string[] {
  if (contradictions.length === 0) return []
  const lines = contradictions.flatMap(({ at, client, declared, observed, text }) => [
    ...wrapped(`${at} (${client})  ${head('declared', language)}: ${declared} · ${head('observed', language)}: ${observed}`, width, '  '),
    ...wrapped(text[language], width, '    '),
  ])
  return ['', paint('bold', head('contradictions', language)), ...lines]
}

/** The three tiers: what was seen, what follows from it, what is not said. */
function statementLines({ statements, notClaimed }: Observation, { language, paint, width }: TextLook): string[] {
  const said = statements.map(({ tier, text }): [string, string] => [tierWords[tier][language], text[language]])
  const all = wrappedRows([...said, [tierWords['not-claimable'][language], notClaimed[language]]], width)
  return ['', paint('bold', head('statements', language)), ...all]
}

function passiveDetail({ passive = [] }: Observation, { language, paint, width }: TextLook): string[] {
  if (passive.length === 0) return []
  return ['', paint('bold', passiveHead[language]), ...passiveLines(passive, language, { most: 20, width })]
}

function issuerHead(record: IssuerRecord, look: TextLook): string[] {
  return placeHead(`POST ${record.tokenEndpoint}`, issuerFacts(record, look.language), look)
}

function apiHead(record: ApiRecord, look: TextLook): string[] {
  return placeHead(`${record.method} ${record.url}`, apiFacts(record, look.language), look)
}

function placeHead(title: string, facts: readonly Fact[], { paint, width }: TextLook): string[] {
  return [...wrapped(title, width, '').map((line) => paint('bold', line)), ...wrappedRows(facts, width)]
}

/** What the handshakes of the place showed. */
function tlsLines({ tls }: IssuerRecord | ApiRecord, { language, paint, width }: TextLook): string[] {
  if (tls === undefined) return []
  const versions = tlsVersionWords(tls, language).flatMap(({ title, details }) => [
    ...wrapped(title, width, '    '),
    ...details.flatMap((one) => wrapped(one, width, '      ')),
  ])
  return [...wrapped(tlsTitle(tls, language), width, '  '), ...versions].map((line) => paint('dim', line))
}

/** What has no subject here, or needed no asking any more, is one line each, not one for each probe. */
function probeLines(probes: readonly ProbeResult[], { language, paint, width }: TextLook): string[] {
  const moot = Map.groupBy(
    probes.filter(({ verdict, reason, evidence }) => verdict === 'inconclusive' && evidence.length === 0 && reason !== undefined),
    ({ reason }) => reason!,
  )
  const grouped = new Set([...moot.values()].filter((list) => list.length > 1).flat())
  const judged = probes.filter((one) => one.verdict !== 'not-applicable' && !grouped.has(one))
  const others = probes.filter(({ verdict }) => verdict === 'not-applicable')
  const answer = (answered: string, reason: string | undefined) => told(reason ?? answerOf(answered), language)
  const besideAnswer = (answered: string, reason: string | undefined) => (width < roomForAnswers ? '' : shortly(answer(answered, reason)))
  const heads = rows(
    judged.map(({ verdict, probe, answered, reason }) => [
      mark(verdict, { color: false, language }),
      probe,
      besideAnswer(answered, reason),
    ]),
  )
  const indent = ' '.repeat(Math.max(0, ...heads.map(displayWidth)) + 2)
  const lines = judged.flatMap(({ verdict, says, answered, reason }, index) => {
    const after = besideAnswer(answered, reason) === '' ? ` → ${together(answer(answered, reason))}` : ''
    const [first = '', ...others] = wrapped(`${says[language]}${after}`, width, indent)
    return [padDisplay(heads[index]!, indent.length) + first.trimStart(), ...others].map((line) => paint(tint[verdict], line))
  })
  const list = (verdict: ProbeResult['verdict'], ones: readonly ProbeResult[], why = '') =>
    wrapped(`${mark(verdict, { color: false, language })}${why}: ${ones.map(({ probe }) => probe).join(' ')}`, width, '  ')
  return [
    ...lines,
    ...[...moot].filter(([, ones]) => ones.length > 1).flatMap(([why, ones]) => list('inconclusive', ones, ` (${told(why, language)})`)),
    ...(others.length === 0 ? [] : list('not-applicable', others).map((line) => paint('dim', line))),
  ]
}

/** A short answer stays on one line. */
function together(answer: string): string {
  return displayWidth(answer) <= 24 ? answer.replaceAll(' ', '\u00a0') : answer
}

/** What fits beside the sentence. */
function shortly(answer: string): string {
  return displayWidth(answer) <= 24 ? answer : ''
}
