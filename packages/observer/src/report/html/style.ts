// What the report adds to the stylesheet of the pages: a wider sheet, the matrix, the strips, exchanges; narrow screens and print.

export const reportStyle = `
:root { --good: #1f6a3a; --good-paper: #e8f3ea; }
@media (prefers-color-scheme: dark) { :root { --good: #93d6a8; --good-paper: #1e3325; } }
main, header.site, footer.site { max-width: 72rem; }
main > .card, main > section { margin-bottom: 1.5rem; }
section > h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
li { overflow-wrap: anywhere; }
h3 { font-size: 1.0625rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h4 { font-size: 1rem; margin: 1rem 0 .25rem; overflow-wrap: anywhere; }
main { padding-top: .5rem; }
.switch { position: absolute; opacity: 0; }
.switch-labels { display: flex; gap: .25rem; justify-content: flex-end; width: 100%; max-width: 72rem; margin: 0 auto; padding: 1rem 1rem 0; }
.switch-labels label { margin: 0; padding: .25rem .75rem; min-height: 32px; font-weight: 500; border: 1px solid var(--line); border-radius: 8px; cursor: pointer; }
#show-ja:checked ~ .switch-labels label[for=show-ja], #show-en:checked ~ .switch-labels label[for=show-en] { background: var(--accent); color: var(--accent-ink); border-color: var(--accent); }
#show-ja:focus-visible ~ .switch-labels label[for=show-ja], #show-en:focus-visible ~ .switch-labels label[for=show-en] { outline: 3px solid var(--accent); outline-offset: 2px; }
#show-ja:checked ~ .sheet[lang=en], #show-en:checked ~ .sheet[lang=ja] { display: none; }
.sheet { width: 100%; }
.sheet:lang(ja) { line-height: 1.8; }
.verdict { display: grid; grid-template-columns: minmax(14rem, 20rem) 1fr; gap: 1.5rem 2rem; align-items: start; }
.verdict svg.ticket { max-width: 20rem; }
.verdict dl { margin: 0; grid-column: 1 / -1; }
.verdict h1 { font-size: 1.75rem; }
.key { display: inline-block; padding: .125rem .5rem; border: 1px solid var(--line); border-radius: 6px; background: var(--paper); }
ul.fields { list-style: none; margin: .5rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem .5rem; font-size: .875rem; }
ul.fields li { border: 1px solid var(--line); border-radius: 6px; padding: .125rem .5rem; }
ul.fields .soft { margin-right: .375rem; }
.pill { display: inline-block; border: 1px solid currentColor; border-radius: 6px; padding: 0 .5rem; font-weight: 700; margin-right: .375rem; white-space: nowrap; }
.pill.P0 { background: var(--bad-paper); color: var(--bad); }
.pill.P1 { background: var(--warn-paper); color: var(--warn); }
.pill.P2, .pill.plain { color: var(--soft); font-weight: 500; }
.finding { background: var(--card); border: 1px solid var(--line); border-left: 6px solid var(--soft); border-radius: 12px; padding: 1rem 1.25rem; margin: 0 0 1rem; }
.finding.P0 { border-left-color: var(--bad); }
.finding.P1 { border-left-color: var(--warn); }
.finding.accepted { border-left-style: dashed; }
.finding dl { margin: .5rem 0; }
.wide { overflow-x: auto; }
table { font-size: .9375rem; }
th { font-weight: 600; }
thead th { vertical-align: bottom; color: var(--soft); font-size: .875rem; line-height: 1.35; }
table.matrix { border-collapse: separate; border-spacing: 3px; }
table.matrix th, table.matrix td { border: 0; padding: .4rem .5rem; }
th[scope=row] { font-weight: 500; }
table.matrix th[scope=row] { min-width: 10rem; }
table.cards th[scope=row] > .mono { white-space: nowrap; }
.after { margin-top: 1.5rem; }
table.matrix td { border-radius: 6px; background: var(--card); border: 1px solid var(--line); min-width: 5.25rem; }
table.matrix td .mark { display: block; margin-bottom: .125rem; }
table.matrix td.refused { background: var(--good-paper); color: var(--good); border-color: transparent; }
table.matrix td.accepted { background: var(--bad-paper); color: var(--bad); border: 2px solid currentColor; font-weight: 700; }
table.matrix td.unclear { background: var(--warn-paper); color: var(--warn); border-color: transparent; }
table.matrix td.not-asked, table.matrix td.not-applicable { color: var(--soft); }
.mark-paper, .mark-sign { stroke: currentColor; }
.who { display: block; color: var(--soft); font-size: .875rem; font-weight: 400; overflow-wrap: anywhere; }
.lane { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .25rem 1rem; align-items: center; border-bottom: 1px solid var(--line); padding: .25rem 0; }
.lane .mono { font-size: .8125rem; }
svg.strip { width: 100%; height: 28px; display: block; }
.strip-line { stroke: var(--line); }
.tick { fill: var(--soft); opacity: .55; }
.tick-refused { fill: var(--good); opacity: 1; }
.tick-accepted { fill: var(--bad); opacity: 1; }
ol.exchanges { margin: .5rem 0 0; padding: 0; list-style: none; }
ol.exchanges > li { border-top: 1px solid var(--line); padding: .5rem 0; }
ol.exchanges .mono { font-size: .8125rem; }
ol.exchanges p { margin: 0 0 .125rem; }
summary { padding: .25rem 0; }
details > .wide { margin-top: .5rem; }
.tiers { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; }
.tiers .card { padding: 1rem 1.25rem; }
.tiers ul { margin: .5rem 0 0; padding-left: 1.25rem; }
td.holds { color: var(--good); } td.violated { color: var(--bad); font-weight: 700; } td.inconclusive { color: var(--warn); }
td.holds, td.violated, td.inconclusive { white-space: nowrap; }
@media (max-width: 48rem) {
  .verdict { grid-template-columns: 1fr; }
  .verdict svg.ticket { max-width: 16rem; }
  .lane { grid-template-columns: 1fr; }
  table.cards thead { position: absolute; left: -999rem; }
  table.cards, table.cards tbody, table.cards tr, table.cards td, table.cards th[scope=row] { display: block; }
  table.cards tr { border: 1px solid var(--line); border-radius: 10px; padding: .75rem; margin-bottom: .75rem; background: var(--card); }
  table.cards th[scope=row], table.cards td { border: 0; padding: .125rem 0; white-space: normal; overflow-wrap: anywhere; }
  table.cards td[data-label] { display: grid; grid-template-columns: minmax(6rem, 9rem) 1fr; gap: .5rem; }
  table.cards td[data-label]::before { content: attr(data-label); color: var(--soft); font-weight: 400; font-size: .875rem; }
  table.cards td:empty { display: none; }
  table.matrix td { background: none; padding: .25rem .5rem; margin-top: 3px; }
  table.matrix td[data-label] { grid-template-columns: 1fr auto; align-items: center; }
  table.matrix td .mark { display: inline-block; margin: 0 .375rem 0 0; vertical-align: middle; }
  table.matrix td .word { white-space: nowrap; }
}
@media print {
  :root { --good: #000; --good-paper: #fff; }
  body { font-size: 10pt; }
  .switch-labels { display: none; }
  details::details-content { display: block; block-size: auto; content-visibility: visible; }
  .finding, ol.exchanges > li, .lane { break-inside: avoid; }
  .wide { overflow: visible; }
  table.matrix td { border: 1px solid #888; }
  .tick-refused { fill: #999; } .tick-accepted { fill: #000; }
  svg.strip, svg.ticket, .tick { print-color-adjust: exact; }
}
`
