// Plays the attack of a scenario step by step, over the wire, and tells of each step what was sent, answered and remembered.
// What each step writes stands in `moves.ts`.
import { observe, type ProbeResult, probes } from '@kimei/observer'
import { type AuditEvent, Misuse, type Text } from '@kimei/protocol'
import type { TicketKind } from 'look'
import { type Credentials, credentialsIn, type Holder } from '../parties/holder.ts'
import type { AttackStep, MoveStep, ProbeStep, ThiefMove } from '../scenarios/scenario.ts'
import type { StartedScenario } from '../scenarios/start-scenario.ts'
import type { Stage } from '../scenarios/start-stage.ts'
import { type ShownExchange, showEvidence, showExchange } from '../wire/show-exchange.ts'
import { apiShapes } from '../world/api-doors.ts'
import type { RunningWorld } from '../world/start-world.ts'
import type { ClientName } from '../world/switches.ts'
import { holderMoves, saying, thiefMoves, thiefRequest } from './moves.ts'

export interface PlayedStep {
  readonly step: AttackStep
  readonly says: Text
  /** Whether it got through. */
  readonly passed: boolean
  /** Whether it went as the scenario says. */
  readonly asTold: boolean
  readonly exchanges: readonly ShownExchange[]
  /** What issuer and APIs remembered of it. */
  readonly audit: readonly Pick<AuditEvent, 'event' | 'mode' | 'rule' | 'route'>[]
  /** What the holder holds after this step. */
  readonly ticket: TicketKind | undefined
}

/** A step that must not get through where everything is as it should be. */
export function isTheft(step: AttackStep): boolean {
  return step.who === 'thief' || step.move === 'use-revoked'
}

/** Answers each step as soon as it was played. */
export function playAttack(started: StartedScenario): AsyncGenerator<PlayedStep> {
  return playSteps(started, started.running && openCast(started.running), started.scenario.attack)
}

/** The same with a cast that has played before: its holders still have what they have. */
export async function* playSteps(stage: Stage, cast: Cast | undefined, steps: readonly AttackStep[]): AsyncGenerator<PlayedStep> {
  for (const step of steps) {
    const before = stage.audit.length
    const played = 'probe' in step ? await playProbe(stage, step) : await playMove(cast, step)
    const audit = stage.audit.slice(before).map(({ event, mode, rule, route }) => ({ event, mode, rule, route }))
    // A probe is a whole conversation: its events are not those of the theft alone.
    yield { step, ...played, asTold: played.passed === step.passes, audit: 'probe' in step ? [] : audit }
  }
}

type Played = Omit<PlayedStep, 'step' | 'asTold' | 'audit'>

export interface Cast {
  readonly running: RunningWorld
  /** The same party through the whole attack. */
  holder(client: ClientName): Promise<Holder>
}

export function openCast(running: RunningWorld): Cast {
  const holders = new Map<ClientName, Promise<Holder>>()
  return {
    running,
    holder(client) {
      const found = holders.get(client) ?? running.holder(client)
      holders.set(client, found)
      return found
    },
  }
}

async function playMove(cast: Cast | undefined, step: MoveStep): Promise<Played> {
  if (cast === undefined) throw new Misuse([`${step.move} needs a lab of switches`])
  const { tape } = cast.running
  const before = tape.exchanges.length
  const holder = await cast.holder(step.client)
  // A door that was closed lets nobody in.
  const passed = !hasPlace(cast.running, step)
    ? false
    : step.who === 'holder'
      ? await holderPlays(cast, step, holder)
      : await thiefPlays(cast, step, step.move)
  const exchanges = await Promise.all(
    tape.exchanges
      .slice(before)
      .filter(isOfInterest)
      .map(({ request, answer }) => showExchange(request, answer)),
  )
  const moves: Readonly<Record<string, Text>> = step.who === 'holder' ? holderMoves : thiefMoves
  return {
    says: saying(moves[step.move]!, { client: step.client, api: placeId(step) }),
    passed,
    exchanges,
    ticket: await holder.ticket(),
  }
}

/** Documents and keys that a holder looks up are not the story. */
function isOfInterest({ request }: { readonly request: { readonly url: string } }): boolean {
  return !/\/\.well-known\/|\/jwks$/.test(new URL(request.url).pathname)
}

const placeId = ({ api, inside }: MoveStep) => (inside ? `${api}-inside` : api)
const hasPlace = ({ places }: RunningWorld, step: MoveStep) => places.some(({ id }) => id === placeId(step))
const placeOf = ({ places }: RunningWorld, step: MoveStep) => places.find(({ id }) => id === placeId(step))!

const good = (status: number) => status >= 200 && status < 300

async function holderPlays({ running }: Cast, step: MoveStep & { readonly who: 'holder' }, holder: Holder): Promise<boolean> {
  const { url } = placeOf(running, step)
  const request = { ...apiShapes[step.api], url }
  try {
    switch (step.move) {
      case 'get-ticket':
        await holder.getTicket()
        return true
      case 'use-ticket':
        return good((await holder.use(request)).status)
      case 'sign-out':
        await holder.signOut()
        return true
      case 'use-revoked':
        return good((await holder.useRevoked(request)).status)
    }
  } catch (error) {
    // A holder that refuses a ticket, or is refused one, is part of the story.
    if (error instanceof Error && (error.name === 'HolderError' || error.message.startsWith('the issuer gave no ticket'))) return false
    throw error
  }
}

async function thiefPlays({ running }: Cast, step: MoveStep, move: ThiefMove): Promise<boolean> {
  const { url } = placeOf(running, step)
  const loot = lootOf(running, step.client, move, url)
  // Nothing was ever sent that could be stolen.
  if (loot === undefined && move !== 'no-ticket') return false
  const request = await thiefRequest(
    move,
    { ...apiShapes[step.api], url, now: running.clock(), certificate: running.publicCertificate },
    loot ?? { token: '', proof: undefined },
  )
  const send = running.tape.recording('thief', step.client, running.stranger(move === 'other-certificate' ? 'own' : undefined))
  return good((await send(request)).status)
}

/** What a log of the holder's last calls would show; for a proof of another API, of another API. */
function lootOf({ tape }: RunningWorld, client: ClientName, move: ThiefMove, url: string): Credentials | undefined {
  const calls = tape.exchanges.filter(({ by, client: whose, request }) => by === 'holder' && whose === client && isCall(request.url))
  const found = calls.filter(({ request }) => credentialsIn(request) && (request.url === url) !== (move === 'proof-of-other-api'))
  const last = found.at(-1) ?? (move === 'proof-of-other-api' || move === 'same-proof-again' ? undefined : calls.at(-1))
  return last && credentialsIn(last.request)
}

const isCall = (url: string) => !/\/(?:token|revoke|jwks|authorize)$|\.well-known/.test(new URL(url).pathname)

/** The observer plays it everywhere it applies; the first place where it gets through is shown. */
async function playProbe(stage: Stage, { probe }: ProbeStep): Promise<Played> {
  const { says } = probes.find(({ id }) => id === probe)!
  const { issuers, apis, evidence } = await observe(stage.inventory, { ...stage.observing, only: [probe] })
  const results: ProbeResult[] = [...issuers, ...apis].flatMap((record) => record.probes.filter((result) => result.probe === probe))
  const found = results.find(({ verdict }) => verdict === 'violated') ?? results.find(({ verdict }) => verdict === 'holds')
  const shown = (found?.evidence ?? []).flatMap((id) => evidence.filter((entry) => entry.id === id)).map(showEvidence)
  return {
    says: { ja: `「${says.ja}」を破ってみる（${probe}）`, en: `Try to break: ${says.en} (${probe})` },
    passed: found?.verdict === 'violated',
    exchanges: shown,
    ticket: undefined,
  }
}
