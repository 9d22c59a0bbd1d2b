// What a thief can do with a stolen ticket and a used proof, but without the key. Each way is one request.
import { createDpopFetch, createMemoryDevice, type Fetch } from '@kimei/client'
import type { Tapped } from './wire-tap.ts'

export type TheftName = 'bearer' | 'no-proof' | 'other-key' | 'replay' | 'elsewhere'

export interface Theft {
  readonly name: TheftName
  readonly admitted: boolean
  readonly status: number
  /** `error` and `error_description` of the answer, where it has them. */
  readonly error: string | undefined
  readonly sentence: string | undefined
}

/** Only reads are tried: a theft that succeeds must not change anything. */
export async function tryThefts(stolen: Tapped, fetch: Fetch): Promise<readonly Theft[]> {
  const token = stolen.authorization.replace(/^DPoP /, '')
  const get = (headers: Record<string, string>, method = 'GET'): Promise<Response> => fetch(stolen.url, { method, headers })
  const ways: Record<TheftName, () => Promise<Response>> = {
    bearer: () => get({ authorization: `Bearer ${token}` }),
    'no-proof': () => get({ authorization: `DPoP ${token}` }),
    async 'other-key'() {
      const key = await createMemoryDevice().keys.keyFor({ issuer: 'nobody', clientId: 'thief' })
      return createDpopFetch({ key, fetch })(stolen.url, { token })
    },
    replay: () => get({ authorization: stolen.authorization, dpop: stolen.proof }),
    elsewhere: () => get({ authorization: stolen.authorization, dpop: stolen.proof }, 'HEAD'),
  }
  const thefts: Theft[] = []
  // One after the other: each answer can be found in the log.
  for (const [name, way] of Object.entries(ways) as [TheftName, () => Promise<Response>][]) thefts.push(await judge(name, await way()))
  return thefts
}

async function judge(name: TheftName, response: Response): Promise<Theft> {
  const body: unknown = await response.json().catch(() => undefined)
  const said = (member: string): string | undefined => {
    const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[member] : undefined
    return typeof value === 'string' ? value : undefined
  }
  const challenge = /error="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')
  const described = /error_description="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')
  return {
    name,
    admitted: response.ok,
    status: response.status,
    error: said('error') ?? challenge?.[1],
    sentence: said('error_description') ?? described?.[1],
  }
}
