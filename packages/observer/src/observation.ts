// What an observation is made of: the shape of the report before it is rendered. Types only.
import type { RuleId, Seconds, Text } from '@kimei/protocol'
import type { Issued } from './baseline.ts'
import type { CheckOrder } from './check-order.ts'
import type { CodeBinding } from './code-binding.ts'
import type { PassiveKind, PassiveReading } from './evidence/reading.ts'
import type { Freshness } from './freshness.ts'
import type { GrantCell } from './grant-cell.ts'
import type { ApiEntry, ClientEntry } from './inventory/inventory.ts'
import type { Posture } from './judgement/posture.ts'
import type { ShownClaims } from './ledger/shown-claims.ts'
import type { ReadinessLine } from './readiness/checks.ts'
import type { Residual } from './residual.ts'
import type { TlsEvidence } from './tls/tls-evidence.ts'
import type { TlsSeen } from './tls/tls-mode.ts'
import type { GivenUp } from './wire/host-health.ts'

/** What one probe says about one control. */
export type Verdict = 'holds' | 'violated' | 'inconclusive' | 'not-applicable'
/** The same, as the state of a control: `open` is never a pass. */
export type ControlState = 'enforced' | 'not_enforced' | 'partial' | 'not_observable' | 'not_tested'
export type Priority = 'P0' | 'P1' | 'P2' | 'none'
export type Tier = 'confirmed' | 'inferred' | 'not-claimable'
/** Who has to repair a finding. */
export type Owner = 'AS' | 'RS' | 'Client'
/** SEED-TB-47: kinds of evidence. This slice makes `error-behaviour` and `config` (published metadata). */
export type EvidenceKind = 'har' | 'tls' | 'error-behaviour' | 'config' | 'audit'
/** SEED-TB-05: which of the five sources a verdict rests on. */
export type Source = 'token-endpoint-response' | 'authorization-header' | 'dpop-header' | 'mtls-handshake' | 'rs-enforcement'

/** A secret value as a report may show it. */
export interface Redacted {
  readonly sha256: string
  readonly length: number
  /** What it said it was for, where that can be read. */
  readonly claims?: ShownClaims
}

/** One request and its answer without anything that could be used again. */
export interface Evidence {
  readonly id: string
  readonly kind: EvidenceKind
  readonly at: Seconds
  readonly role: string
  readonly request: {
    readonly method: string
    readonly url: string
    readonly authorization: readonly ({ readonly scheme: string } & Redacted)[]
    readonly proofs: readonly Redacted[]
    /** Names of further headers that were sent, and of cookies: `X-API-Key`, `Cookie sid`. */
    readonly headers?: readonly string[]
    /** Names of a form's parameters. */
    readonly parameters?: readonly string[]
  }
  readonly response: {
    readonly status: number
    readonly challenge: readonly string[]
    readonly error: string | null
    readonly contentType: string
    readonly shape: string
    readonly nonce: boolean
    /** Of the body, as far as it was read. */
    readonly bytes?: number
  }
  /** Of requests where it matters how TLS was spoken. */
  readonly tls?: TlsEvidence
  /** From sending to the end of the answer. */
  readonly milliseconds?: number
}

export interface ProbeResult {
  readonly probe: string
  readonly attacks: readonly RuleId[]
  readonly level: string
  readonly cite: string
  readonly says: Text
  readonly proves: Text
  readonly doesNotProve: Text
  readonly verdict: Verdict
  readonly state: ControlState
  readonly reason?: string
  /** What the mutated request was answered with, in one word or two. */
  readonly answered: string
  /** Of a ticket that came out of the mutated request. */
  readonly issued?: Issued
  readonly sources: readonly Source[]
  /** Id of the other credential that it is about. */
  readonly credential?: string
  /** Control before, mutation, control after. */
  readonly evidence: readonly string[]
}

export type BindingMode = 'bearer' | 'dpop' | 'mtls' | 'mixed' | 'unknown'
export type Yes = 'yes' | 'no' | 'unknown'

/** One issuer seen through one test client. */
export interface IssuerRecord {
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly client: string
  readonly clientKind: NonNullable<ClientEntry['kind']> | 'unknown'
  readonly mode: BindingMode
  readonly asRequired: Yes
  readonly asEnforced: Yes
  /** Each grant that the client may use, as the inventory has it. */
  readonly grants: readonly GrantCell[]
  readonly token: 'jwt' | 'opaque' | 'none'
  /** From when codes are bound to a key, where that was seen. */
  readonly codes?: CodeBinding
  /** A sign-in whose request was not pushed led to a code. */
  readonly takesDirectRequests?: true
  /** What the handshakes at the place of its tickets showed. */
  readonly tls?: TlsSeen
  /** Whether it is ready for OAuth 2.1, where that was asked. */
  readonly readiness?: readonly ReadinessLine[]
  readonly declared: Readonly<Record<string, unknown>>
  readonly probes: readonly ProbeResult[]
  readonly evidence: readonly string[]
}

/** One API method seen through one test client. */
export interface ApiRecord {
  readonly api: string
  readonly method: string
  readonly url: string
  readonly privilege: ApiEntry['privilege']
  readonly kind: ApiEntry['kind']
  readonly boundary: ApiEntry['boundary']
  readonly client: string
  readonly mode: BindingMode
  readonly rsRequired: Yes
  readonly rsEnforced: Yes | 'partial'
  /** `lax`: htm, htu, ath or jti are not compared; `nominal`: any proof is enough. */
  readonly strength: 'strict' | 'lax' | 'nominal' | 'none' | 'unknown'
  readonly replay: 'jti_yes' | 'jti_no' | 'unknown'
  /** Left out in reports of before it was looked at. */
  readonly freshness?: Freshness
  /** What two faults at once told about the order of its checks, where that was asked. */
  readonly checkOrder?: CheckOrder
  /** The API with the same guard that was asked everything, where this one was asked only what decides. */
  readonly carriedFrom?: string
  readonly baseline: 'good' | 'public' | 'failed'
  readonly baselineReason?: string
  /** It accepted now and then what it refused as well: its nodes do not agree. */
  readonly wavers?: true
  readonly declared: Readonly<Record<string, unknown>>
  /** What the handshakes of the API showed. */
  readonly tls?: TlsSeen
  readonly columns: {
    readonly dpop: 'required' | 'optional' | 'not-required' | 'unknown'
    readonly errorBehaviour: string
    readonly tlsCertificateRequest: 'required' | 'requested' | 'not-requested' | 'not-observable' | 'not-tested' | 'no-tls'
    readonly policy: 'same' | 'differs' | 'unknown'
  }
  readonly probes: readonly ProbeResult[]
  readonly evidence: readonly string[]
}

export type NextStep = '14' | '15' | '16' | '17' | '18'

/** What its owner accepted until a day. */
export interface FindingAcceptance {
  readonly owner: string
  readonly reason: string
  readonly until: string
  /** The day has passed: it counts again. */
  readonly ended: boolean
}

export interface Finding {
  /** `F1` and so on, within one report. */
  readonly id: string
  /** What it is, in every report: `bearer-accepted`. */
  readonly kind: string
  /** Id of the API or issuer; `operations` where it is about none of them. */
  readonly at: string
  readonly clients: readonly string[]
  /** Id of the other credential that passes. */
  readonly credential?: string
  readonly priority: Exclude<Priority, 'none'>
  readonly tier: Tier
  readonly owner: Owner
  readonly subject: string
  readonly title: Text
  /** The control the owner must enforce. */
  readonly control: Text
  readonly probes: readonly string[]
  readonly rules: readonly RuleId[]
  readonly evidence: readonly string[]
  readonly asvs: readonly string[]
  readonly wstg: readonly string[]
  readonly attack: readonly string[]
  readonly next: readonly NextStep[]
  readonly acceptance?: FindingAcceptance
}

/** Somebody says one thing, and the observation saw another. */
export interface Contradiction {
  /** Id of the API or issuer. */
  readonly at: string
  readonly client: string
  /** Who says it: the owner in the inventory, published metadata, or what was read beside. */
  readonly by: 'inventory' | PassiveKind
  readonly declared: string
  readonly observed: string
  readonly text: Text
  readonly evidence: readonly string[]
}

/** A host, or one place on it, that struggled and was asked no further. */
export interface PlaceGivenUp extends GivenUp {
  /** Ids of APIs and issuers of which something stayed untested for it: of others too, where tickets come from there. */
  readonly untested: readonly string[]
}

export interface Statement {
  readonly tier: Tier
  readonly text: Text
  readonly grounds: readonly string[]
}

export interface Observation {
  readonly format: 'kimei-observation/1'
  readonly startedAt: Seconds
  readonly finishedAt: Seconds
  /** Whether every required part is there; otherwise `missing` names the parts. */
  readonly complete: boolean
  readonly missing: readonly string[]
  /** Set when the run ended early. */
  readonly stopped?: string
  /** The others were asked all the same. */
  readonly givenUp?: readonly PlaceGivenUp[]
  readonly bindingKeyPosture: string
  readonly posture: Posture
  /** Evidence behind each of the seven fields. */
  readonly postureEvidence: Readonly<Record<keyof Posture, readonly string[]>>
  /** `unknown` unless issuance, enforcement and exceptions were all judged. */
  readonly overall: 'named' | 'exposed' | 'unknown'
  readonly hypothesis: 'A' | 'B' | 'C' | 'D' | 'none' | 'unknown'
  readonly counts: {
    readonly declared: number
    readonly testable: number
    readonly tested: number
    readonly requests: number
    readonly mostAtOneApi: number
  }
  readonly record: {
    readonly token_endpoint: readonly string[]
    readonly api_endpoints: readonly { readonly method: string; readonly url: string; readonly representative: boolean }[]
    readonly mode: BindingMode
    readonly as_required: Yes
    readonly rs_required: Yes | 'partial'
    readonly coverage: Posture['coverage']
    readonly evidence: readonly string[]
    readonly action_priority: Priority
  }
  readonly threat: Text
  readonly notClaimed: Text
  readonly issuers: readonly IssuerRecord[]
  readonly apis: readonly ApiRecord[]
  readonly perClientDifference: 'none' | 'found' | 'unknown'
  readonly findings: readonly Finding[]
  readonly contradictions: readonly Contradiction[]
  readonly residual?: readonly Residual[]
  readonly statements: readonly Statement[]
  readonly warnings: readonly Text[]
  readonly next: readonly { readonly step: NextStep; readonly text: Text }[]
  readonly guidelines: Guidelines
  readonly evidence: readonly Evidence[]
  /** What was read without asking anybody. It confirms nothing. */
  readonly passive?: readonly PassiveReading[]
  /** Where the inventory stands and on which line each of its entries begins: `apis.notes`. For reports that point at lines. */
  readonly inventoryFile?: { readonly path: string; readonly lines: Readonly<Record<string, number>> }
}

/** SEED-TB-01: four parts, none left out. */
export interface Guidelines {
  /** Which edition the ids are of; ATT&CK carries its own beside each. */
  readonly versions: { readonly asvs: string; readonly wstg: string }
  readonly asvs: readonly { readonly id: string; readonly point: string }[]
  readonly wstg: readonly { readonly id: string; readonly title: string }[]
  readonly ptes: { readonly phases: readonly string[]; readonly linkage: Text }
  readonly attack: readonly { readonly id: string; readonly version: string; readonly tactics: readonly string[] }[]
}

export type { DeviceView, SignInAnswer } from './clients/by-hand.ts'
export type { GrantCell, GrantName } from './grant-cell.ts'
export type { ForgeAccessToken, ObserveOptions } from './run/options.ts'

export type ReportOptions = {
  readonly language?: 'ja' | 'en'
  readonly colour?: boolean
  readonly width?: number
  /** `false`: the first screen alone. */
  readonly detail?: boolean
}
/** 0 clean, 1 findings, 2 inconclusive, 3 error. */
export type ExitCode = 0 | 1 | 2 | 3
