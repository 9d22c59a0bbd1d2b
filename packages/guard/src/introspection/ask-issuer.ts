// Asks the issuer about a token (RFC 7662 §2.1), with bounds on time and size; takes a signed answer where there is one (RFC 9701).
// What is remembered of the answer stands in `remembered-answers.ts`.
import {
  type Broken,
  checkIntrospectionAnswer,
  introspectionMediaType,
  type JsonObject,
  judge,
  type Law,
  type Seconds,
  signedAnswerRules,
  strictJson,
  tokenAlgorithms,
} from '@kimei/protocol'
import type { GuardConfig } from '../config/schema.ts'
import { discoverEndpoint, type Fetching, fetchText } from '../keys/fetch-jwks.ts'
import type { KeySource } from '../keys/key-source.ts'
import { attesting } from '../keys/make-key-source.ts'
import { makeAskingClient } from './asking-client.ts'
import { rememberedAnswers } from './remembered-answers.ts'
import { IntrospectionUnavailable, type TokenLookup } from './token-lookup.ts'

export interface IssuerLookupParts {
  readonly config: GuardConfig
  /** Verify signed answers. */
  readonly keys: KeySource
  readonly law: Law
  readonly random: (bytes: number) => Uint8Array
  readonly fetch?: typeof fetch
}

/** `undefined` where the configuration names nobody to ask. */
export function makeIssuerLookup(parts: IssuerLookupParts): TokenLookup | undefined {
  const { introspection } = parts.config
  if (!introspection) return undefined
  const { cacheSeconds, cache: entries, mostAtOnce } = introspection
  return rememberedAnswers({ ask: makeQuestion(parts, introspection), cacheSeconds, entries, mostAtOnce })
}

/** How far the clocks of issuer and API may differ. */
const leewaySeconds = 60
const preferSigned = `${introspectionMediaType}, application/json;q=0.5`
const limits = { depth: 12, members: 2000 }

function makeQuestion(parts: IssuerLookupParts, asked: NonNullable<GuardConfig['introspection']>) {
  const { config, random } = parts
  const credentials = makeAskingClient(asked, config.issuer, random)
  const fetching: Fetching = { fetch: parts.fetch ?? fetch, timeoutSeconds: asked.timeoutSeconds, ...attesting(config, parts.law) }
  const accept = asked.signed === 'off' ? 'application/json' : asked.signed === 'required' ? introspectionMediaType : preferSigned
  let known: Promise<string> | undefined
  const endpoint = async (): Promise<string> => {
    if (asked.endpoint) return asked.endpoint
    known ??= discoverEndpoint(config.issuer, 'introspection_endpoint', fetching)
    try {
      return await known
    } catch (error) {
      known = undefined
      throw error
    }
  }
  return async (token: string, now: Seconds): Promise<JsonObject | Broken> => {
    const { headers, form } = await credentials(now)
    const body = new URLSearchParams({ token, token_type_hint: 'access_token', ...form }).toString()
    const answer = await told(() =>
      endpoint().then((url) => fetchText(url, fetching, { method: 'POST', body, headers: { ...headers, accept } })),
    )
    return readAnswer(parts, asked, answer, now)
  }
}

/** Whatever kept the issuer from telling: the message names the endpoint, never the token. */
async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw new IntrospectionUnavailable(error instanceof Error ? error.message : 'the issuer could not be asked')
  }
}

async function readAnswer(
  { config, keys, law }: IssuerLookupParts,
  { clientId, signed }: NonNullable<GuardConfig['introspection']>,
  { type, text }: { readonly type: string; readonly text: string },
  now: Seconds,
): Promise<JsonObject | Broken> {
  if (type === introspectionMediaType) {
    const expect = { issuer: config.issuer, audiences: [clientId, config.resource], now, leewaySeconds, algorithms: tokenAlgorithms }
    return checkIntrospectionAnswer(text.trim(), { ...expect, keyFor: (question) => keys.keyFor(question) }, law)
  }
  if (signed === 'required') {
    const facts = { typ: type, claims: {}, issuer: config.issuer, audiences: [], now, leewaySeconds }
    const unsigned = judge(signedAnswerRules, facts, law)
    if (unsigned) return unsigned
  }
  const json = strictJson(text, limits)
  if (typeof json === 'string') throw new IntrospectionUnavailable(`the introspection answer is ${json} JSON`)
  return json
}
