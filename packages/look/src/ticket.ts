// A token drawn as a ticket: a paper card with one perforated edge. Named ones carry a stamp and a colour stripe,
// bearer ones an empty dashed box, unseen ones a hatched one. Each has its word beside it: never colour alone.
import type { Language } from './language.ts'
import { sentence } from './sentences.ts'
import { stampOf, stripeOf } from './stamp.ts'
import { displayWidth, fitDisplay } from './terminal.ts'

export type TicketKind =
  /** Without a thumbprint: it will be named, but the key was not seen yet. */
  { readonly kind: 'named'; readonly thumbprint?: string } | { readonly kind: 'bearer' } | { readonly kind: 'unknown' }

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** What the ticket is, in words. */
export function ticketWords(ticket: TicketKind, language: Language): string {
  if (ticket.kind !== 'named') return sentence(language, ticket.kind === 'bearer' ? 'ticket.bearer' : 'ticket.unknown')
  if (ticket.thumbprint === undefined) return sentence(language, 'ticket.named-soon')
  return sentence(language, 'ticket.named', { stamp: stampOf(ticket.thumbprint) })
}

/** Inline SVG, 360 × 136. The page's stylesheet gives the colours; without one, those of paper and ink stand in the drawing. */
export function ticketSvg(ticket: TicketKind, language: Language, title: string): string {
  const words = breakWords(sentence(language, `ticket.short.${ticket.kind}`), 24)
  const lines = words.map((line, index) => text('ticket-words', { x: 34, y: 82 + index * 22, size: 15, ink: soft }, line))
  return `<svg class="ticket ticket-${ticket.kind}" viewBox="0 0 360 136" role="img" aria-label="${escaped(`${title}: ${ticketWords(ticket, language)}`)}">
<path class="ticket-paper" d="${outline}" fill="#fffdf8" stroke="${soft}" stroke-width="1.5"/>
${stripe(ticket)}
${text('ticket-title', { x: 34, y: 48, size: 17, ink, bold: true }, fitDisplay(title, 20))}
${lines.join('\n')}
${stamp(ticket, language)}
</svg>`
}

const ink = '#23211d'
const soft = '#5f5a50'

interface Lettering {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly ink: string
  readonly bold?: boolean
  readonly middle?: boolean
}

function text(name: string, { x, y, size, ink: fill, bold, middle }: Lettering, words: string): string {
  const how = `${bold ? ' font-weight="700"' : ''}${middle ? ' text-anchor="middle"' : ''}`
  return `<text class="${name}" x="${x}" y="${y}" font-size="${size}" fill="${fill}"${how}>${escaped(words)}</text>`
}

/** Left, top and bottom are cut; the right edge is torn along its perforation. */
const outline = `M12 2 H352 v4 ${'a5 5 0 0 0 0 10 v6 '.repeat(7)}a5 5 0 0 0 0 10 V134 H12 Q2 134 2 124 V12 Q2 2 12 2 Z`

/** Three hues of the key; without a key an empty bar. */
function stripe(ticket: TicketKind): string {
  if (ticket.kind !== 'named' || ticket.thumbprint === undefined) {
    return `<rect class="ticket-no-stripe" x="14.5" y="18.5" width="7" height="99" rx="3.5" fill="none" stroke="${soft}" stroke-dasharray="3 3"/>`
  }
  return stripeOf(ticket.thumbprint)
    .map((hue, index) => `<rect x="14" y="${18 + index * 34}" width="8" height="32" rx="2" fill="hsl(${hue} 60% 45%)"/>`)
    .join('')
}

const box = 'x="256" y="30" width="76" height="60" rx="6"'

function stamp(ticket: TicketKind, language: Language): string {
  const frame = (dash: string) => `<rect class="ticket-stamp" ${box} fill="none" stroke="#a83420" stroke-width="2"${dash}/>`
  const below = text('ticket-kind', { x: 294, y: 114, size: 14, ink: soft, middle: true }, sentence(language, `ticket.kind.${ticket.kind}`))
  if (ticket.kind === 'unknown') return `${hatching}${frame('')}\n${below}`
  if (ticket.kind === 'bearer') return `${frame(' stroke-dasharray="6 5"')}\n${below}`
  if (ticket.thumbprint === undefined) {
    return `${frame('')}\n${text('ticket-mark', { x: 294, y: 66, size: 17, ink: '#a83420', bold: true, middle: true }, sentence(language, 'ticket.kind.named'))}`
  }
  const groups = stampOf(ticket.thumbprint).split(' ')
  const letters = groups.map((group, index) =>
    text('ticket-mark', { x: 294, y: 56 + index * 24, size: 19, ink: '#a83420', bold: true, middle: true }, group),
  )
  return `${frame('')}\n${letters.join('')}\n${below}`
}

/** Slanting lines that end at the box. */
const hatching = Array.from({ length: 13 }, (_, index) => {
  const at = 256 + (index + 1) * 10
  const [left, right] = [Math.max(256, at - 60), Math.min(332, at)]
  return `<line class="ticket-hatch" x1="${right}" y1="${30 + at - right}" x2="${left}" y2="${30 + at - left}" stroke="${soft}"/>`
}).join('')

/** Breaks at spaces, and where a sentence allows it by U+200B; a piece that is too long stays whole. */
function breakWords(words: string, most: number): readonly string[] {
  const lines: string[] = []
  for (const piece of words.split(/(?<=[ \u200b])/)) {
    const longer = `${lines.at(-1) ?? ''}${piece}`
    if (lines.length > 0 && displayWidth(longer.trimEnd()) <= most) lines[lines.length - 1] = longer
    else lines.push(piece)
  }
  return lines.map((line) => line.replaceAll('\u200b', '').trim())
}
