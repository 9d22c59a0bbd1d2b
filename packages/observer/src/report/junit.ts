// The observation as JUnit XML: a suite for each API and client, a test case for each control. For continuous integration.
// A control without a verdict is an error, never a pass; what an owner accepted is skipped, with the owner's name.
import type { ApiRecord, Finding, IssuerRecord, Observation, ProbeResult, ReportOptions } from '../observation.ts'
import { exchangesOf, findingOf, isAccepted, placeOf } from './places.ts'
import { xml } from './written-safely.ts'

type Fate = 'passed' | 'failure' | 'error' | 'skipped'

interface Case {
  readonly fate: Fate
  readonly seconds: number
  readonly text: string
}

export function renderJunit(observation: Observation, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const suites = [...observation.issuers, ...observation.apis].map((record) => suiteOf(observation, record, language))
  const all = suites.flatMap(({ cases }) => cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="kimei observe"${counted(all)}>`,
    ...suites.map(({ text }) => text),
    '</testsuites>',
    '',
  ].join('\n')
}

function suiteOf(observation: Observation, record: ApiRecord | IssuerRecord, language: 'ja' | 'en') {
  const { at, method } = placeOf(record)
  const name = 'api' in record ? `${method} ${at} (${record.client})` : `${at} (${record.client})`
  const cases = record.probes.map((probe) => caseOf(observation, record, probe, { suite: name, language }))
  if (cases.length === 0) cases.push(unreachedCase(observation, record, name))
  const stamp = new Date(observation.startedAt * 1000).toISOString().slice(0, 19)
  const text = [
    `  <testsuite name="${xml(name)}" timestamp="${stamp}"${counted(cases)} skipped="${countOf(cases, 'skipped')}">`,
    ...cases.map((one) => one.text),
    '  </testsuite>',
  ].join('\n')
  return { cases, text }
}

/** A place without a single control was not observed: that is not clean. */
function unreachedCase({ findings }: Observation, record: ApiRecord | IssuerRecord, suite: string): Case {
  const draft = { name: 'baseline', suite, seconds: 0, body: '' }
  if (!('baseline' in record) || record.baseline !== 'public') {
    const why = 'baselineReason' in record ? record.baselineReason : undefined
    return written({ ...draft, fate: 'error', type: 'inconclusive', message: why ?? 'no ticket was obtained' })
  }
  const finding = findings.find(
    ({ kind, at, clients }) => kind === 'no-ticket-needed' && at === record.api && clients.includes(record.client),
  )
  if (finding && isAccepted(finding)) return written({ ...draft, fate: 'skipped', type: '', message: acceptedBy(finding) })
  return written({ ...draft, fate: 'failure', type: 'no-ticket-needed', message: 'the same answer comes without any ticket' })
}

function acceptedBy({ acceptance }: Finding): string {
  const { owner, until, reason } = acceptance!
  return `accepted by ${owner} until ${until}: ${reason}`
}

function caseOf(
  observation: Observation,
  record: ApiRecord | IssuerRecord,
  probe: ProbeResult,
  { suite, language }: { readonly suite: string; readonly language: 'ja' | 'en' },
): Case {
  const finding = findingOf(observation, placeOf(record), probe)
  const seconds = exchangesOf(observation, probe.evidence).reduce((sum, { milliseconds = 0 }) => sum + milliseconds, 0) / 1000
  const name = `${probe.probe} ${probe.says[language]}`
  const whole = { name, suite, seconds }
  if (probe.verdict === 'holds') return written({ ...whole, fate: 'passed', type: '', message: '', body: '' })
  if (probe.verdict === 'not-applicable')
    return written({ ...whole, fate: 'skipped', type: '', message: probe.reason ?? 'does not apply', body: '' })
  if (probe.verdict === 'inconclusive') {
    const moot = probe.reason?.startsWith('moot: ') ?? false
    return written({ ...whole, fate: moot ? 'skipped' : 'error', type: 'inconclusive', message: probe.reason ?? probe.answered, body: '' })
  }
  if (finding && isAccepted(finding)) return written({ ...whole, fate: 'skipped', type: '', message: acceptedBy(finding), body: '' })
  const title = finding?.title[language] ?? probe.says[language]
  const body = [
    `${finding?.priority ?? ''} ${finding?.owner ?? ''} ${finding?.control[language] ?? ''}`.trim(),
    `${probe.cite} (${probe.level}): ${probe.attacks.join(' ')}`,
    `evidence: ${probe.evidence.join(' ')}`,
  ].join('\n')
  return written({ ...whole, fate: 'failure', type: finding?.kind ?? 'violated', message: `${title}: ${probe.answered}`, body })
}

interface Draft {
  readonly name: string
  readonly suite: string
  readonly seconds: number
  readonly fate: Fate
  readonly type: string
  readonly message: string
  readonly body: string
}

function written({ name, suite, seconds, fate, type, message, body }: Draft): Case {
  const open = `    <testcase name="${xml(name)}" classname="${xml(suite)}" time="${seconds.toFixed(3)}"`
  if (fate === 'passed') return { fate, seconds, text: `${open}/>` }
  const typed = fate === 'skipped' ? '' : ` type="${xml(type)}"`
  const lines = body
    .split('\n')
    .map((line) => xml(line))
    .join('\n')
  const inner = `<${fate}${typed} message="${xml(message)}"${lines === '' ? '/>' : `>${lines}</${fate}>`}`
  return { fate, seconds, text: `${open}>${inner}</testcase>` }
}

function countOf(cases: readonly Case[], fate: Fate): number {
  return cases.filter((one) => one.fate === fate).length
}

/** What may stand at the root as well: strict readers refuse a file whose root counts what was skipped. */
function counted(cases: readonly Case[]): string {
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0)
  return ` tests="${cases.length}" failures="${countOf(cases, 'failure')}" errors="${countOf(cases, 'error')}" time="${seconds.toFixed(3)}"`
}
