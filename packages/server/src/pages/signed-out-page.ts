// Ending a sign-in: the question, and the page after it. Pure: model in, HTML out.
import { html, raw } from 'hono/html'
import { sentence } from 'look'
import { type Markup, type PageFrame, renderPage } from './layout.ts'

export interface SignOutQuestion {
  readonly frame: PageFrame
  readonly action: string
  readonly formToken: string
  readonly userName: string
  /** Names of apps whose tickets end with this sign-in. */
  readonly ends: readonly string[]
  /** Names of apps that go on: they were given access that lasts. */
  readonly goesOn: readonly string[]
  /** Other open sign-ins of the person. */
  readonly others: number
  /** Who asked for it, and where the person goes afterwards. */
  readonly asker?: { readonly name: string; readonly host: string | null }
  readonly accountUrl: string
  /** Sealed: what is to happen afterwards. */
  readonly after: string
}

export function renderSignOutQuestion(model: SignOutQuestion): string {
  const { frame, asker } = model
  const say = (key: Parameters<typeof sentence>[1], names?: Parameters<typeof sentence>[2]) => sentence(frame.language, key, names)
  const apps = (title: string, names: readonly string[]) =>
    names.length === 0 ? '' : html`<dt>${title}</dt><dd><ul>${names.map((name) => html`<li>${name}</li>`)}</ul></dd>`
  const body = html`<h1>${say('signed-out.ask-title')}</h1>
<p class="soft">${say('consent.you', { user: model.userName })}</p>
${asker === undefined ? '' : html`<p>${say('signed-out.asked-by', { client: asker.name })}</p>`}
<form method="post" action="${model.action}">
<input type="hidden" name="form_token" value="${model.formToken}">
<input type="hidden" name="after" value="${model.after}">
<fieldset>
<legend>${say('signed-out.which')}</legend>
<label class="choice"><input type="radio" name="which" value="this" checked> <span>${say('signed-out.this')}</span></label>
<label class="choice"><input type="radio" name="which" value="all"> <span>${say('signed-out.all', { count: model.others })}</span></label>
</fieldset>
<dl>
${apps(say('signed-out.ends'), model.ends)}
${apps(say('signed-out.goes-on'), model.goesOn)}
${asker?.host == null ? '' : html`<dt>${say('signed-out.after')}</dt><dd><strong>${asker.host}</strong></dd>`}
</dl>
${model.goesOn.length === 0 ? '' : html`<p class="soft">${say('signed-out.goes-on-hint')} <a class="act" href="${model.accountUrl}">${say('account.title')}</a></p>`}
<div class="actions"><button type="submit" id="logout-submit">${say('signed-out.confirm')}</button></div>
</form>`
  return renderPage(frame, say('signed-out.ask-title'), body)
}

export interface SignedOutModel {
  readonly frame: PageFrame
  /** Addresses of apps that end their own sign-in in this browser. */
  readonly frames?: readonly string[]
  readonly returnTo?: { readonly url: string; readonly name: string; readonly host: string }
}

/** How long the apps in the frames have before the browser goes on by itself. */
export const framesSeconds = 5

export function renderSignedOut({ frame, frames = [], returnTo }: SignedOutModel): string {
  const say = (key: Parameters<typeof sentence>[1], names?: Parameters<typeof sentence>[2]) => sentence(frame.language, key, names)
  const words = returnTo === undefined ? say('signed-out.text') : say('signed-out.soon', { client: returnTo.name })
  const body = html`${frames.map((url): Markup => html`<iframe class="unseen" src="${url}" title="${say('signed-out.frame')}" aria-hidden="true" tabindex="-1"${raw(' sandbox="allow-scripts allow-same-origin"')}></iframe>`)}
<h1>${say('signed-out.title')}</h1>
<p>${words}</p>
${returnTo === undefined ? '' : html`<p><a class="act" id="logout-return" href="${returnTo.url}">${say('signed-out.return', { client: returnTo.name, host: returnTo.host })}</a></p>`}`
  return renderPage(frame, say('signed-out.title'), body)
}
