// Every rule table of the law, collected once: docs, observer, lab and tests read the rules from here.
// A new table is one line below.
import {
  athRules,
  proofClaimRules,
  proofHeaderRules,
  proofNonceRules,
  proofShapeRules,
  proofTargetRules,
  proofTimeRules,
} from './dpop/index.ts'
import { holderRules } from './holder/index.ts'
import { issuerTables } from './issuer-tables.ts'
import { joseRules, jweRules, jwkRules } from './jose/index.ts'
import { signedMetadataTables } from './metadata/index.ts'
import { forwardingRules } from './mtls/index.ts'
import { resourceServerTables } from './resource-server/index.ts'
import type { ErrorFamily, RuleHead, RuleId } from './rule.ts'
import { bindingPolicyRules, bindingRules, confirmationRules } from './sender-constraint/index.ts'
import {
  accessTokenRules,
  audienceRules,
  idTokenRules,
  signedAnswerRules,
  tokenHeaderRules,
  tokenShapeRules,
  toldTokenRules,
} from './tokens/index.ts'

export interface CatalogueEntry extends RuleHead {
  readonly id: RuleId
  /** The rule's own family, else its table's. */
  readonly family: ErrorFamily
}

const tables: readonly { readonly family: ErrorFamily; readonly rules: Readonly<Record<string, RuleHead>> }[] = [
  joseRules,
  jwkRules,
  jweRules,
  proofShapeRules,
  proofHeaderRules,
  proofClaimRules,
  proofTargetRules,
  proofNonceRules,
  proofTimeRules,
  athRules,
  confirmationRules,
  bindingRules,
  bindingPolicyRules,
  forwardingRules,
  tokenShapeRules,
  tokenHeaderRules,
  accessTokenRules,
  audienceRules,
  toldTokenRules,
  signedAnswerRules,
  idTokenRules,
  holderRules,
  ...signedMetadataTables,
  ...resourceServerTables,
  ...issuerTables,
]

/** All rules by id. An id that stands in two tables throws when this file loads. */
export const catalogue: ReadonlyMap<RuleId, CatalogueEntry> = collect()

function collect(): Map<RuleId, CatalogueEntry> {
  const all = new Map<RuleId, CatalogueEntry>()
  for (const table of tables) {
    for (const [id, rule] of Object.entries(table.rules)) {
      if (all.has(id as RuleId)) throw new Error(`rule ${id} stands in two tables`)
      all.set(id as RuleId, { ...rule, id: id as RuleId, family: rule.family ?? table.family })
    }
  }
  return all
}
