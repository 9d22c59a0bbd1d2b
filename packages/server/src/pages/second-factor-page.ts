// The page that asks for the second factor. Pure: model in, HTML out.
import { html } from 'hono/html'
import { type SentenceKey, sentence } from 'look'
import { type PageFrame, renderPage } from './layout.ts'

export interface SecondFactorModel {
  readonly frame: PageFrame
  readonly action: string
  readonly interaction: string
  readonly formToken: string
  readonly clientName: string
  readonly userName: string
  readonly problem?: 'wrong' | 'missing' | { readonly waitSeconds: number }
}

export function renderSecondFactor(model: SecondFactorModel): string {
  const { frame, problem } = model
  const say = (key: SentenceKey, names?: Readonly<Record<string, string | number>>) => sentence(frame.language, key, names)
  const told = typeof problem === 'object' ? say('signin.slow', { seconds: problem.waitSeconds }) : problem && say(`second.${problem}`)
  const described = problem === undefined ? '' : html` aria-invalid="true" aria-describedby="problem"`
  const hidden = html`<input type="hidden" name="interaction" value="${model.interaction}">
<input type="hidden" name="form_token" value="${model.formToken}">`
  const body = html`<h1>${say('second.title')}</h1>
<p class="soft">${say('second.why', { client: model.clientName })}</p>
<p class="soft">${say('consent.you', { user: model.userName })}</p>
${told === undefined ? '' : html`<div class="message bad" role="alert" id="problem"><p>${told}</p></div>`}
<form method="post" action="${model.action}">
${hidden}
<label for="otp">${say('second.code')}</label>
<input type="text" id="otp" name="otp" autocomplete="one-time-code" inputmode="numeric" autocapitalize="none" spellcheck="false" maxlength="20" autofocus${described}>
<div class="actions"><button type="submit" id="otp-submit" name="do" value="confirm">${say('second.submit')}</button></div>
</form>
<form method="post" action="${model.action}">
${hidden}
<div class="actions"><button type="submit" class="plain" id="otp-cancel" name="do" value="cancel">${say('signin.cancel', { client: model.clientName })}</button></div>
</form>`
  return renderPage(frame, say('second.title'), body, { error: problem !== undefined })
}
