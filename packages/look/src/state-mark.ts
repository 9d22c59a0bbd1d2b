// Small marks for the cells of a picture: a ticket stub that is stamped, torn, hatched or empty. The word stands beside it.
// The colours are those of the stylesheet; without one, those of paper and ink stand in the drawing.

export type StateMark = 'refused' | 'accepted' | 'unclear' | 'not-asked' | 'not-applicable'

const paper =
  '<path class="mark-paper" d="M3 1.5H20.5v3a2.5 2.5 0 0 0 0 5v5.5H3Q1.5 15 1.5 13.5V3Q1.5 1.5 3 1.5Z" fill="none" stroke-width="1.3"'

const drawings: Readonly<Record<StateMark, string>> = {
  refused: `${paper} stroke="#1f6a3a"/><path class="mark-sign" d="M6.5 8.5l3 3 6-6.5" fill="none" stroke="#1f6a3a" stroke-width="2"/>`,
  accepted: `${paper} stroke="#8c1d18" stroke-dasharray="3 2"/><path class="mark-sign" d="M7 4.5l8 7.5M15 4.5l-8 7.5" fill="none" stroke="#8c1d18" stroke-width="2"/>`,
  unclear: `${paper} stroke="#7a4b00"/><path class="mark-sign" d="M4 12l8-9M8 13.5l9-10M13 13.5l6-7" fill="none" stroke="#7a4b00" stroke-width="1.2"/>`,
  'not-asked': `${paper} stroke="#5f5a50" stroke-dasharray="1.5 2.5"/>`,
  'not-applicable': '<path class="mark-sign" d="M5 8.2h12" fill="none" stroke="#5f5a50" stroke-width="1.6"/>',
}

/** Inline SVG, 22 × 16.5. Decoration: say the word in text beside it. */
export function stateMark(state: StateMark): string {
  return `<svg class="mark mark-${state}" viewBox="0 0 22 16.5" width="22" height="16.5" aria-hidden="true">${drawings[state]}</svg>`
}

export interface StripTick {
  readonly state: StateMark
  /** Taller than the others: it matters. */
  readonly tall?: boolean
}

/** Events in their order as a strip that is as wide as its place, 1000 × 28. `label` says in words what it shows. */
export function strip(ticks: readonly StripTick[], label: string): string {
  const step = 1000 / Math.max(1, ticks.length)
  const width = Math.max(1, Math.min(14, step * 0.6))
  const marks = ticks.map(({ state, tall }, index) => {
    const height = tall ? 26 : 12
    const x = (index + 0.5) * step - width / 2
    return `<rect class="tick tick-${state}" x="${x.toFixed(1)}" y="${14 - height / 2}" width="${width.toFixed(1)}" height="${height}" fill="#5f5a50"/>`
  })
  return `<svg class="strip" viewBox="0 0 1000 28" preserveAspectRatio="none" role="img" aria-label="${label}"><line class="strip-line" x1="0" y1="14" x2="1000" y2="14" stroke="#d8d0c0"/>${marks.join('')}</svg>`
}
