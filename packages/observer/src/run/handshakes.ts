// What the handshakes of the places of one run show: each place is asked once, however many clients use it.
// How a handshake is read stands in `tls/`; the probes that read the survey in `probes/certificate/handshakes.ts`.
import type { PreparedClient } from '../clients/prepare.ts'
import { showsCertificate } from '../clients/prepare.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { ProbeResult } from '../observation.ts'
import { fits } from '../probe.ts'
import { handshakeProbes } from '../probes/certificate/handshakes.ts'
import { surveyTls, type TlsPlace } from '../tls/survey-tls.ts'
import type { TlsSeen } from '../tls/tls-mode.ts'
import { endOf } from './end-of.ts'
import type { Run } from './run.ts'

export interface TlsDesk {
  /** `undefined`: no TLS, nobody asks for it in this run, or the place was not reached. */
  seen(place: TlsPlace): Promise<TlsSeen | undefined>
  /** What the probes of handshakes say about it. */
  results(target: string, seen: TlsSeen | undefined): Promise<ProbeResult[]>
}

export function openTlsDesk(run: Run): TlsDesk {
  const known = new Map<string, Promise<TlsSeen | undefined>>()
  const wanted = handshakeProbes.filter(run.wants)
  const survey = async (place: TlsPlace) => {
    try {
      return await surveyTls({ ...place, target: `${place.target}:tls` }, run.line)
    } catch (error) {
      endOf(error)
      return undefined
    }
  }
  return {
    seen(place) {
      if (wanted.length === 0) return Promise.resolve(undefined)
      const name = `${place.url} ${place.identity ? 'compared' : 'alone'}`
      const asked = known.get(name) ?? survey(place)
      known.set(name, asked)
      return asked
    },
    async results(target, seen) {
      if (seen === undefined) return []
      const results: ProbeResult[] = []
      for (const probe of wanted.filter((one) => fits(one, { key: false, certificate: true })))
        results.push(await run.guarded(target, probe, async () => probe.read(seen)))
      return results
    },
  }
}

/** Where this client asks for tickets: at the alias for clients with certificates, if it is one. */
export function ticketPlace(client: PreparedClient, target: string): TlsPlace {
  const { tokenEndpoint } = client.issuer
  const shows = showsCertificate(client, true)
  const url = (shows && client.aliases.get(tokenEndpoint)) || tokenEndpoint
  return { target, method: 'GET', url, identity: shows ? client.certificate : undefined }
}

/** RFC 8705 §5: endpoints for clients with certificates, as published. Only hosts of the inventory are ever asked. */
export function learnAliases({ aliases }: PreparedClient, members: Readonly<Record<string, unknown>>, { allowedHosts }: Inventory): void {
  const published = members['mtls_endpoint_aliases']
  if (typeof published !== 'object' || published === null) return
  for (const [name, alias] of Object.entries(published)) {
    const own = members[name]
    if (typeof own !== 'string' || typeof alias !== 'string' || aliases.has(own) || !URL.canParse(alias)) continue
    const { host, protocol } = new URL(alias)
    if (protocol === 'https:' && allowedHosts.has(host)) aliases.set(own, alias)
  }
}
