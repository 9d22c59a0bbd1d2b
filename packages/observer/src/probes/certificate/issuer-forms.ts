// L2, L3, L6 at the issuer: a ticket asked for without the certificate, with one that nobody certified, with that of another client.
import type { Text } from '@kimei/protocol'
import type { FormCall } from '../../edits/plans.ts'
import { proofPlan } from '../../edits/plans.ts'
import { type EditKit, type EditProbe, type KitCertificates, type NotApplicable, probeAt } from '../../probe.ts'

interface IssuerForm {
  readonly id: string
  readonly attacks: EditProbe['attacks']
  readonly level?: EditProbe['level']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly proves: Text
  readonly edit: (call: FormCall, certificates: KitCertificates, kit: EditKit) => FormCall | NotApplicable
}

const byCertificate = (kit: EditKit) => kit.facts['authentication']?.endsWith('tls_client_auth') === true
const otherWay: NotApplicable = { notApplicable: 'this client does not authenticate by its certificate' }

const forms: readonly IssuerForm[] = [
  {
    id: 'L2',
    // No single rule: a ticket without certificate and without proof is refused by more than one.
    attacks: [],
    level: 'PRODUCT',
    cite: 'RFC8705§3',
    ja: '証明書のない申請に切符は出ない',
    en: 'no ticket is issued without the certificate',
    proves: {
      ja: '証明書がなければ、この種類の申請から切符は出ない',
      en: 'this client gets no ticket from this grant without its certificate',
    },
    edit: ({ tls: _shown, ...call }) => ({ ...call, tls: {} }),
  },
  {
    id: 'L2-key',
    attacks: ['binding.certificate-is-shown'],
    cite: 'RFC8705§3.4',
    ja: '証明書の代わりに鍵の証明を添えても、切符は出ない',
    en: 'a proof of a key does not take the place of the certificate',
    proves: {
      ja: 'このアプリの切符は、必ずその証明書を名指している',
      en: 'tickets of this client name its certificate, and nothing in its place',
    },
    edit({ tls: _shown, ...call }, _certificates, kit) {
      // Who authenticates by certificate is refused before anybody asks what the ticket is to name.
      if (byCertificate(kit)) return { notApplicable: 'this client authenticates by its certificate: L2 asks that' }
      const proof = proofPlan({ key: kit.key, method: call.method, url: call.url, now: kit.now(), jti: kit.random() })
      return { ...call, tls: {}, proofs: [proof] }
    },
  },
  {
    id: 'L2-proof',
    attacks: ['binding.key-is-proven-beside'],
    cite: 'RFC9449§5',
    ja: '鍵と証明書の両方に結ぶクライアントは、証明書だけでは切符をもらえない',
    en: 'a client whose tickets name a key and a certificate gets none with the certificate alone',
    proves: { ja: '鍵と証明書の両方を求めている', en: 'both are demanded' },
    edit: (call) =>
      call.proofs.length === 0 ? { notApplicable: 'tickets of this client name its certificate alone' } : { ...call, proofs: [] },
  },
  {
    id: 'L3',
    attacks: ['client-certificate.chain-is-trusted', 'client-certificate.is-registered'],
    cite: 'RFC8705§2',
    ja: '同じ名前を自分で名乗る証明書では、クライアントと認められない',
    en: 'a certificate with the same names that nobody certified does not authenticate the client',
    proves: {
      ja: '証明書の発行元、または登録された証明書そのものと比べている',
      en: 'the chain, or the registered certificate, is compared',
    },
    edit: (call, { imitation }, kit) => (byCertificate(kit) ? { ...call, tls: { ...call.tls, identity: imitation() } } : otherWay),
  },
  {
    id: 'L6-issuer',
    attacks: ['client-certificate.subject-is-the-registered-one'],
    cite: 'RFC8705§2.1',
    ja: '同じ認証局のほかの証明書では、クライアントと認められない',
    en: 'another certificate of the same authority does not authenticate the client',
    proves: { ja: '証明書の名前を、登録された名前と比べている', en: 'the names in the certificate are compared with the registered one' },
    edit: (call, { other }, kit) => {
      if (!byCertificate(kit)) return otherWay
      if (kit.facts['authentication'] !== 'tls_client_auth')
        return { notApplicable: 'its certificate is registered as it is: L3 asks that' }
      return other
        ? { ...call, tls: { ...call.tls, identity: other } }
        : { notApplicable: 'the inventory has no other certificate of this client’s authority' }
    },
  },
]

export const issuerCertificateForms: readonly EditProbe<'token-request'>[] = forms.map(
  ({ id, attacks, level, cite, ja, en, proves, edit }) =>
    probeAt('token-request', {
      id,
      topic: 'certificate',
      attacks,
      level: level ?? 'MUST',
      cite,
      says: { ja, en },
      proves,
      doesNotProve: { ja: 'ほかのアプリや申請の種類のこと', en: 'anything about other clients and grants' },
      depth: 'core',
      priority: 'P1',
      owner: 'AS',
      binds: 'certificate',
      sources: ['mtls-handshake', 'token-endpoint-response'],
      edit: (call, kit) =>
        kit.certificates ? edit(call, kit.certificates, kit) : { notApplicable: 'the inventory has no certificate of this client' },
    }),
)
