// The product itself, whole, and without each rule that can be taken out and that an outsider can see. The truth is the list of removed rules.
import { onceOnlyRules, startLab } from '@kimei/lab'
import { catalogue, type RuleId } from '@kimei/protocol'
import type { Running, Target } from '../target.ts'

/** What two clients and two routes of the lab may do by their own setting: there an unbound ticket is no fault of a rule. */
const permitted = ['tool AS2', 'loose AS2', 'loose AS8-device', 'optional U1', 'userinfo U1']
/** A code that never existed cannot tell whether a proof would have been demanded for a real one. */
const unseen = ['loose AS3']
/** UserInfo is an API of the issuer, behind the same guard as the others. */
const asksToo = { AS9: 'binding.named-token-is-not-bearer' } as const

const onceOnly: readonly RuleId[] = onceOnlyRules

interface Follows {
  readonly missing?: readonly string[]
  readonly unseen?: readonly string[]
}
/** What goes with a rule at places where no probe is named after it. */
const follows: Readonly<Record<RuleId, Follows | undefined>> = {
  // A code tells nothing about proofs any more.
  'binding.bearer-is-permitted': { unseen: ['app AS3', 'web AS3'] },
  // Whoever is named twice then gets a ticket that names the key alone.
  'binding.certificate-is-shown': { missing: ['double L2'] },
  // ID tokens that are shown at sign-out are read by the same check.
  'token.signature-verifies': { missing: ['app SO-forged-hint'] },
  // A client without the grant for codes, which is not held to its key, is then told that its code is wrong.
  'token.client-may-use-grant': { unseen: ['tool AS3'] },
}

/** The law's own word: neither out of sight nor impossible to take out. */
const removable = [...catalogue.values()]
  .filter(({ id, unseen, fixed }) => unseen === undefined && (fixed === undefined || onceOnly.includes(id)))
  .map(({ id }) => id)

/** Enough for a short look: one of each kind. */
const few: readonly RuleId[] = [
  'binding.named-token-is-not-bearer',
  'binding.proof-key-is-named-key',
  'dpop.htu-is-request-target',
  'dpop.jti-is-first-use',
  'access-token.aud-is-ours',
]

async function start(without: readonly RuleId[]): Promise<Running> {
  const { inventory, forgeAccessToken, signIn, allowDevice, clock, wait, close } = await startLab({ without })
  return {
    inventory,
    options: { forgeAccessToken, signIn, allowDevice, clock, wait },
    apis: {},
    issuers: {},
    rules: {
      removed: without,
      permitted: [...permitted, ...without.flatMap((rule) => follows[rule]?.missing ?? [])],
      unseen: [...unseen, ...without.flatMap((rule) => follows[rule]?.unseen ?? [])],
      asksToo,
    },
    close,
  }
}

export const labTargets: readonly Target[] = [
  { name: 'Kimei, whole', setting: 'good', quick: true, needs: [], start: () => start([]) },
  ...removable.map(
    (rule): Target => ({
      name: `Kimei without ${rule}`,
      setting: 'bad',
      quick: few.includes(rule),
      needs: [],
      start: () => start([rule]),
    }),
  ),
]
