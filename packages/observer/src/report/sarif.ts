// The findings as SARIF 2.1.0, for services that show them in a repository. Each stands at the line of the inventory
// where its API begins: services refuse results without a place in a file.
import { createHash } from 'node:crypto'
import { type FindingKind, findingKinds } from '../judgement/finding-kinds.ts'
import type { Finding, Observation, ReportOptions } from '../observation.ts'
import { reasonOf } from '../wire/host-health.ts'
import { plain } from './columns.ts'
import { isAccepted } from './places.ts'
import { markdownText } from './written-safely.ts'

type Language = 'ja' | 'en'

/** Services refuse a run with more; the most urgent ones stay. */
const mostResults = 25_000

/** Above 9 is critical, from 7 high, from 4 medium. */
const severity = { P0: '9.3', P1: '7.5', P2: '4.0' } as const
const level = { P0: 'error', P1: 'error', P2: 'warning' } as const

export function renderSarif(observation: Observation, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const findings = [...observation.findings]
    .sort((a, b) => (a.priority < b.priority ? -1 : a.priority > b.priority ? 1 : 0))
    .slice(0, mostResults)
  const kinds = [...new Set(findings.map(({ kind }) => kind))]
  const sarif = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'kimei observe',
            semanticVersion: '0.1.0',
            rules: kinds.map((kind) => ruleOf(kind, observation, language)),
          },
        },
        language,
        automationDetails: { id: 'kimei-observe/' },
        invocations: [invocationOf(observation)],
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, observation, kinds.indexOf(finding.kind), language)),
        properties: { bindingKeyPosture: observation.bindingKeyPosture, overall: observation.overall },
      },
    ],
  }
  return `${JSON.stringify(sarif, undefined, 2)}\n`
}

function ruleOf(kind: string, { findings }: Observation, language: Language) {
  const same = findings.filter((finding) => finding.kind === kind)
  const worst = same.map(({ priority }) => priority).sort()[0]!
  const { title, control } = same[0]!
  const points = same[0]!.asvs.map((id) => `ASVS ${id}`)
  const known = findingKinds[kind as FindingKind] as { readonly owner: string } | undefined
  const help = `${title[language]}. ${control[language]}.`
  return {
    id: kind,
    name: kind.replace(/(^|-)([a-z])/g, (_all, _dash, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title[language] },
    fullDescription: { text: help },
    help: { text: `${help} (${points.join(', ')})`, markdown: `${markdownText(help)}\n\n${points.map((one) => `- ${one}`).join('\n')}` },
    defaultConfiguration: { level: level[worst] },
    properties: {
      'security-severity': severity[worst],
      tags: ['security', ...(known ? [`owner/${known.owner}`] : [])],
      asvs: same[0]!.asvs,
      wstg: same[0]!.wstg,
      attack: same[0]!.attack,
    },
  }
}

function resultOf(finding: Finding, observation: Observation, ruleIndex: number, language: Language) {
  const { id, kind, priority, tier, owner, subject, title, control, probes, rules, evidence, acceptance } = finding
  const print = createHash('sha256')
    .update([kind, finding.at, ...(finding.credential === undefined ? [] : [finding.credential])].join(' '))
    .digest('hex')
  return {
    ruleId: kind,
    ruleIndex,
    level: level[priority],
    message: { text: plain(`${priority} ${subject}: ${title[language]}. ${control[language]}.`) },
    locations: [locationOf(finding, observation)],
    partialFingerprints: { primaryLocationLineHash: `${print.slice(0, 16)}:1`, 'kimeiFinding/v1': print },
    ...(isAccepted(finding) && {
      suppressions: [
        {
          kind: 'external',
          status: 'accepted',
          justification: plain(`${acceptance!.reason} (${acceptance!.owner}, until ${acceptance!.until})`),
        },
      ],
    }),
    properties: { finding: id, priority, tier, owner, probes, rules, evidence },
  }
}

function locationOf({ at, subject }: Finding, { inventoryFile }: Observation) {
  const lines = inventoryFile?.lines ?? {}
  const startLine = lines[`apis.${at}`] ?? lines[`issuers.${at}`] ?? lines[at] ?? 1
  const uri = (inventoryFile?.path ?? 'kimei-observe.yaml').split('/').map(encodeURIComponent).join('/')
  return {
    physicalLocation: { artifactLocation: { uri, uriBaseId: '%SRCROOT%' }, region: { startLine } },
    logicalLocations: [{ name: plain(at), fullyQualifiedName: plain(subject), kind: 'resource' }],
  }
}

function invocationOf({ startedAt, finishedAt, stopped, givenUp = [], missing, findings }: Observation) {
  const time = (seconds: number) => new Date(seconds * 1000).toISOString()
  const left = findings.length - mostResults
  const notes = [
    ...(stopped === undefined ? [] : [`stopped: ${stopped}`]),
    ...givenUp.map(reasonOf),
    ...(left > 0 ? [`${left} further findings are in the JSON report`] : []),
    ...missing,
  ]
  return {
    executionSuccessful: stopped === undefined,
    startTimeUtc: time(startedAt),
    endTimeUtc: time(finishedAt),
    toolExecutionNotifications: notes.map((text) => ({ level: 'warning', message: { text: plain(text) } })),
  }
}
