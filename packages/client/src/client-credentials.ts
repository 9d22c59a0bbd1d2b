// Tickets for a program that acts for itself: the client credentials grant, fetched when needed, kept for as long as they last.
import * as oauth from 'oauth4webapi'
import type { HolderOptions, TicketHolder } from './contract.ts'
import { createMemoryDevice } from './device/memory.ts'
import { holdTicket } from './held-ticket.ts'
import { createIssuerLink } from './issuer-link.ts'
import { within } from './library-errors.ts'
import { checkNaming } from './naming.ts'
import { readTicket } from './saved-ticket.ts'

/** The key lives in memory unless a device is given: a program that starts anew can take a new name. */
export function createClientCredentials(options: HolderOptions): TicketHolder {
  checkNaming(options)
  const link = createIssuerLink(options)
  const device = options.device ?? createMemoryDevice()
  const parameters = new URLSearchParams((options.resources ?? []).map((resource) => ['resource', resource]))
  if (options.scopes !== undefined) parameters.set('scope', options.scopes.join(' '))
  const { ticket, fetch, key, dangerouslyRevealAccessToken } = holdTicket({
    link,
    device: () => device,
    options,
    async next(name) {
      const { response, as, client } = await link.ask(name, (asking) =>
        oauth.clientCredentialsGrantRequest(asking.as, asking.client, asking.auth, parameters, asking.options),
      )
      const answer = await within('holder.answer-is-readable', () => oauth.processClientCredentialsResponse(as, client, response))
      const { refreshToken: _none, ...got } = readTicket(answer, link.now(), name, { scopes: options.scopes ?? [] })
      return got
    },
  })
  return { ticket, fetch, key, dangerouslyRevealAccessToken }
}
