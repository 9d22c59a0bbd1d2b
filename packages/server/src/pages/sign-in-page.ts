// The sign-in page. Pure: model in, HTML out.
import { html } from 'hono/html'
import { sentence } from 'look'
import { type Markup, type PageFrame, renderPage } from './layout.ts'

export interface SignInModel {
  readonly frame: PageFrame
  /** Where the form posts. */
  readonly action: string
  /** What the form is about, as hidden fields. */
  readonly fields: Readonly<Record<string, string>>
  readonly formToken: string
  /** Who asked for the sign-in; absent where a page of the issuer did. */
  readonly clientName?: string
  readonly username: string
  /** Nobody is signed in; somebody is, but has to show it once more; may choose another account; has to, by the request's hint; a page of the issuer is for people it knows. */
  readonly reason: 'first' | 'again' | 'choose' | 'other' | 'page'
  readonly problem?: 'wrong' | 'missing' | 'busy' | { readonly waitSeconds: number }
}

export function renderSignIn(model: SignInModel): string {
  const { frame, problem } = model
  const { language } = frame
  const say = (key: Parameters<typeof sentence>[1], names?: Parameters<typeof sentence>[2]) => sentence(language, key, names)
  const message =
    problem === undefined
      ? undefined
      : typeof problem === 'object'
        ? say('signin.slow', { seconds: problem.waitSeconds })
        : say(`signin.${problem}`)
  const described = html` aria-invalid="true" aria-describedby="problem"`
  const wrong = (field: 'username' | 'password') =>
    problem === 'wrong' || (problem === 'missing' && (field === 'password' || model.username === '')) ? described : ''
  // The cursor goes where the next key belongs.
  const focus = (field: 'username' | 'password') => ((field === 'password') === (model.username !== '') ? html` autofocus` : '')
  const fields = Object.entries({ ...model.fields, form_token: model.formToken })
  const hidden = html`${fields.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">
`,
  )}`
  const body = html`<h1>${say('signin.title')}</h1>
<p class="soft">${say(`signin.${model.reason}`, { client: model.clientName ?? frame.issuerName })}</p>
${message === undefined ? '' : html`<div class="message bad" role="alert" id="problem"><p>${message}</p></div>`}
<form method="post" action="${model.action}">
${hidden}
<label for="username">${say('signin.username')}</label>
<input type="text" id="username" name="username" value="${model.username}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="200"${wrong('username')}${focus('username')}>
<label for="password">${say('signin.password')}</label>
<input type="password" id="password" name="password" autocomplete="current-password" maxlength="1024"${wrong('password')}${focus('password')}>
<div class="actions"><button type="submit" id="login-submit" name="do" value="sign-in">${say('signin.submit')}</button></div>
</form>
${model.clientName === undefined ? '' : cancelForm(model, model.clientName, hidden)}`
  return renderPage(frame, say('signin.title'), body, { error: problem !== undefined })
}

function cancelForm({ action, frame: { language } }: SignInModel, client: string, hidden: Markup): Markup {
  return html`<form method="post" action="${action}">
${hidden}
<div class="actions"><button type="submit" class="plain" id="login-cancel" name="do" value="cancel">${sentence(language, 'signin.cancel', { client })}</button></div>
</form>`
}
