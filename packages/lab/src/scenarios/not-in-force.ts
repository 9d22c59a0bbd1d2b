// What is not in force in a switched lab, place by place, read off its switches: exact, because the lab was made by them.
import { catalogue, type RuleId } from '@kimei/protocol'
import { missingAt, rulesOfNames } from '../world/api-doors.ts'
import type { ApiFront, ApiSwitches, SwitchedWorld } from '../world/switches.ts'
import type { RuleHole } from './scenario.ts'

/** Id of the issuer in the lab's inventories. */
export const issuerPlace = 'lab'

const rulesAbout = (topics: RegExp): readonly RuleId[] => [...catalogue.keys()].filter((id) => topics.test(id))

/** What the mistake of each front takes away, beside missing rules. */
const takenBy: Readonly<Record<ApiFront, () => readonly RuleId[]>> = {
  none: () => [],
  // The API behind is asked as Bearer, and nobody looked at the proof.
  'gateway-strips': () => [...rulesOfNames, ...rulesAbout(/^(?:dpop|jose|jwk|binding|credentials)\./)],
  'gateway-ends': () => [],
  'two-nodes': () => ['dpop.jti-is-first-use'],
  // An answer that lies in the cache is given to anybody.
  cache: () => rulesAbout(/^(?:dpop|jose|jwk|binding|credentials|token|access|access-token)\./),
  'client-exempt': () => rulesOfNames,
  'trusted-header': () => [
    'binding.certificate-comes-along',
    'binding.certificate-is-named-certificate',
    'certificate-header.comes-from-the-terminator',
  ],
}

function atApi(api: ApiSwitches, everywhere: readonly RuleId[]): readonly RuleHole[] {
  const edge = [...missingAt(api, everywhere), ...takenBy[api.front](), ...(api.revocation === 'promised' ? [notRevoked] : [])]
  const inside = api.front === 'gateway-ends' ? rulesOfNames : []
  return [...edge.map((rule) => ({ rule, at: api.id })), ...inside.map((rule) => ({ rule, at: `${api.id}-inside` }))]
}

/** An API that reads tickets itself never hears of a revocation. */
const notRevoked: RuleId = 'userinfo.token-is-not-revoked'

/** What an issuer cannot keep that never looks at a proof: nothing that it gives out is of a key. */
const aboutKeys = /^(?:dpop|jose|jwk)\.|^refresh\.(?:bound-key|key-is)|^device\.(?:announced-key|key-is)|^par\.proof-key/

export function notInForce({ mode, unbound, apis, without }: SwitchedWorld): readonly RuleHole[] {
  const free: readonly RuleId[] = mode === 'bearer' || unbound.length > 0 ? ['binding.bearer-is-permitted'] : []
  const bare: readonly RuleId[] = mode === 'bearer' ? rulesAbout(aboutKeys) : []
  return [...[...without, ...free, ...bare].map((rule) => ({ rule, at: issuerPlace })), ...apis.flatMap((api) => atApi(api, without))]
}
