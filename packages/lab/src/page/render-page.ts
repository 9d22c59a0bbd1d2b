// The whole page of the lab: which scenario, its story, four panels side by side. Works without script.

import { renderPosture } from '@kimei/observer'
import { html, raw } from 'hono/html'
import { type Language, languages, sentence } from 'look'
import { scenarios } from '../scenarios/catalogue.ts'
import type { LabView } from './lab-state.ts'
import { say } from './page-words.ts'
import { apiPanel, issuerPanel, type Markup, peoplePanel, wirePanel } from './render-panels.ts'

const names: Readonly<Record<Language, string>> = { ja: '日本語', en: 'English' }

export function renderLabPage(view: LabView, language: Language, mistakes: readonly string[] = []): string {
  const title = say(language, 'title')
  const links = languages.map((one) => {
    const here = one === language ? raw(' aria-current="true"') : ''
    return html`<a href="/?lang=${one}" lang="${one}" hreflang="${one}"${here}>${names[one]}</a>`
  })
  const page = html`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kimei – ${title}</title><link rel="stylesheet" href="/lab.css"><link rel="icon" type="image/svg+xml" href="/icon.svg">
<script type="module" src="/lab.js"></script></head>
<body class="lab"><a class="skip" href="#content">${sentence(language, 'page.skip')}</a>
<header class="site"><span class="name">Kimei ${title}</span><nav class="languages" aria-label="${sentence(language, 'page.language')}">${links}</nav></header>
<main id="content"><h1>${say(language, 'lead')}</h1>
${mistakes.length === 0 ? '' : html`<div class="message bad" role="alert"><p>${say(language, 'mistake')}</p><ul>${mistakes.map((one) => html`<li class="mono">${one}</li>`)}</ul></div>`}
<div class="top">${chooser(view, language)}${storyCard(view, language)}</div>
<div class="panels">${issuerPanel(view, language)}${apiPanel(view, language)}${peoplePanel(view, language)}${wirePanel(view, language)}</div>
</main></body></html>
`
  return String(page)
}

function chooser({ scenario }: LabView, language: Language): Markup {
  const groups = (['setup', 'compound', 'rule'] as const).map((kind) => {
    const list = scenarios.filter((one) => one.kind === kind)
    return html`<optgroup label="${say(language, `choose.${kind}`)}">${list.map(
      ({ id, title, world }) =>
        html`<option value="${id}"${id === scenario?.id ? raw(' selected') : ''}>${kind === 'rule' ? `${world.without[0]} ` : ''}${title[language]}</option>`,
    )}</optgroup>`
  })
  const own = scenario ? '' : html`<option value="" selected>${say(language, 'choose.own')}</option>`
  return html`<form class="panel" method="post" action="/scenario"><label for="scenario">${say(language, 'choose.scenario')}</label>
<select id="scenario" name="scenario">${own}${groups}</select>
<p class="actions"><button>${say(language, 'choose.start')}</button></p></form>`
}

function storyCard(view: LabView, language: Language): Markup {
  const { scenario, mended, world } = view
  const missing = world.without.length > 0 && !mended ? html`<p class="mono soft">${world.without.join(' ')}</p>` : ''
  const button = (action: string, text: string, plain: boolean) =>
    html`<form method="post" action="/${action}"><button class="${plain ? 'plain' : ''}">${text}</button></form>`
  return html`<section class="panel story" aria-labelledby="story"><h2 id="story">${scenario?.title[language] ?? say(language, 'choose.own')}${priority(view)}</h2>
<p>${scenario?.story[language] ?? say(language, 'own.story')}</p>${missing}
${mended ? html`<p class="message">${say(language, 'story.mended')}</p>` : ''}
<div class="acts">${scenario ? button('attack', say(language, 'act.play'), false) : ''}${button('mend', say(language, mended ? 'act.unmend' : 'act.mend'), true)}${button('ask', say(language, 'act.ask'), true)}</div>
${observedPart(view, language)}
${scenario ? html`<details><summary>${say(language, 'story.mend')}</summary><p>${scenario.mend[language]}</p></details>` : ''}</section>`
}

function priority({ scenario, mended }: LabView): Markup {
  if (!scenario || mended || scenario.truth.priority === 'none') return html``
  return html` <span class="priority ${scenario.truth.priority}">${scenario.truth.priority}</span>`
}

function observedPart({ observed, scenario, mended }: LabView, language: Language): Markup {
  if (observed === undefined) return html``
  const expected = scenario && !mended ? renderPosture(scenario.truth.posture) : undefined
  const right = expected === undefined ? undefined : expected === observed.key && scenario?.truth.priority === observed.priority
  const verdict =
    right === undefined
      ? ''
      : html` <strong class="${right ? 'good' : 'bad'}">${say(language, right ? 'observed.right' : 'observed.wrong')}</strong>`
  return html`<dl class="observed"><dt>${say(language, 'observed.title')}</dt><dd><code>${observed.key.replaceAll('+', '+\u200b')}</code>
<span class="priority ${observed.priority}">${observed.priority === 'none' ? '' : observed.priority}</span>${verdict}<br>
<span class="soft">${say(language, 'observed.requests', { count: observed.requests })}</span></dd></dl>`
}
