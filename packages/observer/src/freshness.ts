// What says that a proof is new at an API, and how new: as it is recorded, and in words for probes and reports.
import type { Text } from '@kimei/protocol'

/** Seconds at which a proof still passed, and the next at which it did not. */
export interface WindowEdge {
  readonly accepted: number
  readonly refused: number
}

/** For how long before and after its own time a proof passes. */
export interface AcceptanceWindow {
  readonly past: WindowEdge
  readonly future: WindowEdge
}

/** What says that a proof is new at this API, and how new that is. */
export interface Freshness {
  readonly by: 'iat' | 'nonce' | 'nothing' | 'unknown'
  /** As it was measured, where it was. */
  readonly window?: AcceptanceWindow
}

/** `60` where the two seconds around it were asked; otherwise between what and what. */
export function edgeSeconds({ accepted, refused }: WindowEdge): string {
  return refused - accepted <= 2 ? String(accepted + 1) : `${accepted}–${refused}`
}

export function windowWords({ past, future }: AcceptanceWindow): Text {
  const [back, ahead] = [edgeSeconds(past), edgeSeconds(future)]
  return { ja: `${back} 秒前から ${ahead} 秒先まで通る`, en: `accepted from ${back} s ago to ${ahead} s ahead` }
}

const by: Readonly<Record<Freshness['by'], Text>> = {
  iat: { ja: 'iat で見る', en: 'by iat' },
  nonce: { ja: 'nonce で見る', en: 'by nonce' },
  nothing: { ja: '見ない', en: 'not held to any time' },
  unknown: { ja: '不明', en: 'unknown' },
}

/** What says that proofs are new here, and how new. */
export function freshnessWords({ by: what, window }: Freshness): Text {
  const words = window && windowWords(window)
  return words ? { ja: `${by[what].ja}（${words.ja}）`, en: `${by[what].en} (${words.en})` } : by[what]
}
