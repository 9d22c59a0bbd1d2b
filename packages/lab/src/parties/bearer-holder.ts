// A holder of the old kind: whatever the issuer gives is sent along as Bearer. Holders with a key refuse such tickets.
import { createHash, randomBytes } from 'node:crypto'
import { redirectUri } from '../lab-issuer.ts'
import type { WireAnswer } from '../wire/send.ts'
import type { Holder, HolderParts } from './holder.ts'

type Form = Readonly<Record<string, string>>

export interface BearerHolderParts extends HolderParts {
  /** Of the client that asks for itself: its assertion, made anew each time. */
  readonly assertion?: () => Promise<Form>
}

export function openBearerHolder(parts: BearerHolderParts): Holder {
  const { client, issuer, send, assertion } = parts
  let token: string | undefined
  const post = async (path: string, form: Form): Promise<WireAnswer> => {
    const body = new URLSearchParams({ ...form, client_id: client, ...(await assertion?.()) }).toString()
    return send({ method: 'POST', url: `${issuer}${path}`, headers: [['Content-Type', 'application/x-www-form-urlencoded']], body })
  }
  const use: Holder['use'] = async ({ url, method, body }) => {
    const typed = body === undefined ? [] : [['Content-Type', 'application/json'] as const]
    const headers = [['Authorization', `Bearer ${token}`] as const, ...typed]
    const { status } = await send({ method, url, headers, ...(body !== undefined && { body }) })
    return { status }
  }
  return {
    client,
    async getTicket() {
      const { resource, scopes } = parts
      const grant = assertion ? { grant_type: 'client_credentials', scope: scopes.join(' ') } : await signedIn(parts)
      const answer = await post('/token', { ...grant, resource })
      const read = JSON.parse(answer.body) as { access_token?: string; error?: string }
      if (read.access_token === undefined) throw new Error(`the issuer gave no ticket: ${read.error ?? answer.status}`)
      token = read.access_token
    },
    use,
    async signOut() {
      await post('/revoke', { token: token ?? '' })
    },
    useRevoked: use,
    ticket: async () => ({ kind: 'bearer' }),
  }
}

/** Code flow with PKCE; the person signs in through plain pages. */
async function signedIn({ client, issuer, resource, scopes, signIn }: HolderParts): Promise<Form> {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client,
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    resource,
    state: 'lab',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const back = new URL(await signIn(`${issuer}/authorize?${query}`))
  const code = back.searchParams.get('code') ?? ''
  return { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
}
