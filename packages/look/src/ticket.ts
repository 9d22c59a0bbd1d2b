// A token drawn as a ticket: a paper card with one perforated edge. Named ones carry a stamp, bearer ones an empty dashed box.
// Server-made SVG with its words beside it: never colour alone.
import type { Language } from './language.ts'
import { sentence } from './sentences.ts'
import { stampOf, stripeOf } from './stamp.ts'

export type TicketKind =
  | { readonly kind: 'named'; readonly thumbprint: string }
  | { readonly kind: 'bearer' }
  | { readonly kind: 'unknown' }

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** What the ticket is, in words. */
export function ticketWords(ticket: TicketKind, language: Language): string {
  if (ticket.kind === 'named') return sentence(language, 'ticket.named', { stamp: stampOf(ticket.thumbprint) })
  return sentence(language, ticket.kind === 'bearer' ? 'ticket.bearer' : 'ticket.unknown')
}

/** Inline SVG, 320 × 120. Colours come from the page's stylesheet; only the stripe carries its own. */
export function ticketSvg(ticket: TicketKind, language: Language, title: string): string {
  const words = ticketWords(ticket, language)
  return `<svg class="ticket ticket-${ticket.kind}" viewBox="0 0 320 120" role="img" aria-label="${escaped(`${title}: ${words}`)}">
<path class="ticket-paper" d="${outline}"/>
<line class="ticket-tear" x1="226" y1="8" x2="226" y2="112"/>
<text class="ticket-title" x="20" y="42">${escaped(title)}</text>
<text class="ticket-words" x="20" y="70">${escaped(sentence(language, `ticket.short.${ticket.kind}`))}</text>
${stamp(ticket, language)}
</svg>`
}

/** Rounded card whose left edge is perforated. */
const outline = `M8 4 H308 Q316 4 316 12 V108 Q316 116 308 116 H8 ${Array.from({ length: 7 }, (_, index) => {
  const y = 116 - index * 16
  return `V${y - 4} a4 4 0 0 0 0 -8 V${y - 16}`
}).join(' ')} Z`

function stamp(ticket: TicketKind, language: Language): string {
  if (ticket.kind === 'named') {
    const [first, second] = stampOf(ticket.thumbprint).split(' ') as [string, string]
    const stripe = stripeOf(ticket.thumbprint)
      .map((hue, index) => `<rect x="${242 + index * 19}" y="84" width="17" height="12" rx="2" fill="hsl(${hue} 60% 45%)"/>`)
      .join('')
    return `<rect class="ticket-stamp" x="236" y="22" width="68" height="54" rx="6"/>
<text class="ticket-mark" x="270" y="45" text-anchor="middle">${escaped(first)}</text>
<text class="ticket-mark" x="270" y="65" text-anchor="middle">${escaped(second)}</text>
${stripe}`
  }
  const word = escaped(sentence(language, ticket.kind === 'bearer' ? 'ticket.noname' : 'ticket.unseen'))
  return `<rect class="ticket-stamp" x="236" y="22" width="68" height="54" rx="6"/>
<text class="ticket-empty" x="270" y="53" text-anchor="middle">${word}</text>`
}
