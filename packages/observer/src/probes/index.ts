// Every probe, in the decisive order: what would make the rest moot comes first. A new probe is one line below.
import type { AnyProbe, EditProbe, ProcedureProbe, SequenceProbe, StationName } from '../probe.ts'
import { certificateForms } from './certificate/api-forms.ts'
import { handshakeProbes } from './certificate/handshakes.ts'
import { issuerCertificateForms } from './certificate/issuer-forms.ts'
import { namedAtIssue } from './certificate/named-at-issue.ts'
import { acceptanceWindow } from './claims/acceptance-window.ts'
import { futureProof } from './claims/future-proof.ts'
import { oldProof } from './claims/old-proof.ts'
import { otherHostProbe } from './claims/other-host.ts'
import { otherMethodProbe } from './claims/other-method.ts'
import { otherPathProbe } from './claims/other-path.ts'
import { otherTokenHashProbe } from './claims/other-token-hash.ts'
import { spellingForms } from './claims/spelling-forms.ts'
import { askForms } from './client/ask-forms.ts'
import { clientForms } from './client/client-forms.ts'
import { deviceForms } from './client/device-forms.ts'
import { exchangeForms } from './client/exchange-forms.ts'
import { vouchedForms } from './client/vouched-forms.ts'
import { authorizationForms } from './code/authorization-forms.ts'
import { detailsAskedForms, detailsRedemptionForms, detailsRefreshForms } from './code/details-forms.ts'
import { levelForms } from './code/level-forms.ts'
import { pushedCodeForms } from './code/pushed-code-forms.ts'
import { pushedForms } from './code/pushed-forms.ts'
import { redemptionForms } from './code/redemption-forms.ts'
import { refreshForms, revocationForms } from './code/refresh-forms.ts'
import { responseForms } from './code/response-forms.ts'
import { signOutForms } from './code/sign-out-forms.ts'
import { signedRequestForms } from './code/signed-request-forms.ts'
import { bearerDowngrade } from './credentials/bearer-downgrade.ts'
import { bearerWithProof } from './credentials/bearer-with-proof.ts'
import { schemeWithoutProof } from './credentials/scheme-without-proof.ts'
import { twoAuthorizations } from './credentials/two-authorizations.ts'
import { unboundToken } from './credentials/unbound-token.ts'
import { eachNode } from './elsewhere/each-node.ts'
import { headAnswer } from './elsewhere/head-answer.ts'
import { cachedAnswer, sideDoors } from './elsewhere/side-doors.ts'
import { algHmacProbe } from './header/alg-hmac.ts'
import { algNoneProbe } from './header/alg-none.ts'
import { garbageProbe } from './header/garbage.ts'
import { joinedProofLines } from './header/joined-lines.ts'
import { twoProofLines } from './header/two-lines.ts'
import { bogusCode } from './issuance/bogus-code.ts'
import { boundTicket } from './issuance/bound-ticket.ts'
import { launderingProbes } from './issuance/laundering.ts'
import { issuerNonceChecks, issuerProofChecks } from './issuance/proof-checks.ts'
import { proofRequired } from './issuance/proof-required.ts'
import { introspectedName } from './issuer-apis/introspected-name.ts'
import { ownAddressProbes } from './issuer-apis/own-addresses.ts'
import { managementAsBearer, registrationAsBearer } from './issuer-apis/registered-client.ts'
import { badSignature } from './key/bad-signature.ts'
import { otherKey } from './key/other-key.ts'
import { nonceAbsent } from './once/nonce-absent.ts'
import { nonceOfIssuer } from './once/nonce-of-issuer.ts'
import { oldNonce } from './once/old-nonce.ts'
import { forgedNonce } from './once/random-nonce.ts'
import { replay } from './once/replay.ts'
import { replayAcrossNodes } from './once/replay-across-nodes.ts'
import { replayAtEdge } from './once/replay-at-edge.ts'
import { sameIdOfTwoKeys } from './once/same-id-of-two-keys.ts'
import { isOfOthers, otherCredentialProbes } from './others/other-credentials.ts'
import { apiProofForms, issuerProofForms } from './proof/proof-forms.ts'
import { introspectionForms } from './token/introspection-forms.ts'
import { tokenForms } from './token/token-forms.ts'

/** They ask about proofs: tickets that name a certificate alone have none. */
function ofKeys<P extends AnyProbe>(list: readonly P[]): P[] {
  return list.map((probe) => ({ ...probe, binds: 'key' }))
}

export const probes: readonly AnyProbe[] = [
  ...handshakeProbes,
  namedAtIssue,
  ...issuerCertificateForms,
  ...ofKeys([boundTicket, proofRequired, bogusCode, ...issuerProofChecks, ...issuerNonceChecks, ...issuerProofForms]),
  ...launderingProbes,
  ...clientForms,
  ...askForms,
  ...authorizationForms,
  ...responseForms,
  ...deviceForms,
  ...exchangeForms,
  ...vouchedForms,
  ...detailsAskedForms,
  ...levelForms,
  ...pushedForms,
  ...pushedCodeForms,
  ...signedRequestForms,
  ...redemptionForms,
  ...detailsRedemptionForms,
  ...refreshForms,
  ...detailsRefreshForms,
  ...revocationForms,
  ...signOutForms,
  ...introspectionForms,
  ...ownAddressProbes,
  registrationAsBearer,
  managementAsBearer,
  introspectedName,
  cachedAnswer,
  ...certificateForms,
  ...ofKeys([
    bearerDowngrade,
    otherKey,
    badSignature,
    schemeWithoutProof,
    garbageProbe,
    unboundToken,
    otherTokenHashProbe,
    otherMethodProbe,
    otherPathProbe,
    otherHostProbe,
    oldProof,
    futureProof,
    replay,
  ]),
  ...otherCredentialProbes,
  ...sideDoors,
  ...ofKeys([forgedNonce, algNoneProbe, algHmacProbe, twoProofLines, joinedProofLines]),
  twoAuthorizations,
  ...ofKeys([bearerWithProof, nonceAbsent, ...apiProofForms, ...spellingForms, replayAcrossNodes]),
  ...tokenForms,
  headAnswer,
  eachNode,
  ...ofKeys([sameIdOfTwoKeys, nonceOfIssuer, acceptanceWindow, replayAtEdge, oldNonce]),
]

/** What every client is asked at every API: the ticket alone, another key or certificate, and a ticket without a name where one can be had. */
export const decidingProbes: ReadonlySet<string> = new Set(['B1', 'K1', 'U1', 'L6', 'L7', 'L8'])

/** Probes of one station, in order; but for those that are made for each credential that the inventory names. */
export function probesAt<S extends StationName>(station: S): readonly EditProbe<S>[] {
  return probes.filter((probe) => probe.station === station && !isOfOthers(probe)) as unknown as readonly EditProbe<S>[]
}

/** Sequences at APIs, in order: what one measures, the next may use. */
export function sequences(): readonly SequenceProbe[] {
  return probes.filter((probe): probe is SequenceProbe => probe.station === 'sequence')
}

export function procedures(): readonly ProcedureProbe[] {
  return probes.filter((probe): probe is ProcedureProbe => probe.station === 'procedure')
}
