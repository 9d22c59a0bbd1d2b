// What the lab's page adds to the one stylesheet: panels side by side, steps on the wire.
import { stylesheet } from 'look'

export const labStylesheet = `${stylesheet}
body.lab header.site, body.lab main { max-width: 110rem; }
body.lab h1 { font-size: 1.25rem; font-weight: 600; text-wrap: pretty; margin: .25rem 0 1rem; }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.125rem; min-width: 0; }
.panel > :first-child { margin-top: 0; }
.panel > :last-child { margin-bottom: 0; }
.panel h2 { font-size: 1.125rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
.panel h3 { font-size: .9375rem; margin: 1rem 0 .5rem; color: var(--soft); font-weight: 600; }
.top, .panels { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); margin-bottom: 1rem; }
section + section { margin-top: 0; }
select { width: 100%; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 8px; padding: .375rem .5rem; min-height: 44px; }
.panel label { font-size: .875rem; color: var(--soft); margin-top: .5rem; }
.panel label.choice { color: var(--ink); font-size: 1rem; margin: 0; }
.pair { display: grid; gap: 0 .75rem; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
.api { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: center; }
.api .state { margin-left: auto; display: inline-flex; gap: .35rem; align-items: center; font-size: .875rem; }
.acts { display: flex; flex-wrap: wrap; gap: .75rem; margin: .75rem 0; }
.acts form, .acts form + form { flex: 0 1 auto; margin: 0; }
.moves { display: flex; flex-wrap: wrap; gap: .5rem; }
.moves button { flex: 1 1 9.5rem; min-height: 44px; text-align: left; }
button.thief { background: transparent; color: var(--bad); border-color: currentColor; }
button.holder { background: transparent; color: var(--accent); border-color: currentColor; }
.priority { font-size: .8125rem; font-weight: 700; border: 1px solid currentColor; border-radius: 6px; padding: .05rem .4rem; vertical-align: .1em; }
.priority:empty { display: none; }
.priority.P0, strong.bad, .state.stolen { color: var(--bad); }
.priority.P1, .priority.P2 { color: var(--warn); }
strong.good, .state.kept { color: var(--good); }
.state.untried { color: var(--soft); }
figure.ticket { margin: 0 0 .5rem; }
ol.steps { list-style: none; margin: 0; padding: 0; }
ol.steps > li { border-left: 4px solid var(--line); padding: .25rem 0 .25rem .75rem; margin: 0 0 .75rem; min-width: 0; }
ol.steps > li > p { margin: 0; }
li.holder-passed, li.thief-refused { border-left-color: var(--good) !important; }
li.thief-passed { border-left-color: var(--bad) !important; }
li.holder-passed .badge, li.thief-refused .badge { color: var(--good); }
li.thief-passed .badge { color: var(--bad); }
.badge { white-space: nowrap; margin-left: .25rem; }
ul.events { list-style: none; margin: .125rem 0; padding: 0; color: var(--soft); font-size: .8125rem; }
ol.steps details { margin-top: .25rem; }
.label { margin: .5rem 0 0; font-size: .8125rem; }
pre { margin: .375rem 0; padding: .5rem .625rem; border-radius: 8px; background: var(--paper); border: 1px solid var(--line); font-size: .8125rem; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
pre.good { border-color: var(--good); }
pre.bad { border-color: var(--warn); }
dl.observed { grid-template-columns: 1fr; gap: .25rem; }
:root { --good: #1f6a3a; }
@media (prefers-color-scheme: dark) {
  :root { --good: #8fd6a6; }
  .mark-refused path { stroke: var(--good); } .mark-accepted path { stroke: var(--bad); } .mark-not-asked path { stroke: var(--soft); }
}
@media (max-width: 52rem) { .acts form { flex: 1 1 9rem; } .acts button { width: 100%; } }
@media (min-width: 52rem) {
  .top { grid-template-columns: minmax(0, 20rem) minmax(0, 1fr); align-items: start; }
  .panels { grid-template-columns: repeat(2, minmax(0, 1fr)); align-items: start; }
  .panels > :nth-child(2) { grid-row: span 2; }
  .panel.wire { grid-column: 1 / -1; }
}
@media (min-width: 84rem) {
  .panels { grid-template-columns: minmax(0, 14rem) minmax(0, 25rem) minmax(0, 22rem) minmax(0, 1fr); }
  .panels > :nth-child(2) { grid-row: auto; }
  .panel.wire { grid-column: auto; max-height: 60rem; overflow: auto; }
}
body.busy main { opacity: .6; }
`
/** Comfort alone: forms are sent without leaving the place on the page. Without it they are plain forms. */
export const labScript = `const lab = document.documentElement
document.addEventListener('submit', async (event) => {
  const form = event.target
  const button = event.submitter
  event.preventDefault()
  document.body.classList.add('busy')
  try {
    const body = new URLSearchParams(new FormData(form, button))
    const response = await fetch(form.getAttribute('action'), { method: 'POST', body })
    const next = new DOMParser().parseFromString(await response.text(), 'text/html')
    const main = next.querySelector('main')
    if (!main) throw new Error('no page')
    document.querySelector('main').replaceWith(main)
    const last = document.querySelector('.wire #last')
    const wire = document.querySelector('.panel.wire')
    if (last && wire && wire.scrollHeight > wire.clientHeight) wire.scrollTop = last.offsetTop - wire.offsetTop - 8
    else if (last && /attack|move/.test(form.getAttribute('action'))) last.scrollIntoView({ block: 'nearest' })
  } catch {
    form.submit()
  } finally {
    document.body.classList.remove('busy')
  }
})
`
