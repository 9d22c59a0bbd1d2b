// AS3: three redemptions of a code that never existed: without proof, with garbage, with a right proof.
// Nothing is consumed and nobody signs in; the order of the answers tells whether a proof is demanded.
import { fingerprint } from '../../baseline.ts'
import { formCall } from '../../clients/prepare.ts'
import { type FormCall, writeFormCall } from '../../edits/plans.ts'
import { garbage } from '../../edits/proof-edits.ts'
import type { IssuerPlace, ProcedureProbe } from '../../probe.ts'
import type { Outcome } from '../../run/sandwich.ts'

export const bogusCode: ProcedureProbe = {
  station: 'procedure',
  id: 'AS3',
  topic: 'issuance',
  // It can show that proofs are demanded, never that they are not: the code may be looked at before the demand.
  attacks: [],
  level: 'PRODUCT',
  cite: 'RFC9449§5',
  says: { ja: 'コードの引き換えは証明なしでは始まらない', en: 'no code is looked at without a proof' },
  proves: { ja: 'コードの引き換えで証明を求めている', en: 'proofs are demanded where codes are redeemed' },
  doesNotProve: { ja: 'コードが鍵に縛られているか', en: 'that codes are bound to a key' },
  depth: 'core',
  priority: 'P1',
  owner: 'AS',
  sources: ['token-endpoint-response'],
  async run(place): Promise<Outcome> {
    const without = await redeem(place, 'AS3, no proof', (call) => ({ ...call, proofs: [] }))
    const malformed = await redeem(place, 'AS3, garbage', (call) => garbage(call, { ...place.kit }))
    const right = await redeem(place, 'AS3, right proof', (call) => call)
    const evidence = [without, malformed, right].flatMap((step) => step.evidence)
    return { ...readErrors(without.error, malformed.error, right.error), evidence }
  },
}

const aboutProof = (error: string | null) => error === 'invalid_dpop_proof' || error === 'use_dpop_nonce'

/** What three error codes say together. */
export function readErrors(without: string | null, malformed: string | null, right: string | null): Omit<Outcome, 'evidence'> {
  const answered = [without, malformed, right].map((error) => error ?? 'no error code').join(', ')
  if (right !== null && right !== 'invalid_grant' && right === without && right === malformed) {
    return { verdict: 'not-applicable', reason: `codes of this client are not looked at (${right})`, answered }
  }
  if (right !== 'invalid_grant') {
    return { verdict: 'inconclusive', reason: `a right proof was answered ${right ?? 'without error code'}`, answered }
  }
  // No specification names the code for a missing proof: invalid_request is as good as invalid_dpop_proof.
  if ((aboutProof(without) || without === 'invalid_request') && aboutProof(malformed)) return { verdict: 'holds', answered }
  if (without === 'invalid_grant' && aboutProof(malformed)) {
    return { verdict: 'inconclusive', reason: 'proofs are processed; whether one is demanded shows only with a real code', answered }
  }
  return { verdict: 'inconclusive', reason: 'the code is looked at first', answered }
}

async function redeem(
  place: IssuerPlace,
  role: string,
  edit: (call: FormCall) => FormCall,
): Promise<{ error: string | null; evidence: string[] }> {
  const { office, line, target } = place
  const once = async (name: string) => {
    const form = [
      ['grant_type', 'authorization_code'],
      ['code', line.random()],
      ['code_verifier', line.random() + line.random()],
      ['redirect_uri', place.kit.facts['redirectUri'] ?? 'https://client.invalid/callback'],
    ] as const
    return line.send(
      target,
      name,
      writeFormCall(edit(formCall(office.client, { url: office.client.issuer.tokenEndpoint, form, proof: true }, line))),
    )
  }
  const first = await once(role)
  const error = fingerprint(first.answer).error
  if (error !== 'use_dpop_nonce') return { error, evidence: [first.evidence] }
  const second = await once(`${role}, with nonce`)
  return { error: fingerprint(second.answer).error, evidence: [first.evidence, second.evidence] }
}
