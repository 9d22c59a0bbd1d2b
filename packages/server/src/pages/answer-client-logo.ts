// GET /client-logo: the logo of the client that somebody is being asked about, from the issuer's own origin.
// Only the browser of an open request gets one; nobody fetches through the issuer what no page shows.
import { isBroken, type Language } from '@kimei/protocol'
import type { Handler, ServerContext } from '../context.ts'
import { answerEmpty } from '../http/answers.ts'
import { loadInteraction } from '../steps/interactions.ts'

export function logoUrl({ urls }: ServerContext, interaction: string, language: Language): string {
  return `${urls.base}/client-logo?${new URLSearchParams({ interaction, lang: language })}`
}

export const sendClientLogo: Handler = async (context, exchange) => {
  const query = new URLSearchParams(exchange.query)
  const interaction = await loadInteraction(context, exchange, query.get('interaction') ?? undefined)
  const language: Language = query.get('lang') === 'ja' ? 'ja' : 'en'
  const url = isBroken(interaction) ? undefined : interaction.client.links?.logo?.[language]
  const logo = url === undefined ? undefined : await context.logos.logoAt(url, exchange)
  if (!logo) return answerEmpty(context, 404)
  return new Response(logo.bytes, {
    headers: {
      'content-type': logo.mediaType,
      'cache-control': 'private, max-age=600',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
    },
  })
}
