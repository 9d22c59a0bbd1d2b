// Starts the real issuer and a real guarded API on loopback, minus named rules, with keys and data made here.
// It takes no keys, no data and no address from anybody.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type GuardConfigInput, type GuardDeps, staticKeys } from '@kimei/guard'
import { type ForgeAccessToken, type Inventory, type ObserveOptions, parseInventory, type SignInAnswer } from '@kimei/observer'
import { type AuditEvent, catalogue, Misuse, type RuleId } from '@kimei/protocol'
import { createIssuer, type FetchApp, type IssuerServer, listen, parseIssuerConfig } from '@kimei/server'
import { createMemoryStorage } from '@kimei/storage/memory'
import { makeForge } from './forge.ts'
import { answerUpgrades } from './guarded-notes.ts'
import { type Ground, type House, type HouseParts, type HouseState, partsOf } from './houses/house.ts'
import { openHouse } from './houses/open-house.ts'
import { certificateClients, certificateEntries, makeCertificates } from './lab-certificates.ts'
import { labInventory, routesOf } from './lab-inventory.ts'
import { issuerConfig } from './lab-issuer.ts'
import { type Jwk, type LabSecrets, makeSecrets } from './lab-secrets.ts'
import { type LabLaw, lawWithout } from './law-without.ts'
import { storageWithout } from './once-only.ts'
import { openBrowser } from './plain-browser.ts'
import { openSealedDoors } from './sealed-doors.ts'

export interface LabOptions {
  /** Rules to remove. */
  readonly without: readonly RuleId[]
  /** Whether some clients and one route may do with unbound tickets: it is no hole, but it shows in the key. Default `yes`. */
  readonly permits?: 'yes' | 'no'
  /** What it has beside the usual, and what is wrong about it. */
  readonly house?: { readonly house: House; readonly name: string; readonly state: HouseState }
  /** Whether there is mutual TLS: a second origin of the issuer, an API, and clients with certificates. Default `yes`. */
  readonly certificates?: 'yes' | 'no'
}

export interface Lab {
  readonly issuerUrl: string
  readonly apiUrl: string
  readonly law: LabLaw
  /** Everything the observer needs, and nothing outside this machine. */
  readonly inventory: Inventory
  readonly forgeAccessToken: ForgeAccessToken
  readonly signIn: (authorizationUrl: string) => Promise<SignInAnswer>
  readonly signOut: (endSessionUrl: string) => Promise<SignInAnswer>
  /** The lab's person allows a device. */
  readonly allowDevice: NonNullable<ObserveOptions['allowDevice']>
  /** The lab's own clock. */
  readonly clock: () => number
  /** Moves it. */
  readonly wait: (seconds: number) => Promise<void>
  /** What issuer and guard remembered, oldest first. */
  readonly audit: readonly AuditEvent[]
  close(): Promise<void>
}

/** The one address a lab listens on. */
const loopback = '127.0.0.1'

/** @throws Misuse for rules that no table has. */
export async function startLab({ without, permits = 'yes', certificates = 'yes', house }: LabOptions): Promise<Lab> {
  const law = lawWithout(without, new Set(catalogue.keys()))
  const own: HouseParts = house ? partsOf(house.house, house.state) : {}
  const secrets = makeSecrets()
  const audit: AuditEvent[] = []
  const storage = storageWithout(createMemoryStorage(), without)
  const label = [...without, ...(house?.state === 'faulty' ? [`house:${house.name}`] : [])].join(' ') || 'none'
  let passed = 0
  const clock = () => Math.floor(Date.now() / 1000) + passed

  let issuer: IssuerServer | undefined
  let office: FetchApp = { fetch: (request, connection) => issuer!.fetch(request, connection) }
  const app: FetchApp = { fetch: async (request, connection) => marked(await office.fetch(request, connection), label, clock()) }
  const door = await listen(app, { host: loopback, port: 0 })
  const sealed = certificates === 'yes' ? await openSealed(app, secrets.jobKey, own.sealed) : undefined
  const api = createServer()
  answerUpgrades(api)
  const apiUrl = await listenOnLoopback(api)
  const resource = `${apiUrl}/`
  const declared = issuerConfig(door.url, resource, secrets, { permits, sealed: sealed?.side })
  const config = parseIssuerConfig(own.issuer?.(declared, secrets) ?? declared)
  const kept = own.issuerWithout ? lawWithout([...without, ...own.issuerWithout], new Set(catalogue.keys())) : law
  issuer = await createIssuer({ config, storage, law: kept, clock, onAudit: (event) => audit.push(event) })

  const { context } = issuer
  const parts: GuardDeps = {
    replay: storage.replay,
    keys: staticKeys(JSON.parse(context.keys.jwksText(clock())) as { keys: unknown[] }),
    clock,
    random: context.random,
    audit: (event) => void audit.push(event),
    law,
  }
  const forgeAccessToken = makeForge({ issuer: door.url, audience: resource, signer: () => context.keys.signer('ES256'), clock })
  const ground: Ground = { issuerUrl: door.url, apiUrl, secrets, clock, random: context.random, forge: forgeAccessToken, parts }
  const guard = { issuer: door.url, resource, routes: routesOf(permits).map(routeOf) }
  const beside = await openHouse(api, { config: guard, parts, label, ground, house: own, state: house?.state ?? 'mended' })
  if (own.office) office = own.office(office, ground)
  sealed?.doors.guard(door.url, label, parts)
  const person = openPerson(door.url, secrets)
  const input = labInventory(door.url, apiUrl, secrets, { permits, sealed: sealed?.entries })
  const urls = { issuerUrl: door.url, apiUrl, secrets, besideUrl: beside?.url, elsewhereUrl: sealed?.doors.elsewhereUrl }
  return {
    issuerUrl: door.url,
    apiUrl,
    law,
    inventory: parseInventory(house?.house.inventory(input, urls) ?? input),
    forgeAccessToken,
    ...person,
    clock,
    async wait(seconds) {
      passed += seconds
    },
    audit,
    async close() {
      await Promise.all([door.close(), closeApi(api), sealed?.doors.close(), beside?.close()])
      await storage.close()
    },
  }
}

/** The lab's person, at a browser. */
function openPerson(issuer: string, secrets: LabSecrets): Pick<Lab, 'signIn' | 'signOut' | 'allowDevice'> {
  const { signIn } = openBrowser({ issuer, ...secrets.person })
  return {
    signIn,
    signOut: signIn,
    allowDevice: async ({ verificationUri, verificationUriComplete }) => {
      await signIn(verificationUriComplete ?? verificationUri)
    },
  }
}

/** Mutual TLS, with certificates of its own: the doors, and what issuer and inventory say of them. */
async function openSealed(app: FetchApp, jobKey: Jwk, house: HouseParts['sealed']) {
  const made = makeCertificates()
  const doors = await openSealedDoors(app, made, { host: loopback, house })
  const resource = `${doors.apiUrl}/`
  const clients = certificateClients(resource, made, jobKey)
  return {
    doors,
    side: { url: doors.issuerUrl, resource, authority: made.authority.cert, clients },
    entries: { issuerUrl: doors.issuerUrl, authority: made.serving.cert, ...certificateEntries(doors, made, jobKey) },
  }
}

function routeOf({ path, method, scope, policy, nonce }: ReturnType<typeof routesOf>[number]): GuardConfigInput['routes'][number] {
  const route = { path, methods: [method], scopes: [scope], nonce }
  if (policy === 'either') return { ...route, policy: 'required' as const, constraint: policy }
  return policy === 'required'
    ? { ...route, policy }
    : { ...route, policy, constraint: 'either' as const, reason: 'the lab shows what an unbound ticket can do' }
}

/** Every answer says that it comes from a lab, which rules are missing, and what the lab's clock shows. */
function marked(response: Response, label: string, now: number): Response {
  const answer = new Response(response.body, response)
  answer.headers.set('Kimei-Lab', label)
  answer.headers.set('Date', new Date(now * 1000).toUTCString())
  return answer
}

async function listenOnLoopback(server: Server): Promise<string> {
  await new Promise<void>((ready, failed) => server.once('error', failed).listen(0, loopback, ready))
  const { address, port } = server.address() as AddressInfo
  if (address !== loopback) throw new Misuse([`a lab listens on ${loopback} alone`])
  return `http://${loopback}:${port}`
}

function closeApi(server: Server): Promise<void> {
  return new Promise((closed) => {
    server.close(() => closed())
    server.closeAllConnections()
  })
}
