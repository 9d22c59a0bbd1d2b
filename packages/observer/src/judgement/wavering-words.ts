// What a reader is told where nodes behind one address do not agree. How that is found out stands in `run/wavering.ts`. Words only.
import type { Text } from '@kimei/protocol'
import type { ApiRecord } from '../observation.ts'

const mostNames = 5

export function waveringWarnings(apis: readonly ApiRecord[]): Text[] {
  const ids = [...new Set(apis.filter(({ wavers }) => wavers).map(({ api }) => api))]
  if (ids.length === 0) return []
  const names = ids.slice(0, mostNames).join(', ')
  const more = ids.length - mostNames
  return [
    {
      ja: `答えがそのたびに変わる API があります（${names}${more > 0 ? ` ほか ${more}` : ''}）。通してはいけない要求が、通ったり断られたりしました。奥のサーバーのどれかに守りがないのでしょう。nodes に一台ずつのアドレスを書くと、どれかがわかります。`,
      en: `Nodes that do not agree stand behind ${names}${more > 0 ? ` and ${more} more` : ''}: a request that must not pass did now and then. One of them is probably unguarded; name their addresses under nodes to see which.`,
    },
  ]
}
