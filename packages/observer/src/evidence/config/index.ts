// Configuration files of issuers, guards and gateways, recognized by what is in them. A file is not what runs: all of it is `declared`.
import { Misuse, type Text } from '@kimei/protocol'
import { type PassiveReading, reading } from '../reading.ts'
import { flattenYaml, isEnvoy, isKong, isProperties, isSpringYaml, lintEnvoy, lintKong, lintSpring, readProperties } from './gateways.ts'
import { isRealm, lintRealm } from './keycloak.ts'
import { isGuardFile, isIssuerFile, lintGuard, lintIssuer } from './kimei.ts'
import { type Lined, readLined } from './lined.ts'
import { type Lint, type LintContext, named } from './lint.ts'
import { isNginx, lintNginx } from './nginx.ts'

type Linter = readonly [is: (top: Lined) => boolean, lint: (top: Lined, context: LintContext) => Lint[]]

const yamlLinters: readonly Linter[] = [
  [isGuardFile, lintGuard],
  [isEnvoy, lintEnvoy],
  [isKong, lintKong],
  [isRealm, lintRealm],
  [isIssuerFile, lintIssuer],
  [isSpringYaml, (top, context) => lintSpring(flattenYaml(top), context)],
]

/** `undefined` where it is no configuration that is known. @throws Misuse where it looks like one and cannot be read. */
export function configReading(source: string, text: string, context: LintContext): PassiveReading | undefined {
  const lints = lintText(text, context)
  if (lints === undefined) return undefined
  const nothing: Text = { ja: '縛りについて述べている設定は見つかりませんでした。', en: 'No setting that speaks of binding was found.' }
  const meant: Text = {
    ja: 'ファイルに書いてあることで、動いているものがそのとおりとは限りません。',
    en: 'This is what the file says; what runs may be another thing.',
  }
  return reading({
    source,
    kind: 'config',
    whole: true,
    read: lints.length,
    statements: lints.map(({ line, what, ...rest }) => ({
      ...rest,
      place: `${named(source)}:${line}${what === undefined ? '' : ` ${what}`}`,
    })),
    notes: lints.length === 0 ? [nothing] : [meant],
  })
}

function lintText(text: string, context: LintContext): Lint[] | undefined {
  if (isNginx(text)) return lintNginx(text, context)
  let tops: readonly Lined[]
  try {
    tops = readLined(text)
  } catch (error) {
    if (!(error instanceof Misuse) || !isProperties(text)) throw error
    return lintSpring(readProperties(text), context)
  }
  // Keycloak exports several realms as one list.
  const known = tops
    .flatMap((top) => (top.items.length > 0 ? top.items : [top]))
    .flatMap((top) =>
      yamlLinters
        .filter(([is]) => is(top))
        .slice(0, 1)
        .map(([, lint]) => lint(top, context)),
    )
  if (known.length > 0) return known.flat()
  return isProperties(text) ? lintSpring(readProperties(text), context) : undefined
}
