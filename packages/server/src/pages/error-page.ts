// The page for errors that no redirect may carry. One constant sentence, a number to tell, the rule in the fold below.
import { html } from 'hono/html'
import { sentence } from 'look'
import { type PageFrame, renderPage } from './layout.ts'

/** Stable in both languages: people and programs look for it. */
export const constantSentence = 'Request cannot be processed'

export interface ErrorModel {
  readonly frame: PageFrame
  readonly requestId: string
  /** `server.fault` where the problem is ours. */
  readonly rule: string
  /** The rule's own sentence, where it may be shown. */
  readonly says?: string
  /** Where the app wants the person back, which nobody here vouches for: gone to by hand alone. */
  readonly onward?: Onward
}

interface Onward {
  readonly to: string
  readonly href: string
  /** What is posted there, where the app asked for a form. */
  readonly posts?: readonly (readonly [name: string, value: string])[]
}

export function renderErrorPage({ frame, requestId, rule, says, onward }: ErrorModel): string {
  const say = (key: Parameters<typeof sentence>[1]) => sentence(frame.language, key)
  const title = say('error.title')
  const body = html`<h1>${title}</h1>
${title === constantSentence ? '' : html`<p class="soft" lang="en">${constantSentence}</p>`}
<p>${say(rule === 'server.fault' ? 'error.ours' : 'error.next')}</p>
${onward === undefined ? '' : renderOnward(frame, onward)}
<dl><dt>${say('error.request-id')}</dt><dd><code>${requestId}</code></dd></dl>
${says === undefined ? '' : html`<details><summary>${say('error.details')}</summary><dl><dt>${say('error.rule')}</dt><dd><code>${rule}</code><br><span lang="en">${says}</span></dd></dl></details>`}`
  return renderPage(frame, title, body, { error: true })
}

function renderOnward({ language }: PageFrame, { to, href, posts }: Onward) {
  const label = sentence(language, 'error.onward', { to })
  const way =
    posts === undefined
      ? html`<a href="${href}" rel="noreferrer" id="error-onward">${label}</a>`
      : html`<form method="post" action="${href}">${posts.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<button type="submit" id="error-onward">${label}</button></form>`
  return html`<p>${sentence(language, 'error.onward-lead')}</p>
<div class="actions">${way}</div>`
}
