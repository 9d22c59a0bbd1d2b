// Ending the sign-in of this browser: the question, and the page after it.
import { html } from 'hono/html'
import { sentence } from 'look'
import { type PageFrame, renderPage } from './layout.ts'

export interface SignOutQuestion {
  readonly frame: PageFrame
  readonly action: string
  readonly formToken: string
}

export function renderSignOutQuestion({ frame, action, formToken }: SignOutQuestion): string {
  const say = (key: Parameters<typeof sentence>[1]) => sentence(frame.language, key)
  const body = html`<h1>${say('signed-out.ask-title')}</h1>
<p>${say('signed-out.ask')}</p>
<form method="post" action="${action}">
<input type="hidden" name="form_token" value="${formToken}">
<div class="actions"><button type="submit" id="logout-submit">${say('signed-out.confirm')}</button></div>
</form>`
  return renderPage(frame, say('signed-out.ask-title'), body)
}

export function renderSignedOut(frame: PageFrame): string {
  const body = html`<h1>${sentence(frame.language, 'signed-out.title')}</h1>
<p>${sentence(frame.language, 'signed-out.text')}</p>`
  return renderPage(frame, sentence(frame.language, 'signed-out.title'), body)
}
