// The checked sources as a person reads them: one table each, then why and what to do, once for every kind of finding.
import { columns, type Language } from 'look'
import type { CheckedSource } from './checked.ts'
import { type Finding, type FindingId, findingKinds, type Sentence, type Severity } from './finding.ts'
import type { SourceKind } from './old-setup.ts'

const kinds: Readonly<Record<SourceKind, Sentence>> = {
  'server-metadata': { ja: '認可サーバーのメタデータ', en: 'metadata of an authorization server' },
  'resource-metadata': { ja: 'API（保護リソース）のメタデータ', en: 'metadata of a protected resource' },
  'keycloak-realm': { ja: 'Keycloak のレルム', en: 'Keycloak realm' },
  'keycloak-clients': { ja: 'Keycloak のクライアント', en: 'Keycloak clients' },
  'oidc-provider': { ja: 'oidc-provider の設定', en: 'oidc-provider configuration' },
  'auth0-clients': { ja: 'Auth0 のアプリケーション', en: 'Auth0 applications' },
  'hydra-clients': { ja: 'Hydra のクライアント', en: 'Hydra clients' },
  'registered-clients': { ja: 'クライアント登録（RFC 7591）', en: 'client registrations (RFC 7591)' },
  'authorization-request': { ja: '認可リクエストの URL', en: 'authorization request' },
  app: { ja: 'アプリの設定', en: 'settings of an app' },
}

const severities: Readonly<Record<Severity, Sentence>> = {
  high: { ja: '重', en: 'high' },
  medium: { ja: '中', en: 'medium' },
  low: { ja: '軽', en: 'low' },
}

const words = {
  clean: { ja: '直すところは見つかりませんでした。', en: 'Nothing found.' },
  where: { ja: '場所', en: 'where' },
  what: { ja: '見つかったこと', en: 'what' },
  client: { ja: 'クライアント', en: 'client' },
  weight: { ja: '重さ', en: 'weight' },
  todo: { ja: '対応', en: 'do' },
  silent: {
    ja: 'このファイルに書かれていないことは判定していません。動いているサーバーは kimei observe で確かめられます。',
    en: 'What the file does not say is not judged. kimei observe looks at the running server.',
  },
}

export function renderChecked(checked: CheckedSource, language: Language): string {
  const head = `${checked.source}: ${kinds[checked.kind][language]}`
  if (checked.findings.length === 0) return `${head}\n  ${words.clean[language]}\n\n${words.silent[language]}`
  const ids = [...new Set(checked.findings.map(({ id }) => id))]
  return [head, '', table(checked.findings, language), '', ...ids.map((id) => explain(id, language)), words.silent[language]].join('\n')
}

function table(findings: readonly Finding[], language: Language): string {
  const named = findings.some(({ client }) => client !== undefined)
  const row = (cells: readonly [string, string, string, string]): string[] => (named ? [...cells] : [cells[0], cells[2], cells[3]])
  const head = row([words.weight[language], words.client[language], words.where[language], words.what[language]])
  return columns([head, ...findings.map((one) => row(cellsOf(one, language)))])
}

function cellsOf({ id, at, client, seen }: Finding, language: Language): [string, string, string, string] {
  const { severity, what } = findingKinds[id]
  const place = seen ? `${at} = ${printable(seen)}` : at
  return [severities[severity][language], printable(client ?? ''), printable(place), what[language]]
}

/** Nothing from a file reaches the terminal as a control sequence. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 160)
}

function explain(id: FindingId, language: Language): string {
  const { what, why, todo, cite } = findingKinds[id]
  return `${what[language]}  (${cite})\n  ${why[language]}\n  ${words.todo[language]}: ${todo[language]}\n`
}
