// The page that posts an authorization response to the client (OAuth 2.0 Form Post Response Mode §2). Pure: model in, HTML out.
// Its one script presses the button; without script the person does.
import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { sentence } from 'look'
import { pagePolicy } from '../http/answers.ts'
import { type PageFrame, renderPage } from './layout.ts'

export interface FormPostModel {
  readonly frame: PageFrame
  /** The client's redirect URI. */
  readonly action: string
  readonly clientName: string
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

const script = "document.getElementById('form-post').submit()"

/** This one script and no other. No form-action: the client's own onward redirect would be blocked. */
export const postingPolicy = `${pagePolicy}; script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`

export function renderFormPost({ frame, action, clientName, parameters }: FormPostModel): string {
  const say = (key: Parameters<typeof sentence>[1]) => sentence(frame.language, key, { client: clientName })
  const body = html`<h1>${say('form-post.title')}</h1>
<p>${say('form-post.lead')}</p>
<form method="post" action="${action}" id="form-post">
${parameters.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`)}<div class="actions"><button type="submit" id="form-post-submit">${say('form-post.submit')}</button></div>
</form>
<script>${raw(script)}</script>`
  return renderPage(frame, say('form-post.title'), body)
}
