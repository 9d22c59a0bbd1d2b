// The page that asks which account to go on with (prompt=select_account). Pure: model in, HTML out.
import { html } from 'hono/html'
import { sentence } from 'look'
import { type PageFrame, renderPage } from './layout.ts'

export interface ChooseAccountModel {
  readonly frame: PageFrame
  readonly action: string
  readonly interaction: string
  /** Of the person who is signed in: nobody goes on as somebody else. */
  readonly formToken: string
  readonly clientName: string
  readonly userName: string
}

export function renderChooseAccount(model: ChooseAccountModel): string {
  const { frame, clientName, userName } = model
  const say = (key: Parameters<typeof sentence>[1], names?: Parameters<typeof sentence>[2]) => sentence(frame.language, key, names)
  const body = html`<h1>${say('choose.title')}</h1>
<p class="soft">${say('choose.for', { client: clientName })}</p>
<form method="post" action="${model.action}">
<input type="hidden" name="interaction" value="${model.interaction}">
<input type="hidden" name="form_token" value="${model.formToken}">
<div class="actions stacked">
<button type="submit" id="account-continue" name="do" value="continue">${say('choose.continue', { user: userName })}</button>
<button type="submit" class="plain" id="account-other" name="do" value="other">${say('choose.other')}</button>
<button type="submit" class="plain" id="account-cancel" name="do" value="leave">${say('signin.cancel', { client: clientName })}</button>
</div>
</form>`
  return renderPage(frame, say('choose.title'), body)
}
