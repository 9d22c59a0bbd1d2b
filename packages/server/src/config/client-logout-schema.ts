// How a client is declared to take part in signing out, and what the consent page tells of it.
import type { ClientLogout, ClientWords } from '@kimei/protocol'
import { z } from 'zod'
import { scopeName, text } from './shapes.ts'

/** Keys of a client. */
export const clientLogoutShape = {
  postLogoutRedirectUris: z
    .array(z.string())
    .default([])
    .describe('Where people may be sent after signing out at the issuer (post_logout_redirect_uri): exact.'),
  backchannelLogoutUri: z.string().optional().describe('Where this client is told, server to server, that a sign-in ended.'),
  backchannelLogoutSessionRequired: z.boolean().default(false).describe('Every such notice must name the sign-in (sid).'),
  frontchannelLogoutUri: z
    .string()
    .optional()
    .describe(
      'Loaded in a frame of the signed-out page. Browsers that block third-party cookies make it useless: prefer the back channel.',
    ),
  frontchannelLogoutSessionRequired: z.boolean().default(false).describe('That address is given iss and sid.'),
  offlineOnLogout: z
    .enum(['keep', 'end'])
    .default('keep')
    .describe('What becomes of offline access when its person signs out. The consent and sign-out pages say it.'),
}

export const clientWordsShape = {
  organisation: text.optional().describe('Who answers for the application: shown on the consent page.'),
  purposes: z.record(z.string(), text).default({}).describe('Why it asks, by scope or claim: shown beside each on the consent page.'),
  optionalScopes: z.array(scopeName).default([]).describe('Scopes that people may untick on the consent page.'),
}

type Declared = z.output<z.ZodObject<typeof clientLogoutShape & typeof clientWordsShape>>

/** Only what differs from saying nothing is recorded. */
export function declareLogout(client: Declared): ClientLogout & ClientWords {
  return {
    ...(client.postLogoutRedirectUris.length > 0 && { postLogoutRedirectUris: client.postLogoutRedirectUris }),
    ...(client.backchannelLogoutUri !== undefined && { backchannelLogoutUri: client.backchannelLogoutUri }),
    ...(client.backchannelLogoutSessionRequired && { backchannelLogoutSessionRequired: true }),
    ...(client.frontchannelLogoutUri !== undefined && { frontchannelLogoutUri: client.frontchannelLogoutUri }),
    ...(client.frontchannelLogoutSessionRequired && { frontchannelLogoutSessionRequired: true }),
    ...(client.offlineOnLogout === 'end' && { offlineOnLogout: 'end' as const }),
    ...(client.organisation !== undefined && { organisation: client.organisation }),
    ...(Object.keys(client.purposes).length > 0 && { purposes: client.purposes }),
    ...(client.optionalScopes.length > 0 && { optionalScopes: client.optionalScopes }),
  }
}
