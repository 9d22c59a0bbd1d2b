// One finding, control or rule explained to the end: what it says, what it proves and does not, the exchanges, and the command
// that shows it again. A command is given only where the inventory allows one: own tickets, reading requests, consent in force.
import { catalogue, type Language, Misuse, type RuleId, type Seconds, type Text } from '@kimei/protocol'
import { mark } from 'look'
import type { ApiEntry, Inventory } from '../inventory/inventory.ts'
import { carrierOf } from '../inventory/other-credentials.ts'
import { isLoopback } from '../inventory/targets.ts'
import type { Evidence, Finding, Observation, ProbeResult, ReportOptions } from '../observation.ts'
import { lineWidth, plain, wrapped, wrappedRows } from './columns.ts'
import { exchangeLines } from './exchange-text.ts'
import type { TextLook } from './finding-lines.ts'
import { painter } from './paint.ts'
import { exchangesOf } from './places.ts'
import { told } from './told.ts'
import { head, tierWords } from './words.ts'

export interface ExplainOptions extends ReportOptions {
  /** Without one there is no command. */
  readonly inventory?: Inventory
  readonly inventoryPath?: string
  readonly now: Seconds
}

const words = {
  control: { ja: '確認', en: 'Control' },
  rule: { ja: '規則', en: 'Rule' },
  source: { ja: '出典', en: 'source' },
  proves: { ja: '守られていればわかること', en: 'where it holds, proves' },
  doesNotProve: { ja: 'それでもわからないこと', en: 'does not prove' },
  verdict: { ja: '判定', en: 'verdict' },
  exchanges: { ja: 'やり取り', en: 'Exchanges' },
  none: { ja: 'やり取りはありません（持ち主の申告による）。', en: 'No exchange: it rests on the word of the owner.' },
  again: { ja: 'もう一度確かめる', en: 'See it again' },
  ownToken: {
    ja: 'KIMEI_TOKEN には、自分の試験用クライアントの切符を入れてください。',
    en: 'KIMEI_TOKEN is a ticket of your own test client.',
  },
  ownCredential: {
    ja: 'KIMEI_CREDENTIAL には、自分の試験用アカウントの鍵や Cookie を入れてください。',
    en: 'KIMEI_CREDENTIAL is the key, token or cookie of your own test account.',
  },
  noInventory: { ja: '一覧（inventory）がないので、コマンドは示しません。', en: 'No command: the inventory is not at hand.' },
  noConsent: { ja: '同意が切れているので、コマンドは示しません。', en: 'No command: the consent of the inventory has ended.' },
} as const satisfies Record<string, Text>

/** @throws Misuse for what the report does not know. */
export function renderExplanation(observation: Observation, id: string, options: ExplainOptions): string {
  const findings = observation.findings.filter((finding) => finding.id.toLowerCase() === id.toLowerCase() || finding.kind === id)
  if (findings.length > 0) return `${findings.map((finding) => explainFinding(observation, finding, options).join('\n')).join('\n\n')}\n`
  const results = [...observation.issuers, ...observation.apis].flatMap((record) =>
    record.probes.filter(({ probe, attacks }) => probe === id || attacks.includes(id as RuleId)),
  )
  if (results.length === 0) {
    const known = observation.findings.map((finding) => `${finding.id} ${finding.kind}`).join(', ')
    throw new Misuse([`there is no finding, control or rule "${plain(id)}" in this report${known === '' ? '' : ` (findings: ${known})`}`])
  }
  return `${explainResults(observation, results, options).join('\n')}\n`
}

function explainFinding(observation: Observation, finding: Finding, options: ExplainOptions): string[] {
  const look = lookOf(options)
  const { language, paint, width } = look
  const { id, kind, priority, tier, owner, title, control, subject, acceptance, asvs, wstg, attack, evidence } = finding
  const { versions } = observation.guidelines
  const results = [...observation.issuers, ...observation.apis]
    .flatMap((record) => record.probes)
    .filter(({ probe, evidence: own }) => finding.probes.includes(probe) && own.some((one) => evidence.includes(one)))
  return [
    ...wrapped(`${id} ${priority} ${title[language]}`, width, '').map((line) => paint('bold', line)),
    ...wrappedRows(
      [
        [head('kind', language), kind],
        [head('where', language), subject],
        [head('by', language), head(`owner${owner}`, language)],
        [head('control', language), control[language]],
        [head('certainty', language), tierWords[tier][language]],
        ['ASVS', `${asvs.join(' ')} (${versions.asvs})`],
        ['WSTG', `${wstg.join(' ')} (${versions.wstg})`],
        ['ATT&CK', attack.join(' ')],
        ...(acceptance ? ([[head('accepted', language), `${acceptance.owner}, ${acceptance.until}: ${acceptance.reason}`]] as const) : []),
      ],
      width,
    ),
    ...controlLines(uniqueProbes(results), look),
    ...ruleLines(finding.rules, look),
    ...evidenceLines(exchangesOf(observation, evidence), look),
    '',
    paint('bold', words.again[language]),
    ...commandLines(finding, options, language),
  ]
}

function explainResults(observation: Observation, results: readonly ProbeResult[], options: ExplainOptions): string[] {
  const look = lookOf(options)
  const unique = uniqueProbes(results)
  return [
    ...controlLines(unique, look).slice(1),
    ...ruleLines([...new Set(unique.flatMap(({ attacks }) => attacks))], look),
    ...evidenceLines(
      exchangesOf(
        observation,
        results.flatMap(({ evidence }) => evidence),
      ),
      look,
    ),
  ]
}

function uniqueProbes(results: readonly ProbeResult[]): readonly ProbeResult[] {
  return [...new Map(results.map((result) => [result.probe, result])).values()]
}

function lookOf(options: ExplainOptions): TextLook {
  return { language: options.language ?? 'en', paint: painter(options.colour), width: lineWidth(options) }
}

function controlLines(results: readonly ProbeResult[], { language, paint, width }: TextLook): string[] {
  return results.flatMap(({ probe, says, level, cite, proves, doesNotProve, verdict, answered, reason }) => [
    '',
    paint('bold', `${words.control[language]} ${probe}`),
    ...wrapped(says[language], width, '  '),
    ...wrappedRows(
      [
        [words.source[language], `${cite} ${level}`],
        [words.proves[language], proves[language]],
        [words.doesNotProve[language], doesNotProve[language]],
        [words.verdict[language], `${mark(verdict, { color: false, language })}: ${told(reason ?? answered, language)}`],
      ],
      width,
    ),
  ])
}

function ruleLines(ids: readonly RuleId[], { language, paint, width }: TextLook): string[] {
  const lines = ids.flatMap((id) => {
    const rule = catalogue.get(id)
    return [
      ...wrapped(rule === undefined ? id : `${id} (${rule.cite} ${rule.level})`, width, '  '),
      // The law speaks English; in Japanese the control has said it.
      ...(rule === undefined || language === 'ja' ? [] : wrapped(rule.says, width, '    ')),
    ]
  })
  return lines.length === 0 ? [] : ['', paint('bold', words.rule[language]), ...lines]
}

function evidenceLines(exchanges: readonly Evidence[], { language, paint, width }: TextLook): string[] {
  const lines = exchanges.length === 0 ? [`  ${words.none[language]}`] : exchanges.flatMap((one) => exchangeLines(one, width, language))
  return ['', paint('bold', words.exchanges[language]), ...lines]
}

function commandLines(finding: Finding, options: ExplainOptions, language: Language): string[] {
  const { inventory, now } = options
  if (inventory === undefined) return [`  ${words.noInventory[language]}`]
  const api = inventory.apis.find(({ id }) => id === finding.at)
  const place = api?.url ?? inventory.issuers.find(({ id }) => id === finding.at)?.tokenEndpoint
  const { consent } = inventory
  const ended = consent !== undefined && Date.parse(`${consent.until}T23:59:59Z`) / 1000 < now
  if (place !== undefined && !isLoopback(new URL(place).hostname) && (consent === undefined || ended))
    return [`  ${words.noConsent[language]}`]
  const path = options.inventoryPath === undefined ? '' : ` ${quoted(options.inventoryPath)}`
  const probes = finding.probes.length === 0 ? '' : ` --only ${finding.probes.join(',')}`
  const curl = api === undefined ? undefined : (otherCurl(finding, api, inventory) ?? curlOf(finding, api))
  return [
    `  kimei observe${path}${probes} --detail`,
    ...(curl === undefined
      ? []
      : [
          `  ${curl}`,
          ...(curl.includes('KIMEI_TOKEN') ? [`  ${words.ownToken[language]}`] : []),
          ...(curl.includes('KIMEI_CREDENTIAL') ? [`  ${words.ownCredential[language]}`] : []),
        ]),
  ]
}

/** Only requests that read, and only what one line of curl shows truly. */
function curlOf({ kind, probes }: Finding, { method, url }: ApiEntry): string | undefined {
  if (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS') return undefined
  const how = method === 'GET' ? '' : method === 'HEAD' ? ' --head' : ' -X OPTIONS'
  const call = (header: string) => `curl -sS -i${how}${header} ${quoted(url)}`
  if (kind === 'no-ticket-needed') return call('')
  if (probes.includes('B1') || probes.includes('U1')) return call(' -H "Authorization: Bearer $KIMEI_TOKEN"')
  return probes.includes('B2') ? call(' -H "Authorization: DPoP $KIMEI_TOKEN"') : undefined
}

/** With another credential: its own, or a made-up one beside the ticket. Never its value, and none in a URL. */
function otherCurl({ kind, credential, probes }: Finding, { method, url }: ApiEntry, { otherCredentials }: Inventory): string | undefined {
  const entry = otherCredentials.find(({ id }) => id === credential)
  if (method !== 'GET' || entry === undefined) return undefined
  const carrier = carrierOf(entry)
  if (carrier.in === 'query' || entry.kind === 'basic') return undefined
  const invented = probes.some((probe) => /^OT[23]-/.test(probe))
  const value = invented ? 'made-up-0123456789' : '$KIMEI_CREDENTIAL'
  const scheme = carrier.in === 'header' && carrier.scheme !== undefined ? `${carrier.scheme} ` : ''
  const header = carrier.in === 'cookie' ? `Cookie: ${carrier.name}=${value}` : `${carrier.name}: ${scheme}${value}`
  const ticket = kind === 'binding-skipped' ? ' -H "Authorization: Bearer $KIMEI_TOKEN"' : ''
  return `curl -sS -i${ticket} -H "${header}" ${quoted(url)}`
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${plain(text).replaceAll("'", `'\\''`)}'`
}
