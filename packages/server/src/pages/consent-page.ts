// The consent page: who asks, where the answer goes, what in words, how long, what kind of ticket. Pure: model in, HTML out.
import { html, raw } from 'hono/html'
import { sentence, type TicketKind, ticketSvg } from 'look'
import { type Markup, type PageFrame, renderPage } from './layout.ts'

export interface ConsentModel {
  readonly frame: PageFrame
  readonly action: string
  readonly interaction: string
  readonly formToken: string
  readonly clientName: string
  readonly clientId: string
  /** Where the answer goes, whole: shown in the fold. */
  readonly redirectUri: string
  readonly userName: string
  /** Host that really receives the answer (or the scheme of an app on this device). */
  readonly redirectHost: string
  /** The answer goes to a program on this computer. */
  readonly loopback: boolean
  /** What it may do, in words. */
  readonly permissions: readonly { readonly scope: string; readonly description: string }[]
  readonly apis: readonly { readonly identifier: string; readonly name: string }[]
  readonly accessMinutes: number
  /** How long it may be renewed without asking: while the person is away (days), while signed in (hours), or not at all. */
  readonly renewal: { readonly days: number } | { readonly hours: number } | null
  /** What the app will hold, as far as it is known now. */
  readonly ticket: Extract<TicketKind, { kind: 'named' | 'bearer' }>
}

export function renderConsent(model: ConsentModel): string {
  const { frame } = model
  const say = (key: Parameters<typeof sentence>[1], names?: Parameters<typeof sentence>[2]) => sentence(frame.language, key, names)
  const { renewal } = model
  const renewals =
    renewal === null
      ? [say('consent.no-refresh')]
      : 'days' in renewal
        ? [say('consent.refresh-days', renewal), say('consent.offline')]
        : [say('consent.refresh-hours', renewal)]
  const lifetime = [say('consent.access-minutes', { minutes: model.accessMinutes }), ...renewals]
  const body = html`<h1>${say('consent.asks', { client: model.clientName })}</h1>
<p class="soft">${say('consent.you', { user: model.userName })}</p>
${model.loopback ? html`<div class="message warn" role="note"><p>${say('consent.loopback')}</p></div>` : ''}
<dl>
<dt>${say('consent.who')}</dt><dd>${model.clientName} <span class="soft nowrap">(<code>${model.clientId}</code>)</span></dd>
<dt>${say('consent.where')}</dt><dd><strong>${model.redirectHost}</strong></dd>
<dt>${say('consent.what')}</dt><dd><ul>${model.permissions.map((one) => html`<li>${one.description}</li>`)}</ul></dd>
${model.apis.length === 0 ? '' : html`<dt>${say('consent.api')}</dt><dd><ul class="none">${model.apis.map((api) => html`<li>${api.name}</li>`)}</ul></dd>`}
<dt>${say('consent.how-long')}</dt><dd><ul>${lifetime.map((text) => html`<li>${text}</li>`)}</ul></dd>
<dt>${say('consent.ticket')}</dt><dd>${say(`consent.${model.ticket.kind}`)}${raw(ticketSvg(model.ticket, frame.language, model.clientName))}</dd>
</dl>
<form method="post" action="${model.action}">
<input type="hidden" name="interaction" value="${model.interaction}">
<input type="hidden" name="form_token" value="${model.formToken}">
<div class="actions">
<button type="submit" id="consent-allow" name="do" value="allow">${say('consent.allow')}</button>
<button type="submit" class="plain" id="consent-deny" name="do" value="deny">${say('consent.deny')}</button>
</div>
</form>
${details(model)}`
  return renderPage(frame, say('consent.title'), body)
}

/** What a developer wants to see, and nobody else has to. */
function details(model: ConsentModel): Markup {
  const say = (key: Parameters<typeof sentence>[1]) => sentence(model.frame.language, key)
  const row = (title: string, values: readonly string[]) =>
    html`<dt>${title}</dt><dd><ul class="none">${values.map((value) => html`<li><code>${value}</code></li>`)}</ul></dd>`
  return html`<details><summary>${say('error.details')}</summary><dl>
${row('client_id', [model.clientId])}
${row('redirect_uri', [model.redirectUri])}
${row(
  'scope',
  model.permissions.map((one) => one.scope),
)}
${row(
  'resource',
  model.apis.map((api) => api.identifier),
)}
</dl></details>`
}
