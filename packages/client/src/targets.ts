// Where a holder may send anything at all: https, or plain http that never leaves the machine.
import type { Fetch } from './contract.ts'
import { HolderError } from './holder-error.ts'

/** 127.0.0.0/8, [::1], and the names RFC 6761 §6.3 keeps on the machine. */
export function isLoopback(url: URL): boolean {
  const host = url.hostname
  return /^127(?:\.\d{1,3}){3}$/.test(host) || host === '[::1]' || host === 'localhost' || host.endsWith('.localhost')
}

/** Parses and judges a target. Throws {@link HolderError} `holder.https-or-loopback`. */
export function checkTarget(target: string | URL): URL {
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new HolderError('holder.https-or-loopback', 'the target is not an absolute http(s) URL')
  }
  if (url.username !== '' || url.password !== '') {
    throw new HolderError('holder.https-or-loopback', `${url.origin} was given with a user name or password in the URL`)
  }
  if (url.protocol === 'https:') checkServersAreChecked(url)
  if (url.protocol === 'http:' && !isLoopback(url)) throw new HolderError('holder.https-or-loopback', `${url.origin} is plain http`)
  return url
}

/** Node: one variable of the environment would let every server be anybody. An authority of one's own is named in a file instead. */
function checkServersAreChecked({ origin }: URL): void {
  const { process } = globalThis as { readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> } }
  if (process?.env?.['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    throw new HolderError('holder.server-proves-its-name', `NODE_TLS_REJECT_UNAUTHORIZED=0 would take anybody for ${origin}`)
  }
}

/** For metadata and keys: no proof, no credentials, no redirects. */
export function plainFetch(send: Fetch): Fetch {
  return (input, init) => {
    const url = checkTarget(input instanceof Request ? input.url : input)
    return send(url.href, { ...init, redirect: 'manual' })
  }
}
