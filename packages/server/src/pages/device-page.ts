// The pages on which a person allows a device: type the code, compare and decide, done. Pure: model in, HTML out.
import { html, raw } from 'hono/html'
import { sentence, ticketSvg } from 'look'
import { type ConsentModel, lifetimeLines, permissionList } from './consent-page.ts'
import { type Markup, type PageFrame, renderPage } from './layout.ts'

type Say = (key: Parameters<typeof sentence>[1], names?: Parameters<typeof sentence>[2]) => string

export interface DeviceEntryModel {
  readonly frame: PageFrame
  readonly action: string
  readonly formToken: string
  readonly userName: string
  /** What stands in the field already: from the link, or what was typed. */
  readonly userCode: string
  readonly problem?: 'missing' | 'malformed' | 'unknown' | 'far' | { readonly waitMinutes: number }
}

export function renderDeviceEntry(model: DeviceEntryModel): string {
  const { frame, problem } = model
  const say: Say = (key, names) => sentence(frame.language, key, names)
  const message =
    problem === undefined
      ? undefined
      : typeof problem === 'object'
        ? say('device.slow', { minutes: problem.waitMinutes })
        : say(`device.${problem}`)
  const described = problem === undefined ? html` aria-describedby="hint"` : html` aria-invalid="true" aria-describedby="problem hint"`
  const body = html`<h1>${say('device.title')}</h1>
<p class="soft">${say('consent.you', { user: model.userName })}</p>
${message === undefined ? '' : html`<div class="message bad" role="alert" id="problem"><p>${message}</p></div>`}
<p>${say('device.enter')}</p>
<form method="post" action="${model.action}">
<input type="hidden" name="form_token" value="${model.formToken}">
<label for="user-code">${say('device.code')}</label>
<input type="text" class="user-code mono" id="user-code" name="user_code" value="${model.userCode}" inputmode="text" autocapitalize="characters" autocomplete="off" spellcheck="false" maxlength="40" size="9" placeholder="BCDF-GHJK"${described} autofocus>
<p class="soft" id="hint">${say('device.code-hint')}</p>
<div class="message warn" role="note"><p>${say('device.only-yours')}</p></div>
<div class="actions"><button type="submit" id="device-continue" name="do" value="check">${say('device.continue')}</button></div>
</form>`
  return renderPage(frame, say('device.title'), body, { error: problem !== undefined })
}

export interface DeviceDecisionModel
  extends Pick<
    ConsentModel,
    | 'frame'
    | 'action'
    | 'formToken'
    | 'clientName'
    | 'clientId'
    | 'organisation'
    | 'userName'
    | 'permissions'
    | 'apis'
    | 'accessMinutes'
    | 'renewal'
    | 'ticket'
  > {
  /** Grouped, as the device shows it. */
  readonly userCode: string
  readonly minutesAgo: number
  /** `2026-01-01 12:00 UTC`. */
  readonly time: string
  readonly address: string | undefined
  /** `undefined`: one of the two addresses is not known. */
  readonly sameNetwork: boolean | undefined
}

export function renderDeviceDecision(model: DeviceDecisionModel): string {
  const { frame } = model
  const say: Say = (key, names) => sentence(frame.language, key, names)
  const body = html`<h1>${say('device.asks', { client: model.clientName })}</h1>
<p class="soft">${say('consent.you', { user: model.userName })}</p>
<div class="message warn" role="note"><p>${say('device.warning')}</p></div>
<p class="user-code">${say('device.compare')}<br><strong class="mono">${model.userCode}</strong></p>
<form method="post" action="${model.action}">
<dl>
${origin(model, say)}
<dt>${say('consent.who')}</dt><dd>${model.clientName} <span class="soft client-id">(<code>${model.clientId}</code>)</span></dd>
${model.organisation === undefined ? '' : html`<dt>${say('consent.organisation')}</dt><dd>${model.organisation}</dd>`}
<dt>${say('consent.what')}</dt><dd>${permissionList(model)}</dd>
${model.apis.length === 0 ? '' : html`<dt>${say('consent.api')}</dt><dd><ul class="none">${model.apis.map((api) => html`<li>${api.name}</li>`)}</ul></dd>`}
<dt>${say('consent.how-long')}</dt><dd><ul>${lifetimeLines(model).map((text) => html`<li>${text}</li>`)}</ul></dd>
<dt>${say('consent.ticket')}</dt><dd>${say(`consent.${model.ticket.kind}`)}${raw(ticketSvg(model.ticket, frame.language, model.clientName))}</dd>
</dl>
<input type="hidden" name="user_code" value="${model.userCode}">
<input type="hidden" name="form_token" value="${model.formToken}">
<div class="actions">
<button type="submit" id="device-allow" name="do" value="allow">${say('device.allow')}</button>
<button type="submit" class="plain" id="device-deny" name="do" value="deny">${say('consent.deny')}</button>
</div>
</form>`
  return renderPage(frame, say('device.title'), body)
}

/** When and from where the device asked: what a person can compare with what they know. */
function origin({ minutesAgo, time, address, sameNetwork }: DeviceDecisionModel, say: Say): Markup {
  const when = minutesAgo < 1 ? say('device.just-now', { time }) : say('device.minutes-ago', { minutes: minutesAgo, time })
  const near = sameNetwork === undefined ? '' : say(sameNetwork ? 'device.same-network' : 'device.other-network')
  const place = address === undefined ? say('device.unknown-place') : html`<code>${address}</code>`
  const where = sameNetwork === false ? html`${place}<br><strong>${near}</strong>` : html`${place}<br><span class="soft">${near}</span>`
  return html`<dt>${say('device.when')}</dt><dd>${when}</dd>
<dt>${say('device.from')}</dt><dd>${where}</dd>`
}

export function renderDeviceDone(frame: PageFrame, decision: 'allowed' | 'denied'): string {
  const title = sentence(frame.language, `device.${decision}-title`)
  return renderPage(frame, title, html`<h1>${title}</h1>\n<p>${sentence(frame.language, `device.${decision}`)}</p>`)
}
