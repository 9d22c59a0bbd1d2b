// The guideline block of every report: ASVS, WSTG, PTES and ATT&CK, each id from an allow-list.
// Which finding maps to which id stands in `judgement/findings.ts`.
import type { Guidelines } from '../observation.ts'

/** OWASP ASVS 5.0, chapters 9 and 10 (SEED-TB-02). */
export const asvsPoints: Readonly<Record<string, string>> = {
  '10.3.5': 'access-token theft resistance: sender-constrained tokens at the resource server',
  '10.4.14': 'access-token theft resistance: the authorization server issues sender-constrained tokens',
  '10.4.5': 'refresh tokens: rotation or sender constraint',
  '10.4.16': 'client authentication: strong, key-based methods',
  '10.4.10': 'client authentication: confidential clients are authenticated',
  '9.1.1': 'validation at use: signatures of self-contained tokens are verified',
  '9.1.2': 'validation at use: only allow-listed algorithms',
  '9.1.3': 'key management: keys come from configured sources',
  '9.2.1': 'validation at use: validity times',
  '9.2.2': 'validation at use: the right kind of token',
  '9.2.3': 'exception paths: the audience is this API',
  '9.2.4': 'exception paths: one audience for each API',
}

/** OWASP WSTG. */
export const wstgTitles: Readonly<Record<string, string>> = {
  'WSTG-ATHZ-05': 'OAuth weaknesses',
  'WSTG-ATHZ-05.1': 'OAuth authorization server weaknesses',
  'WSTG-ATHZ-05.2': 'OAuth client weaknesses',
  'WSTG-SESS-01': 'session management schema',
  'WSTG-SESS-06': 'logout functionality',
  'WSTG-SESS-09': 'session hijacking',
  'WSTG-SESS-10': 'JSON web tokens',
  'WSTG-SESS-11': 'concurrent sessions',
  'WSTG-ATHN-01': 'credentials over an encrypted channel',
  'WSTG-ATHN-04': 'bypassing the authentication schema',
  'WSTG-CRYP-01': 'weak transport layer security',
  'WSTG-CLNT-12': 'browser storage',
  'WSTG-APIT-99': 'GraphQL',
}

/** MITRE ATT&CK: tactics move between versions, so the version stands beside them (SEED-TB-07). */
export const attackTechniques: Readonly<Record<string, { readonly version: string; readonly tactics: readonly string[] }>> = {
  T1528: { version: 'v19', tactics: ['Credential Access'] },
  T1539: { version: 'v19', tactics: ['Credential Access'] },
  'T1550.001': { version: 'v19', tactics: ['Defense Evasion', 'Lateral Movement'] },
  T1606: { version: 'v19', tactics: ['Credential Access'] },
  T1671: { version: 'v19', tactics: ['Persistence'] },
}

export const ptesPhases = ['Vulnerability Analysis', 'Post-Exploitation'] as const

/** Editions that the ids are of. Some of WSTG stand only in the edition that follows 4.2. */
export const guidelineVersions = { asvs: '5.0.0', wstg: 'latest (draft of 5.0)' } as const

/** The whole block; it is the same in every report. */
export function guidelineBlock(): Guidelines {
  return {
    versions: guidelineVersions,
    asvs: Object.entries(asvsPoints).map(([id, point]) => ({ id, point })),
    wstg: Object.entries(wstgTitles).map(([id, title]) => ({ id, title })),
    ptes: {
      phases: [...ptesPhases],
      linkage: {
        ja: 'refresh token の回転（17）は長く盗まれ続けることを抑え、切符を鍵に縛ること（18）は盗んだ切符をその場で使うことを止め、重要操作の再認証（16）が残りを守る。',
        en: 'Refresh rotation (17) limits long-lived theft, token binding (18) stops immediate use of a stolen token, and step-up (16) guards what remains.',
      },
    },
    attack: Object.entries(attackTechniques).map(([id, { version, tactics }]) => ({ id, version, tactics })),
  }
}

/** Parts that are missing, empty or name ids outside the allow-lists. */
export function guidelineMistakes(block: Partial<Guidelines>): string[] {
  const outside = (part: string, ids: readonly string[] | undefined, allowed: Readonly<Record<string, unknown>>): string[] =>
    ids === undefined || ids.length === 0
      ? [`guidelines.${part} is missing`]
      : ids.filter((id) => !Object.hasOwn(allowed, id)).map((id) => `guidelines.${part}: ${id} is not a known id`)
  const phases = block.ptes?.phases ?? []
  return [
    ...outside(
      'asvs',
      block.asvs?.map(({ id }) => id),
      asvsPoints,
    ),
    ...outside(
      'wstg',
      block.wstg?.map(({ id }) => id),
      wstgTitles,
    ),
    ...ptesPhases.filter((phase) => !phases.includes(phase)).map((phase) => `guidelines.ptes: phase ${phase} is missing`),
    ...(block.ptes?.linkage?.en.trim() && block.ptes.linkage.ja.trim()
      ? []
      : ['guidelines.ptes: the line that links 16, 17 and 18 is missing']),
    ...outside(
      'attack',
      block.attack?.map(({ id }) => id),
      attackTechniques,
    ),
    ...(block.attack ?? []).filter(({ version }) => version === '').map(({ id }) => `guidelines.attack: ${id} has no ATT&CK version`),
    ...(block.attack ?? [])
      .filter(({ id, version, tactics }) => id === 'T1550.001' && version === 'v19' && !tactics.includes('Lateral Movement'))
      .map(() => 'guidelines.attack: v19 places T1550.001 under Lateral Movement too'),
  ]
}
