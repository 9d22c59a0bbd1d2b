// The account page: sign-ins, what apps were allowed, what they read. Pure: model in, HTML out.
import { html } from 'hono/html'
import { sentence } from 'look'
import { type Markup, type PageFrame, renderPage } from './layout.ts'

/** A moment as a person reads it, and as a program does. */
export interface Moment {
  readonly text: string
  readonly iso: string
}

export interface AccountModel {
  readonly frame: PageFrame
  readonly action: string
  readonly formToken: string
  readonly userName: string
  readonly signOutUrl: string
  readonly signIns: readonly { readonly sessionId: string; readonly here: boolean; readonly since: Moment; readonly until: Moment }[]
  readonly apps: readonly AllowedApp[]
  readonly reads: readonly { readonly app: string; readonly claims: readonly string[]; readonly hour: Moment }[]
  /** More is kept than is shown. */
  readonly moreReads: boolean
  readonly keptDays: number
  readonly downloads: { readonly json: string; readonly csv: string }
}

export interface AllowedApp {
  readonly clientId: string
  readonly name: string
  readonly organisation?: string
  readonly permissions: readonly string[]
  readonly since: Moment
  /** Goes on while the person is away. */
  readonly offline: boolean
}

type Say = (key: Parameters<typeof sentence>[1], names?: Parameters<typeof sentence>[2]) => string

export function renderAccount(model: AccountModel): string {
  const { frame } = model
  const say: Say = (key, names) => sentence(frame.language, key, names)
  const body = html`<h1>${say('account.title')}</h1>
<p class="soft">${say('consent.you', { user: model.userName })}</p>
<section aria-labelledby="signins"><h2 id="signins">${say('account.sign-ins')}</h2>
${signInList(model, say)}
</section>
<section aria-labelledby="apps"><h2 id="apps">${say('account.apps')}</h2>
${model.apps.length === 0 ? html`<p>${say('account.no-apps')}</p>` : html`<ul class="rows">${model.apps.map((app) => allowedApp(model, app, say))}</ul>`}
</section>
<section aria-labelledby="reads"><h2 id="reads">${say('account.reads')}</h2>
<p class="soft">${say('account.reads-hint', { days: model.keptDays })}</p>
${model.reads.length === 0 ? html`<p>${say('account.no-reads')}</p>` : readTable(model, say)}
</section>`
  return renderPage(frame, say('account.title'), body)
}

function button(model: AccountModel, fields: Readonly<Record<string, string>>, id: string, label: string, about?: string): Markup {
  return html`<form method="post" action="${model.action}">
<input type="hidden" name="form_token" value="${model.formToken}">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button type="submit" class="plain small" id="${id}"${about === undefined ? '' : html` aria-label="${about}"`}>${label}</button>
</form>`
}

function time({ text, iso }: Moment): Markup {
  return html`<time datetime="${iso}">${text}</time>`
}

/** A full-width colon brings its own space. */
function momentLine({ frame }: AccountModel, label: string, moment: Moment): Markup {
  return html`${label}${frame.language === 'ja' ? '' : ' '}${time(moment)}`
}

function signInList(model: AccountModel, say: Say): Markup {
  const { signIns } = model
  const labelled = (key: 'account.since' | 'account.until', moment: Moment) => momentLine(model, say(key), moment)
  const row = (one: AccountModel['signIns'][number], at: number) => html`<li>
<div><strong>${say(one.here ? 'account.here' : 'account.elsewhere')}</strong><br>
<span class="soft">${labelled('account.since', one.since)}<br>${labelled('account.until', one.until)}</span></div>
${one.here ? html`<p><a class="act" id="sign-out" href="${model.signOutUrl}">${say('signed-out.confirm')}</a></p>` : button(model, { do: 'end', sid: one.sessionId }, `end-${at}`, say('account.end'))}
</li>`
  const others = signIns.some((one) => !one.here) ? button(model, { do: 'end-others' }, 'end-others', say('account.end-others')) : ''
  return html`<ul class="rows">${signIns.map(row)}</ul>
${others}${button(model, { do: 'end-all' }, 'end-all', say('account.end-all'))}`
}

function allowedApp(model: AccountModel, app: AllowedApp, say: Say): Markup {
  return html`<li>
<div><strong>${app.name}</strong> <span class="soft">${app.organisation ?? ''}</span>
<ul>${app.permissions.map((text) => html`<li>${text}</li>`)}</ul>
<span class="soft">${momentLine(model, say('account.allowed'), app.since)}<br>${say(app.offline ? 'account.offline' : 'account.online')}</span></div>
${button(model, { do: 'revoke', client: app.clientId }, `revoke-${app.clientId}`, say('account.revoke'), say('account.revoke-app', { client: app.name }))}
</li>`
}

function readTable(model: AccountModel, say: Say): Markup {
  const separator = model.frame.language === 'ja' ? '、' : ', '
  const row = (one: AccountModel['reads'][number]) =>
    html`<tr><td>${time(one.hour)}</td><td>${one.app}</td><td>${one.claims.join(separator)}</td></tr>`
  return html`<table class="stack"><thead><tr><th scope="col">${say('account.hour')}</th><th scope="col">${say('consent.who')}</th><th scope="col">${say('account.what')}</th></tr></thead>
<tbody>${model.reads.map(row)}</tbody></table>
${model.moreReads ? html`<p class="soft">${say('account.more-reads')}</p>` : ''}
<p><a class="act" id="history-csv" href="${model.downloads.csv}" download>${say('account.csv')}</a> <a class="act" id="history-json" href="${model.downloads.json}" download>${say('account.json')}</a></p>`
}
