// Change events to an address of the operator's: one bounded POST with a signature, a few tries, no redirects. What is lost is said, not hidden.
import { createHmac } from 'node:crypto'
import * as http from 'node:http'
import * as https from 'node:https'
import { setTimeout } from 'node:timers/promises'
import { Misuse, type Seconds } from '@kimei/protocol'
import { isLoopback, readTarget } from '../inventory/targets.ts'
import type { ChangeEvent } from './changes.ts'

export interface WebhookOptions {
  readonly url: string
  /** Of the HMAC. */
  readonly secret: string
  readonly clock: () => Seconds
  /** Between tries; `[1000, 5000]` tries three times. */
  readonly pausesMilliseconds?: readonly number[]
  readonly signal?: AbortSignal | undefined
}

/** `undefined`: taken. Otherwise why not, without anything of the answer. */
export type Deliver = (events: readonly ChangeEvent[]) => Promise<string | undefined>

const shortestSecret = 16
const mostMilliseconds = 10_000

/** @throws Misuse for addresses that would show events to the network, and for secrets that can be guessed. */
export function openWebhook({ url, secret, clock, pausesMilliseconds = [1000, 5000], signal }: WebhookOptions): Deliver {
  const target = readTarget(url)
  if (target === undefined) throw new Misuse(['the webhook is no http(s) address'])
  if (target.protocol !== 'https:' && !isLoopback(target.hostname)) throw new Misuse(['a webhook outside this machine needs https'])
  if (secret.length < shortestSecret) throw new Misuse([`the secret of the webhook is shorter than ${shortestSecret} characters`])
  return async (events) => {
    const body = JSON.stringify({ format: 'kimei-changes/1', events })
    let last = 'not tried'
    for (const pause of [0, ...pausesMilliseconds]) {
      if (signal?.aborted) return last
      await setTimeout(pause, undefined, { ...(signal && { signal }) }).catch(() => undefined)
      const at = clock()
      const answer = await post(target, { body, signature: signatureOf(secret, at, body), signal })
      if (answer === undefined) return undefined
      last = answer.why
      if (!answer.again) return last
    }
    return last
  }
}

/** `t=<seconds>,v1=<hex>`: HMAC-SHA256 over the seconds, a dot and the body, so that an old delivery cannot be sent again. */
export function signatureOf(secret: string, at: Seconds, body: string): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`
}

interface Delivery {
  readonly body: string
  readonly signature: string
  readonly signal: AbortSignal | undefined
}

function post(target: URL, { body, signature, signal }: Delivery): Promise<{ readonly why: string; readonly again: boolean } | undefined> {
  return new Promise((resolve) => {
    const sent = (target.protocol === 'https:' ? https : http).request(target, {
      method: 'POST',
      agent: false,
      signal: AbortSignal.any([AbortSignal.timeout(mostMilliseconds), ...(signal ? [signal] : [])]),
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': 'kimei-observer',
        'Kimei-Signature': signature,
      },
    })
    sent.on('error', (error: NodeJS.ErrnoException) =>
      resolve({
        why: error.name === 'AbortError' || error.name === 'TimeoutError' ? 'no answer in time' : (error.code ?? 'no answer'),
        again: true,
      }),
    )
    sent.on('response', (incoming) => {
      const status = incoming.statusCode ?? 0
      // Nothing of what it answers is of interest.
      incoming.destroy()
      const taken = status >= 200 && status < 300
      resolve(taken ? undefined : { why: `answered ${status}`, again: status === 429 || status >= 500 })
    })
    sent.end(body)
  })
}
