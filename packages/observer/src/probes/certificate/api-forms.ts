// L6 to L13: a ticket that names a certificate, sent with another one, with none, with one that is only told of, or by another door.
import type { Text } from '@kimei/protocol'
import { type ApiCall, proofPlan } from '../../edits/plans.ts'
import { type EditKit, type EditProbe, isNotApplicable, type KitCertificates, type NotApplicable, probeAt } from '../../probe.ts'
import { noOtherOne, withoutWhatItNames } from '../elsewhere/unnamed.ts'
import { levelOf } from '../level.ts'
import { forgedHeaders } from './forged-headers.ts'

interface CertificateForm {
  readonly id: string
  readonly attacks: EditProbe['attacks']
  readonly cite?: string
  readonly ja: string
  readonly en: string
  readonly proves: Text
  readonly doesNotProve: Text
  readonly depth?: 'full'
  readonly decisive?: true
  readonly edit: (call: ApiCall, certificates: KitCertificates, kit: EditKit) => ApiCall | NotApplicable | Promise<ApiCall | NotApplicable>
}

const comesAlong = ['binding.certificate-comes-along'] as const
/** Without a certificate, whatever else is said in the handshake. */
const without = ({ tls: _shown, ...call }: ApiCall, tls: NonNullable<ApiCall['tls']> = {}): ApiCall => ({ ...call, tls })
const isAddress = (host: string) => /^[\d.]+$|^\[/.test(host)

const forms: readonly CertificateForm[] = [
  {
    id: 'L7',
    attacks: comesAlong,
    ja: '証明書に結ばれた切符は、証明書なしでは通らない',
    en: 'a ticket that names a certificate does not pass without it',
    proves: { ja: 'API は x5t#S256 を読んでいる', en: 'the API reads x5t#S256' },
    doesNotProve: { ja: '証明書を比べているか', en: 'that certificates are compared' },
    decisive: true,
    edit: (call) => without(call),
  },
  {
    id: 'L6',
    attacks: ['binding.certificate-is-named-certificate'],
    ja: '証明書に結ばれた切符は、同じ認証局のほかの証明書では通らない',
    en: 'a ticket that names a certificate does not pass with another one of the same authority',
    proves: {
      ja: '接続の証明書を、切符が名指す証明書と比べている',
      en: 'the certificate of the connection is compared with the one that the ticket names',
    },
    doesNotProve: { ja: '証明書を接続からだけ受け取るか', en: 'that a certificate is taken from the connection alone' },
    decisive: true,
    edit: (call, { other }) =>
      other
        ? { ...call, tls: { ...call.tls, identity: other } }
        : { notApplicable: 'the inventory has no other certificate of this client’s authority' },
  },
  {
    id: 'L8',
    attacks: ['binding.token-is-bound'],
    cite: 'RFC8705§3',
    ja: '無記名の切符は、証明書を見せても通らない',
    en: 'a ticket bound to nothing does not pass, whatever certificate is shown with it',
    proves: { ja: 'API は、証明書を名指す切符を求めている', en: 'the API demands a ticket that names a certificate' },
    doesNotProve: { ja: '証明書を比べているか', en: 'that certificates are compared' },
    async edit(call, _certificates, kit) {
      if (call.credentials.some(({ scheme }) => scheme !== 'Bearer'))
        return { notApplicable: 'the ticket names a key as well: U1 asks this' }
      const token = await kit.unboundToken()
      return token === undefined
        ? { notApplicable: 'no unbound ticket can be had from this issuer' }
        : { ...call, credentials: [{ scheme: 'Bearer', token }] }
    },
  },
  {
    id: 'L13',
    attacks: [],
    cite: 'RFC9449§7.1',
    ja: '証明書に結ばれた切符は、誰かの鍵の DPoP 証明を添えても、証明書なしでは通らない',
    en: 'a ticket that names a certificate does not pass under the DPoP scheme with a proof of any key in its place',
    proves: { ja: 'DPoP スキームは証明書の抜け道にならない', en: 'the DPoP scheme is no way around the certificate' },
    doesNotProve: { ja: '証明を確かめているか', en: 'that proofs are checked' },
    depth: 'full',
    edit(call, _certificates, kit) {
      const [credential] = call.credentials
      if (credential?.scheme !== 'Bearer') return { notApplicable: 'the ticket names a key as well' }
      const plain = withoutWhatItNames(call, kit)
      if (isNotApplicable(plain)) return plain
      const { method, url } = call
      const proof = proofPlan({ key: kit.otherKey, method, url, now: kit.now(), jti: kit.random(), accessToken: credential.token })
      return { ...plain, credentials: [{ scheme: 'DPoP', token: credential.token }], proofs: [proof] }
    },
  },
  ...forgedHeaders.map(
    ({ id, name, value }): CertificateForm => ({
      id,
      // The one format that has a specification is the one in which every guard of ours can be told.
      attacks: id === 'L9-client-cert' ? [...comesAlong, 'certificate-header.comes-from-the-terminator'] : comesAlong,
      cite: 'RFC9440§4',
      ja: `見知らぬ者が書いた ${name} は、証明書として通らない`,
      en: `${name} written by a stranger is no certificate`,
      proves: { ja: `誰でも書ける ${name} を、証明書の代わりにしていない`, en: `certificates are not taken from ${name} of just anybody` },
      doesNotProve: {
        ja: 'ほかのヘッダーや、プロキシを通って来る要求のこと',
        en: 'anything about other headers, or about requests that come through a proxy',
      },
      edit(call, { own, other }, kit) {
        const headers = [...call.headers, [name, value(own.certificate)] as const]
        if (kit.facts['certificateDemand'] !== 'required-in-tls') return { ...without(call), headers }
        // No header is read where the connection ends without a certificate: another one opens it.
        return other ? { ...call, headers, tls: { ...call.tls, identity: other } } : { notApplicable: noOtherOne }
      },
    }),
  ),
  {
    id: 'L10',
    attacks: comesAlong,
    cite: 'RFC8446§4.6.1',
    ja: 'ほかの名前で始めた TLS セッションは、ここでは証明書の代わりにならない',
    en: 'a TLS session that began elsewhere does not count as a certificate here',
    proves: { ja: 'よそで始めた TLS セッションは受け取らない', en: 'sessions of the other place are not taken' },
    doesNotProve: { ja: 'それ以外の場所のこと', en: 'anything about further places' },
    // One request, and only where the inventory names the other place: the key must not say enforced while sessions go on here.
    async edit(call, { sessionAt }, kit) {
      const elsewhere = kit.facts['sessionsApart']
      if (elsewhere === undefined) return { notApplicable: 'the inventory names no place whose sessions must not count here' }
      const session = await sessionAt(elsewhere)
      return session === undefined ? { notApplicable: `${elsewhere} gave no session` } : without(call, { session, watched: true })
    },
  },
  {
    id: 'L11-name',
    attacks: comesAlong,
    cite: 'RFC6066§3',
    ja: 'ハンドシェイクでほかの名前を言っても、証明書なしでは通らない',
    en: 'another name in the handshake does not make the certificate unnecessary',
    proves: {
      ja: '証明書を求めるかどうかが、ハンドシェイクの名前で変わらない',
      en: 'the demand does not depend on the name in the handshake',
    },
    doesNotProve: { ja: 'それ以外の名前のこと', en: 'anything about further names' },
    depth: 'full',
    edit: (call, _certificates, kit) => {
      const name = kit.facts['otherName']
      return name === undefined
        ? { notApplicable: 'the inventory names no other name at this address' }
        : without(call, { servername: name })
    },
  },
  {
    id: 'L11-no-name',
    attacks: comesAlong,
    cite: 'RFC6066§3',
    ja: 'ハンドシェイクで名前を言わなくても、証明書なしでは通らない',
    en: 'no name in the handshake does not make the certificate unnecessary',
    proves: {
      ja: '名前のないハンドシェイクを受ける所でも、証明書を求めている',
      en: 'the place that serves handshakes without a name demands it too',
    },
    doesNotProve: { ja: 'それ以外の名前のこと', en: 'anything about further names' },
    depth: 'full',
    edit: (call) =>
      isAddress(new URL(call.url).hostname)
        ? { notApplicable: 'the API is called by its address: no name is ever said' }
        : without(call, { servername: '' }),
  },
  {
    id: 'L11-address',
    attacks: comesAlong,
    cite: 'RFC8705§5',
    ja: '同じ API のほかの宛先でも、証明書なしでは通らない',
    en: 'at its other address, too, the API does not take the ticket without its certificate',
    proves: { ja: '別のアドレスでも証明書を求めている', en: 'the other address demands it too' },
    doesNotProve: { ja: 'それ以外のアドレスのこと', en: 'anything about further addresses' },
    depth: 'full',
    edit: (call, _certificates, kit) => {
      const url = kit.facts['otherAddress']
      return url === undefined ? { notApplicable: 'the inventory names no other address of this API' } : { ...without(call), url }
    },
  },
]

export const certificateForms: readonly EditProbe<'api'>[] = forms.map(({ id, attacks, cite, ja, en, edit, depth, decisive, ...said }) =>
  probeAt('api', {
    ...said,
    id,
    topic: 'certificate',
    attacks,
    level: levelOf(attacks),
    cite: cite ?? 'RFC8705§3',
    says: { ja, en },
    depth: depth ?? 'core',
    priority: 'P0',
    owner: 'RS',
    binds: 'certificate',
    sources: ['mtls-handshake', 'authorization-header', 'rs-enforcement'],
    ...(decisive && { decisive }),
    edit: (call, kit) =>
      kit.certificates ? edit(call, kit.certificates, kit) : { notApplicable: 'the inventory has no certificate of this client' },
  }),
)
