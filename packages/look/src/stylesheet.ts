// The one stylesheet: calm paper and ink, light and dark, 320 px to wide, print. No scripts, no fonts from elsewhere.

export const stylesheet = `:root {
  color-scheme: light dark;
  --paper: #faf7f0; --card: #fffdf8; --ink: #23211d; --soft: #5f5a50; --line: #d8d0c0;
  --ticket: #f6efdf; --stamp: #a83420; --accent: #24496f; --accent-ink: #fffdf8; --warn: #7a4b00; --warn-paper: #fff3d6; --bad: #8c1d18; --bad-paper: #fdecea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #1b1a17; --card: #242320; --ink: #ece6da; --soft: #b3ab9c; --line: #45413a;
    --ticket: #2e2b25; --stamp: #f0937c; --accent: #a9c7ea; --accent-ink: #10202f; --warn: #ffd479; --warn-paper: #3a2f16; --bad: #ffb4ab; --bad-paper: #44201d;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { font-size: 100%; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink); line-height: 1.6; display: flex; flex-direction: column;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
:lang(ja) body, body:lang(ja) {
  line-height: 1.8;
  font-family: system-ui, -apple-system, "Hiragino Sans", "Hiragino Kaku Gothic ProN", "BIZ UDPGothic", "Yu Gothic UI", Meiryo, "Noto Sans CJK JP", "Noto Sans JP", sans-serif;
}
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
header.site, footer.site { width: 100%; max-width: 34rem; margin: 0 auto; padding: 1.25rem 1rem .5rem; display: flex; gap: 1rem; justify-content: space-between; align-items: baseline; }
header.site { flex-wrap: wrap; row-gap: 0; }
header.site .name { flex: 1 1 6rem; font-weight: 700; letter-spacing: .04em; overflow-wrap: anywhere; }
footer.site { color: var(--soft); font-size: .875rem; padding: .5rem 1rem 2rem; margin-top: auto; }
nav.languages { flex: none; margin-left: auto; white-space: nowrap; }
nav.languages a { display: inline-block; padding: .25rem .5rem; min-height: 24px; color: var(--soft); }
nav.languages a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
main { width: 100%; max-width: 34rem; margin: 0 auto; padding: 0 1rem 1.5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.5rem; }
@media (max-width: 30rem) { .card { padding: 1.125rem; } }
:lang(ja) { word-break: auto-phrase; line-break: strict; }
h1 { font-size: 1.5rem; line-height: 1.35; margin: 0 0 .5rem; text-wrap: balance; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
.card > :last-child { margin-bottom: 0; }
form + form .actions { margin-top: .75rem; }
.soft { color: var(--soft); }
a { color: var(--accent); text-underline-offset: .2em; }
label { display: block; font-weight: 600; margin: 1rem 0 .25rem; }
input[type=text], input[type=password] {
  width: 100%; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 8px; padding: .625rem .75rem; min-height: 44px;
}
input[aria-invalid=true] { border: 2px solid var(--bad); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; }
button {
  font: inherit; font-weight: 600; min-height: 44px; padding: .5rem 1.5rem; border-radius: 8px; border: 1px solid var(--accent);
  background: var(--accent); color: var(--accent-ink); cursor: pointer;
}
.actions button { flex: 1 1 9rem; }
.actions.stacked { flex-direction: column; }
.actions.stacked button { flex: none; }
button.plain { background: transparent; color: var(--accent); }
.message { border-radius: 8px; padding: .75rem 1rem; margin: 0 0 1rem; border: 1px solid; }
.message p:last-child { margin: 0; }
.message.bad { background: var(--bad-paper); color: var(--bad); border-color: currentColor; }
.message.warn { background: var(--warn-paper); color: var(--warn); border-color: currentColor; }
dl { display: grid; grid-template-columns: minmax(6.5rem, max-content) 1fr; gap: .5rem 1.25rem; margin: 1rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .75rem; } dd:last-child { margin-bottom: 0; } }
dd ul, ul.plain { margin: 0; padding-left: 1.25rem; }
li.choice { list-style: none; margin-left: -1.25rem; }
li.choice label { display: flex; gap: .5rem; align-items: baseline; margin: 0; padding: .25rem 0; font-weight: 400; }
input[type=checkbox], input[type=radio] { flex: none; width: 24px; height: 24px; margin: 0; accent-color: var(--accent); align-self: flex-start; }
dd ul + p { margin: .25rem 0 0; }
fieldset { border: 0; margin: 0 0 1rem; padding: 0; }
legend { padding: 0; color: var(--soft); }
label.choice { display: flex; gap: .5rem; align-items: flex-start; margin: 0; padding: .375rem 0; font-weight: 400; }
ul.rows { list-style: none; margin: 0 0 1rem; padding: 0; }
ul.rows > li { border-top: 1px solid var(--line); padding: .75rem 0; }
ul.rows form, ul.rows p { margin: .5rem 0 0; }
ul.rows ul { margin: .25rem 0; padding-left: 1.25rem; }
section + section { margin-top: 2rem; }
section h2 { font-size: 1.125rem; }
section form + form { margin-top: .75rem; }
button.small { min-height: 36px; padding: .25rem 1rem; font-weight: 500; }
time { white-space: nowrap; }
a.act { display: inline-block; min-height: 24px; margin-right: 1rem; }
table + p { margin-top: 1rem; }
@media (max-width: 30rem) {
  table.stack thead { position: absolute; left: -999rem; }
  table.stack td { display: block; border: 0; padding: 0; }
  table.stack tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0; }
}
iframe.unseen { position: absolute; width: 1px; height: 1px; border: 0; opacity: 0; }
dd svg.ticket { margin-top: .5rem; }
dd ul.none { list-style: none; padding: 0; }
code, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .9375em; overflow-wrap: anywhere; }
input.user-code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; max-width: 16rem; font-size: 1.375rem; letter-spacing: .15em; text-transform: uppercase; }
#hint { margin-top: .5rem; }
.user-code strong { font-size: 1.625rem; letter-spacing: .15em; }
details { margin-top: 1rem; }
details dl:last-child { margin-bottom: 0; }
summary { cursor: pointer; min-height: 24px; color: var(--soft); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
svg.ticket { width: 100%; max-width: 22rem; height: auto; display: block; font-family: inherit; }
.ticket-paper { fill: var(--ticket); stroke: var(--soft); }
.ticket-title { fill: var(--ink); }
.ticket-words, .ticket-kind { fill: var(--soft); }
.ticket-stamp { stroke: var(--stamp); }
.ticket-bearer .ticket-stamp, .ticket-unknown .ticket-stamp, .ticket-no-stripe, .ticket-hatch { stroke: var(--soft); }
.ticket-mark { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; fill: var(--stamp); }
.client-id { display: inline-block; max-width: 100%; }
img.client-logo { vertical-align: middle; object-fit: contain; border-radius: 6px; }
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --card: #fff; --ticket: #fff; --ink: #000; --soft: #333; --line: #888;
    --stamp: #000; --accent: #000; --accent-ink: #fff; --warn: #000; --warn-paper: #fff; --bad: #000; --bad-paper: #fff;
  }
  .actions, nav.languages, .skip { display: none; }
  main, header.site, footer.site { max-width: none; }
  .card, tr, li, dd { break-inside: avoid; }
}
`
