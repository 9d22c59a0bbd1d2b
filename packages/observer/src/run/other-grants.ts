// What needs no browser, where the inventory says that a client may: introspection, devices, exchanges, assertions of other issuers.
import { setTimeout } from 'node:timers/promises'
import type { TicketOffice, TicketWish } from '../clients/tickets.ts'
import type { Published } from '../metadata.ts'
import type { ProbeResult } from '../observation.ts'
import type { EditKit } from '../probe.ts'
import { probesAt } from '../probes/index.ts'
import { introspectionStation } from '../stations/introspection.ts'
import { backchannelStation, deviceStation, exchangeStation, vouchedStation } from '../stations/other-grants.ts'
import type { Run } from './run.ts'

export interface OtherGrantDesk {
  readonly office: TicketOffice
  /** Whose budget pays. */
  readonly target: string
  readonly wish: Omit<TicketWish, 'proof'>
  readonly facts: EditKit['facts']
}

/** Servers of APIs are asked what they hear about tickets. */
export async function probeIntrospection(run: Run, desk: OtherGrantDesk, published: Published): Promise<ProbeResult[]> {
  const endpoint = published.members['introspection_endpoint']
  if (!desk.office.client.entry.introspects || typeof endpoint !== 'string') return []
  const station = introspectionStation({ ...desk, line: run.line, endpoint })
  return run.runAll(desk.target, probesAt('introspection').filter(run.wants), station)
}

export async function probeOtherGrants(run: Run, desk: OtherGrantDesk, published: Published): Promise<ProbeResult[]> {
  const { office, target } = desk
  const { client } = office
  const { backchannel, devices, exchanges, vouched, ticket } = client.entry
  // What the client asks for by itself: an API that it is used at may want more.
  const wish =
    ticket.from === 'pasted' ? desk.wish : { scope: ticket.scope ?? desk.wish.scope, resource: ticket.resource ?? desk.wish.resource }
  const facts = {
    ...desk.facts,
    ownResource: wish.resource,
    astrayScope: exchanges?.astray,
    beyondScope: vouched?.beyond.scope,
    beyondResource: vouched?.beyond.resource,
  }
  const base = { office, line: run.line, target, wish }
  const { kit } = introspectionStation({ ...base, endpoint: client.issuer.tokenEndpoint, facts })
  const { allowDevice, signal, signInBy, wait } = run.options
  const pause = wait ?? ((seconds: number) => setTimeout(seconds * 1000, undefined, { ...(signal && { signal }) }))
  // A person is asked for tickets alone.
  const parts = { ...base, kit, wait, pause, allowDevice: signInBy === 'person' ? undefined : allowDevice }
  const endpoint = published.members['device_authorization_endpoint']
  const asked = published.members['backchannel_authentication_endpoint']
  return [
    ...((devices || ticket.from === 'device') && typeof endpoint === 'string'
      ? await run.runAll(target, probesAt('device').filter(run.wants), deviceStation(parts, endpoint))
      : []),
    ...(exchanges ? await run.runAll(target, probesAt('exchange').filter(run.wants), exchangeStation(parts, exchanges.to)) : []),
    ...(backchannel && typeof asked === 'string'
      ? await run.runAll(target, probesAt('backchannel').filter(run.wants), backchannelStation(parts, asked, backchannel.loginHint))
      : []),
    ...(client.vouched ? await run.runAll(target, probesAt('vouched').filter(run.wants), vouchedStation(parts, client.vouched)) : []),
  ]
}
