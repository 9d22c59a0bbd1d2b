// Which design step comes next, by number: rotation 17, step-up 16, sessions 15 and 14, binding 18.
import type { Text } from '@kimei/protocol'
import type { Finding, NextStep, Observation } from '../observation.ts'

const texts: Readonly<Record<NextStep, Text>> = {
  '17': { ja: 'refresh token の回転と再利用の検知', en: 'refresh token rotation and reuse detection' },
  '18': { ja: '切符を鍵に縛る（発行と利用の両方で）', en: 'binding tickets to keys, at issue and at use' },
  '16': { ja: '重要操作の再認証（step-up）', en: 'step-up authentication for important operations' },
  '15': { ja: 'セッションの同時利用と遮断', en: 'concurrent sessions and how they are cut' },
  '14': { ja: 'ログアウトとセッションの終わり', en: 'logout and the end of sessions' },
}

/** The order is the advice: 17 before 18 where a refresh token is the longer theft (SEED-TB-38). */
export function nextStepsOf(findings: readonly Finding[], hypothesis: Observation['hypothesis']): Observation['next'] {
  const wished = new Set<NextStep>(findings.flatMap(({ next }) => next))
  const exposed = findings.some(({ title }) => title.en.includes('ticket') || title.en.includes('proof'))
  if (exposed) wished.add('18')
  // SEED-TB-58: bearer everywhere is answered by blocking, re-authentication and detection first.
  if (hypothesis === 'A') for (const step of ['17', '16', '15'] as const) wished.add(step)
  if (wished.size === 0) wished.add('17')
  return (['17', '18', '16', '15', '14'] as const).filter((step) => wished.has(step)).map((step) => ({ step, text: texts[step] }))
}
