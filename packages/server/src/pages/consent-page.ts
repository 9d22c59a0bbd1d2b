// The consent page: who asks, where the answer goes, what in words, how long, what kind of ticket. Pure: model in, HTML out.
import type { ClientLinks } from '@kimei/protocol'
import { html, raw } from 'hono/html'
import { sentence, type TicketKind, ticketSvg } from 'look'
import { renderLinks, renderLogo } from './client-links.ts'
import type { DetailView } from './consent-details.ts'
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
  /** The app describes itself, and nobody here knows it: the host of its document, where that is how it came. */
  readonly selfDescribed?: { readonly host?: string }
  /** Where this issuer serves its logo. */
  readonly logo?: string
  /** Where more of it stands. */
  readonly links?: ClientLinks | undefined
  /** Who answers for the app, where that was declared. */
  readonly organisation?: string
  /** It is told nothing that other apps know of the person too. */
  readonly isPrivate?: boolean
  /** What it may do, in words. */
  readonly permissions: readonly Permission[]
  /** What it asks to be told about the person by name, beyond its permissions. */
  readonly namedClaims?: readonly { readonly name: string; readonly purpose?: string }[]
  /** What exactly, where the request says so (RFC 9396). */
  readonly details: readonly DetailView[]
  readonly apis: readonly { readonly identifier: string; readonly name: string }[]
  readonly accessMinutes: number
  /** How long it may be renewed without asking: while the person is away (days), while signed in (hours), or not at all. */
  readonly renewal: { readonly days: number; readonly endsOnSignOut?: boolean } | { readonly hours: number } | null
  /** Where it can be taken back later. */
  readonly accountUrl?: string
  /** What the app will hold, as far as it is known now. */
  readonly ticket: Extract<TicketKind, { kind: 'named' | 'bearer' }>
}

export interface Permission {
  readonly scope: string
  readonly description: string
  /** What the app says it needs it for. */
  readonly purpose?: string
  /** The same for single claims of the scope. */
  readonly claims?: readonly { readonly name: string; readonly purpose: string }[]
  /** The person may leave it out. */
  readonly optional?: boolean
}

export function renderConsent(model: ConsentModel): string {
  const { frame } = model
  const say = (key: Parameters<typeof sentence>[1], names?: Parameters<typeof sentence>[2]) => sentence(frame.language, key, names)
  const body = html`<h1>${say('consent.asks', { client: model.clientName })}</h1>
<p class="soft">${say('consent.you', { user: model.userName })}</p>
${model.loopback ? html`<div class="message warn" role="note"><p>${say('consent.loopback')}</p></div>` : ''}
${model.selfDescribed ? html`<div class="message warn" role="note"><p>${say('consent.self-described')}</p></div>` : ''}
<form method="post" action="${model.action}">
<dl>
<dt>${say('consent.who')}</dt><dd>${renderLogo(model.logo)}${model.clientName} <span class="soft client-id">(<code>${model.clientId}</code>)</span></dd>
${model.organisation === undefined ? '' : html`<dt>${say('consent.organisation')}</dt><dd>${model.organisation}</dd>`}
${model.selfDescribed?.host === undefined ? '' : html`<dt>${say('consent.published-at')}</dt><dd><strong>${model.selfDescribed.host}</strong></dd>`}
${renderLinks(model.links, frame.language)}
<dt>${say('consent.where')}</dt><dd><strong>${model.redirectHost}</strong></dd>
${model.permissions.length === 0 ? '' : html`<dt>${say('consent.what')}</dt><dd>${permissionList(model)}</dd>`}
${model.isPrivate ? html`<dt>${say('consent.private-title')}</dt><dd>${say('consent.private')}</dd>` : ''}
${model.details.map((one) => html`<dt>${one.name}</dt><dd><ul>${one.rows.map((text) => html`<li>${text}</li>`)}</ul></dd>`)}
${namedClaimList(model)}
${model.apis.length === 0 ? '' : html`<dt>${say('consent.api')}</dt><dd><ul class="none">${model.apis.map((api) => html`<li>${api.name}</li>`)}</ul></dd>`}
<dt>${say('consent.how-long')}</dt><dd><ul>${lifetimeLines(model).map((text) => html`<li>${text}</li>`)}</ul></dd>
<dt>${say('consent.ticket')}</dt><dd>${say(`consent.${model.ticket.kind}`)}${raw(ticketSvg(model.ticket, frame.language, model.clientName))}</dd>
</dl>
${model.accountUrl === undefined ? '' : html`<p class="soft">${say('consent.later')} <a class="act" href="${model.accountUrl}">${say('account.title')}</a></p>`}
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

/** How long tickets and their renewal last, one sentence each. */
export function lifetimeLines(model: Pick<ConsentModel, 'frame' | 'renewal' | 'accessMinutes'>): readonly string[] {
  const say = (key: Parameters<typeof sentence>[1], names?: Parameters<typeof sentence>[2]) => sentence(model.frame.language, key, names)
  const { renewal } = model
  const renewals =
    renewal === null
      ? [say('consent.no-refresh')]
      : 'days' in renewal
        ? [
            say('consent.refresh-days', { days: renewal.days }),
            say(renewal.endsOnSignOut ? 'consent.offline-until-sign-out' : 'consent.offline'),
          ]
        : [say('consent.refresh-hours', renewal), say('consent.online')]
  return [say('consent.access-minutes', { minutes: model.accessMinutes }), ...renewals]
}

/** One line each; a tick box where the person has the choice. The form answers `scope:<name>` for what stays ticked. */
export function permissionList({ permissions, frame }: Pick<ConsentModel, 'permissions' | 'frame'>): Markup {
  const say = (key: Parameters<typeof sentence>[1], names?: Parameters<typeof sentence>[2]) => sentence(frame.language, key, names)
  const line = (one: Permission) => {
    const reasons = [
      ...(one.purpose === undefined ? [] : [say('consent.purpose', { purpose: one.purpose })]),
      ...(one.claims ?? []).map(({ name, purpose }) => say('consent.claim-purpose', { claim: name, purpose })),
    ]
    const why = reasons.map((reason) => html`<br><span class="soft">${reason}</span>`)
    if (!one.optional) return html`<li>${one.description}${why}</li>`
    return html`<li class="choice"><label><input type="checkbox" name="scope:${one.scope}" value="on" checked> <span>${one.description}${why}</span></label></li>`
  }
  const hint = permissions.some((one) => one.optional) ? html`<p class="soft">${say('consent.may-untick')}</p>` : ''
  return html`<ul>${permissions.map(line)}</ul>${hint}`
}

function namedClaimList({ frame: { language }, namedClaims = [] }: ConsentModel): Markup | '' {
  if (namedClaims.length === 0) return ''
  const items = namedClaims.map(
    ({ name, purpose }) =>
      html`<li>${purpose === undefined ? name : sentence(language, 'consent.claim-purpose', { claim: name, purpose })}</li>`,
  )
  return html`<dt>${sentence(language, 'consent.told')}</dt><dd><ul>${items}</ul></dd>`
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
