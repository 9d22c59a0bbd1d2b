// Exchanges as a person reads them: what was sent with which ticket and proof, what came back. Digests and claims only.
import type { Evidence, Redacted } from '../../observation.ts'
import { answerLine, sayHeader, tlsLine } from '../exchange-text.ts'
import { roleTold } from '../role-words.ts'
import { h, type Markup, when } from './markup.ts'
import { phrase } from './phrases.ts'

type Language = 'ja' | 'en'

export function exchangeList(exchanges: readonly Evidence[], language: Language): Markup {
  return h`<ol class="exchanges">${exchanges.map((one) => exchange(one, language))}</ol>`
}

function exchange({ id, role, request, response, milliseconds, at, tls }: Evidence, language: Language): Markup {
  const time = new Date(at * 1000).toISOString().slice(11, 19)
  return h`<li>
<h4><span class="mono">${id}</span> ${roleTold(role, language)} <span class="soft">${time}${milliseconds === undefined ? '' : ` · ${milliseconds} ms`}</span></h4>
<p class="mono">${request.method} ${request.url}</p>
${tls ? h`<p class="mono soft">${tlsLine(tls, language)}</p>` : undefined}
${request.authorization.length === 0 && request.proofs.length === 0 ? h`<p class="soft">${phrase('noTicket', language)}</p>` : undefined}
${request.authorization.map((one) => credential(`${phrase('ticket', language)} ${one.scheme}`, one, language))}
${request.proofs.map((one) => credential(phrase('proof', language), one, language))}
${(request.headers ?? []).map((name) => h`<p class="mono">${sayHeader(name)}…</p>`)}
${when(request.parameters?.length, () => h`<p class="mono"><span class="soft">${phrase('parameters', language)}</span> ${request.parameters!.join(' ')}</p>`)}
<p class="mono">→ ${tls?.ended ?? answerLine(response)}</p>
</li>`
}

function credential(name: string, { sha256, length, claims }: Redacted, language: Language): Markup {
  const said =
    claims === undefined
      ? ''
      : Object.entries(claims)
          .map(([claim, value]) => `${claim}=${value}`)
          .join('  ')
  return h`<p class="mono"><span class="soft">${name}</span> sha256 ${sha256.slice(0, 16)}… (${length} ${phrase('letters', language)}) ${said}</p>`
}
