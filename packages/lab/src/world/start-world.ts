// Starts the switched lab on loopback: issuer, APIs with what stands before them, holders, and the tape between them.
// It takes switches and nothing else: keys, data and addresses are its own.
import { type GuardDeps, staticKeys } from '@kimei/guard'
import { type ForgeAccessToken, type Inventory, parseInventory, type SignInAnswer } from '@kimei/observer'
import { type AuditEvent, catalogue, Misuse } from '@kimei/protocol'
import { createIssuer, type FetchApp, type IssuerServer, listen, parseIssuerConfig } from '@kimei/server'
import { createMemoryStorage } from '@kimei/storage/memory'
import { makeForge } from '../forge.ts'
import { makeSecrets } from '../lab-secrets.ts'
import { lawWithout } from '../law-without.ts'
import { storageWithout } from '../once-only.ts'
import type { Holder } from '../parties/holder.ts'
import { openLabHolder } from '../parties/lab-holders.ts'
import { openBrowser } from '../plain-browser.ts'
import { type Send, sender } from '../wire/send.ts'
import { openTape, type Tape } from '../wire/tape.ts'
import { missingAt } from './api-doors.ts'
import { withoutProofs } from './bearer-issuer.ts'
import { loopback, openApis, openServer } from './open-apis.ts'
import { type ApiPlace, switchedInventory } from './switched-inventory.ts'
import { apiClientId, scopeOf, switchedIssuer } from './switched-issuer.ts'
import { apiNames, type ClientName, checkWorld, type SwitchedWorld } from './switches.ts'
import { isSealed, makeWorldCertificates, type WorldCertificates } from './world-certificates.ts'

export interface RunningWorld {
  readonly world: SwitchedWorld
  readonly issuerUrl: string
  readonly apiUrl: string
  readonly places: readonly ApiPlace[]
  readonly inventory: Inventory
  readonly forgeAccessToken: ForgeAccessToken
  readonly signIn: (authorizationUrl: string) => Promise<SignInAnswer>
  readonly signOut: (endSessionUrl: string) => Promise<SignInAnswer>
  readonly clock: () => number
  readonly wait: (seconds: number) => Promise<void>
  /** What issuer and guards remembered, oldest first. */
  readonly audit: readonly AuditEvent[]
  readonly tape: Tape
  /** Whoever is on the lab's network, without anything of the holders; with a certificate of their own where asked. */
  readonly stranger: (certificate?: 'own') => Send
  /** What is public of the holder's certificate, where there is one: DER. */
  readonly publicCertificate: Uint8Array | undefined
  /** A holder that is new to the lab. Throws Misuse where the lab has no such client. */
  holder(client: ClientName): Promise<Holder>
  close(): Promise<void>
}

interface Clockwork {
  readonly clock: () => number
  readonly wait: (seconds: number) => Promise<void>
}

/** @throws Misuse for switches and rules that are none. */
export async function startWorld(given: SwitchedWorld): Promise<RunningWorld> {
  const world = checkRules(checkWorld(given))
  const house = await openHouse(world)
  const { secrets, audit, clockwork, certificates, edge, office, apis, resource } = house
  const { clock, wait } = clockwork
  const browser = openBrowser({ issuer: office.url, ...secrets.person })
  const tape = openTape()
  const sealed = certificates && { issuerUrl: office.sealedUrl, certificates }
  const forging = { issuer: office.url, audience: resource, scope: apiNames.map(scopeOf).join(' '), client: world.clients[0]!, clock }
  const ground = { world, issuer: office.url, resource, secrets, clock, tape, browser, certificates }
  return {
    world,
    issuerUrl: office.url,
    apiUrl: edge.url,
    places: apis.places,
    inventory: parseInventory(switchedInventory(world, { issuer: office.url, resource, secrets, places: apis.places, sealed })),
    forgeAccessToken: makeForge({ ...forging, signer: () => office.issuer.context.keys.signer('ES256') }),
    signIn: browser.signIn,
    signOut: browser.signIn,
    clock,
    wait,
    audit,
    tape,
    stranger: (certificate) => strangerWith(certificates, certificate),
    publicCertificate: certificates?.machine.certificate.raw,
    async holder(client) {
      if (!world.clients.includes(client)) throw new Misuse([`this lab has no client ${client}`])
      return openLabHolder(client, ground)
    },
    close: house.close,
  }
}

/** Issuer and APIs, listening. */
async function openHouse(world: SwitchedWorld) {
  const secrets = makeSecrets()
  const audit: AuditEvent[] = []
  const clockwork = openClockwork()
  const { clock } = clockwork
  const certificates = isSealed(world) ? makeWorldCertificates() : undefined
  const edge = await openServer(certificates?.serving)
  const resource = `${edge.url}/`
  const storage = storageWithout(createMemoryStorage(), world.without)
  const configFor = (issuer: string, sealedUrl: string) =>
    switchedIssuer(world, { issuer, resource, secrets, sealed: sealedSide(sealedUrl, certificates) })
  const office = await openIssuer(world, configFor, { audit, clock, storage, certificates })
  const { context } = office.issuer
  const guard: Omit<GuardDeps, 'replay' | 'law'> = {
    keys: staticKeys(JSON.parse(context.keys.jwksText(clock())) as { keys: unknown[] }),
    clock,
    random: context.random,
    audit: (event) => void audit.push(event),
  }
  const key = { ...secrets.webKey, kty: 'EC', kid: String(secrets.webKey['kid']), alg: 'ES256', d: String(secrets.webKey['d']) } as const
  const introspection = { clientId: apiClientId, authentication: { method: 'private_key_jwt', key }, cacheSeconds: 0 } as const
  const apis = await openApis(world, edge, { issuer: office.url, resource, without: world.without, guard, introspection })
  return {
    secrets,
    audit,
    clockwork,
    certificates,
    edge,
    resource,
    office,
    apis,
    async close() {
      await Promise.all([office.close(), edge.close(), apis.close()])
      await storage.close()
    },
  }
}

/** Trusts the lab's servers; shows what a thief inside the house has, where asked. */
function strangerWith(certificates: WorldCertificates | undefined, shown: 'own' | undefined): Send {
  if (certificates === undefined) return sender()
  return sender({ ca: certificates.serving.cert, ...(shown && { certificate: certificates.other }) })
}

/** Every unknown rule at once. */
function checkRules(world: SwitchedWorld): SwitchedWorld {
  lawWithout([...new Set(world.apis.flatMap((api) => missingAt(api, world.without)).concat(world.without))], new Set(catalogue.keys()))
  return world
}

function openClockwork(): Clockwork {
  let passed = 0
  return {
    clock: () => Math.floor(Date.now() / 1000) + passed,
    async wait(seconds) {
      passed += seconds
    },
  }
}

interface OfficeParts {
  readonly audit: AuditEvent[]
  readonly clock: () => number
  readonly storage: ReturnType<typeof createMemoryStorage>
  readonly certificates: WorldCertificates | undefined
}

function sealedSide(url: string, certificates: WorldCertificates | undefined) {
  return certificates && { url, authority: certificates.authority }
}

interface Office {
  readonly url: string
  /** Where clients with certificates ask; empty where nobody does. */
  readonly sealedUrl: string
  readonly issuer: IssuerServer
  close(): Promise<void>
}

async function openIssuer(
  world: SwitchedWorld,
  configFor: (url: string, sealedUrl: string) => Parameters<typeof parseIssuerConfig>[0],
  { audit, clock, storage, certificates }: OfficeParts,
): Promise<Office> {
  let issuer: IssuerServer | undefined
  const app = { fetch: (...call: Parameters<IssuerServer['fetch']>) => issuer!.fetch(...call) }
  const coat = world.mode === 'bearer' ? withoutProofs(app) : app
  const label = world.without.length === 0 ? 'none' : world.without.join(' ')
  const marking: FetchApp = {
    async fetch(request, connection) {
      const answer = await coat.fetch(request, connection)
      const marked = new Response(answer.body, answer)
      marked.headers.set('Kimei-Lab', label)
      marked.headers.set('Date', new Date(clock() * 1000).toUTCString())
      return marked
    },
  }
  const door = await listen(marking, { host: loopback, port: 0 })
  const pem = certificates && { cert: certificates.serving.cert, key: certificates.serving.key }
  const sealed = pem && (await listen(marking, { host: loopback, port: 0, tls: pem, clientCertificates: 'requested' }))
  // By name: handshakes say names alone.
  const sealedUrl = sealed ? `https://localhost:${sealed.port}` : ''
  const law = lawWithout(world.without, new Set(catalogue.keys()))
  const config = parseIssuerConfig(configFor(door.url, sealedUrl))
  issuer = await createIssuer({ config, storage, law, clock, onAudit: (event) => audit.push(event) })
  return { url: door.url, sealedUrl, issuer, close: async () => void (await Promise.all([door.close(), sealed?.close()])) }
}
