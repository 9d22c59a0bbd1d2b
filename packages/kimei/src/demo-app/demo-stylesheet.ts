// The shared stylesheet and what the demo app adds to it.
import { stylesheet } from 'look'

export const demoStylesheet = `${stylesheet}
header.site, footer.site, main { max-width: 44rem; }
main > section { margin-top: 1rem; }
section.card > h2 { font-size: 1.125rem; margin-top: 0; }
.ticket-row { display: grid; grid-template-columns: minmax(0, 20rem) minmax(0, 1fr); gap: 1rem 2rem; align-items: start; }
.ticket-row dl { margin: 0; grid-template-columns: 1fr; gap: 0; }
.ticket-row dd { margin-bottom: .5rem; }
@media (max-width: 40rem) { .ticket-row { grid-template-columns: 1fr; } }
.compare { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 1rem 2rem; margin: 1.25rem 0; }
.compare figure { margin: 0; }
.compare figcaption { font-weight: 600; margin-bottom: .25rem; }
.ticket-row ul.none { list-style: none; margin: 0; padding: 0; }
p.last { margin: 1rem 0 0; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0 0; }
@media (max-width: 30rem) { .buttons button { flex: 1 1 100%; } }
button[disabled] { opacity: .55; cursor: progress; }
.result { margin-top: 1rem; }
.result:empty { display: none; }
.exchange { border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1rem; margin: .75rem 0 0; background: var(--paper); }
.exchange h3 { font-size: .875rem; color: var(--soft); margin: 0 0 .25rem; font-weight: 600; }
.exchange pre { margin: 0 0 .75rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem; line-height: 1.5; }
.exchange pre:last-child { margin-bottom: 0; }
ul.thefts { list-style: none; margin: 1rem 0 0; padding: 0; }
ul.thefts li { border-top: 1px solid var(--line); padding: .75rem 0; display: grid; grid-template-columns: minmax(5.5rem, max-content) 1fr; gap: .25rem 1rem; }
ul.thefts p { margin: 0; }
ul.thefts .mark { font-weight: 700; }
ul.thefts li.admitted .mark { color: var(--bad); }
ul.thefts details { margin-top: .25rem; }
@media (max-width: 30rem) { ul.thefts li { grid-template-columns: 1fr; } }
.verdict { font-weight: 700; margin: 1rem 0 0; }
[hidden] { display: none !important; }
`
