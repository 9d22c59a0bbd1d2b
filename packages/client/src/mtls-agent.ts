// Connections that show our certificate (RFC 8705), and connections beside them that show nothing. Node only.
// The server's certificate is always checked: there is nothing here, and nothing in the environment, that turns it off.
import type { Seconds } from '@kimei/protocol'
import type { Agent } from 'undici'
import { type CertificateMaterial, checkAuthorities, checkInForce, type KnownCertificate, readMaterial } from './certificate-material.ts'
import type { CertificateInUse, Clock, Fetch, HolderCertificate } from './contract.ts'
import { HolderError } from './holder-error.ts'
import { explainTlsFailure } from './tls-failure.ts'

export interface ShownCertificate extends HolderCertificate {
  current(): CertificateInUse & Pick<KnownCertificate, 'subject' | 'notBefore'>
  /** From now on the new one counts; what is under way ends over the old one. Throws, and keeps the old, where it is not usable. */
  exchange(material: CertificateMaterial): void
  /** Waits for what is under way. */
  close(): Promise<void>
}

/** A piece of work is several requests: one that began with the old certificate ends with it. */
const graceMs = 120_000
const systemClock: Clock = () => Math.floor(Date.now() / 1000)

/** Throws `holder.certificate-is-usable`. */
export function createCertificate(material: CertificateMaterial, clock: Clock = systemClock): ShownCertificate {
  let shown = take(material, clock())
  const old = new Set<Taken>()
  return {
    plainFetch: (input, init) => shown.plain.send(input, init),
    current() {
      checkInForce(shown.known, clock())
      return shown.inUse
    },
    exchange(next) {
      const before = shown
      shown = take(next, clock())
      old.add(before)
      setTimeout(() => void closeAll([before]).finally(() => old.delete(before)), graceMs).unref()
    },
    close: () => closeAll([shown, ...old]),
  }
}

/** Connections that show nothing, to servers of these authorities (PEM) and no others. */
export function createTrustingFetch(ca: string): Fetch {
  checkAuthorities(ca)
  return openLine({ ca }).send
}

interface Line {
  readonly send: Fetch
  close(): Promise<void>
}

interface Taken {
  readonly known: KnownCertificate
  readonly inUse: CertificateInUse & Pick<KnownCertificate, 'subject' | 'notBefore'>
  readonly certified: Line
  readonly plain: Line
}

function take(material: CertificateMaterial, now: Seconds): Taken {
  const known = readMaterial(material)
  checkInForce(known, now)
  const { ca } = material
  const [certified, plain] = [openLine({ ...known.secure, ca }), openLine({ ca })]
  const { x5t, subject, notBefore, notAfter } = known
  return { known, certified, plain, inUse: { x5t, subject, notBefore, notAfter, fetch: overTls(certified.send) } }
}

/** What fails under way has been told to whoever waits for it. */
async function closeAll(all: readonly Taken[]): Promise<void> {
  await Promise.allSettled(all.flatMap(({ certified, plain }) => [certified.close(), plain.close()]))
}

type ConnectOptions = KnownCertificate['secure'] & { readonly ca: string | undefined }

/** One pool of connections; TLS sessions are resumed within it alone, so that none outlives its certificate. */
function openLine({ ca, ...secure }: ConnectOptions): Line {
  let opened: Promise<Agent> | undefined
  const open = async (): Promise<Agent> => {
    const { Agent } = await import('undici')
    // Said here, so that no variable of the environment says otherwise.
    const connect = { ...secure, ...(ca !== undefined && { ca }), rejectUnauthorized: true, minVersion: 'TLSv1.2' as const }
    return new Agent({ connect, allowH2: false })
  }
  const send: Fetch = async (input, init) => {
    opened ??= open()
    return sendOver(await opened, new Request(input, init))
  }
  return { send, close: async () => (await opened)?.close() }
}

function overTls(send: Fetch): Fetch {
  return (input, init) => {
    const { protocol, origin } = new URL(input instanceof Request ? input.url : input)
    if (protocol === 'https:') return send(input, init)
    const what = `${origin} is plain http, where no certificate can be shown`
    return Promise.reject(new HolderError('holder.certificate-goes-over-tls', what))
  }
}

/** Requests and responses are the platform's own on both sides, whatever version of undici the platform has inside. */
async function sendOver(dispatcher: Agent, request: Request): Promise<Response> {
  const { fetch } = await import('undici')
  const { url, method, redirect, signal } = request
  const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer())
  const init = { method, headers: [...request.headers], redirect, signal, dispatcher, ...(body && { body }) }
  const answer = await fetch(url, init as Parameters<typeof fetch>[1]).catch((error: unknown) => {
    throw explainTlsFailure(error, new URL(url).origin)
  })
  const { status, statusText } = answer
  const response = new Response(answer.body as ReadableStream | null, { status, statusText, headers: [...answer.headers] })
  Object.defineProperty(response, 'url', { value: answer.url })
  return response
}
