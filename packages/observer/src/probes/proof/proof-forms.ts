// Further single faults of a proof, asked at APIs and at token endpoints alike: one table, two lists of probes.

import type { JwsPlan } from '../../edits/keys.ts'
import * as edits from '../../edits/proof-edits.ts'
import { type EditKit, type EditProbe, probeAt } from '../../probe.ts'
import { levelOf } from '../level.ts'

interface ProofForm {
  /** Id at an API; at a token endpoint it is `AS5-` and `part`. */
  readonly id: string
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly edit: <P extends { readonly proofs: readonly JwsPlan[]; readonly joinProofs: boolean }>(plan: P, kit: EditKit) => P
  readonly where: 'both' | 'api' | 'issuer'
}

const forms: readonly ProofForm[] = [
  {
    id: 'A2',
    part: 'ath-absent',
    attacks: ['dpop.has-ath'],
    cite: 'RFC9449§4.3-11',
    ja: '切符のハッシュのない証明では通らない',
    en: 'a proof without ath does not pass',
    edit: edits.claimSet('ath', undefined),
    where: 'api',
  },
  {
    id: 'X2',
    part: 'private-jwk',
    attacks: ['jwk.has-no-private-members'],
    cite: 'RFC9449§4.3-7',
    ja: '秘密鍵を見せる証明では通らない',
    en: 'a proof that shows its private key does not pass',
    edit: edits.privateKeyShown,
    where: 'both',
  },
  {
    id: 'X3',
    part: 'typ-other',
    attacks: ['dpop.typ-is-dpop-jwt'],
    cite: 'RFC9449§4.3-4',
    ja: '別の種類の JWT では通らない',
    en: 'a JWT of another kind does not pass',
    edit: edits.headerSet('typ', 'JWT'),
    where: 'both',
  },
  {
    id: 'X5a',
    part: 'jti-absent',
    attacks: ['dpop.jti-is-text'],
    cite: 'RFC9449§4.3-3',
    ja: 'jti のない証明では通らない',
    en: 'a proof without jti does not pass',
    edit: edits.claimSet('jti', undefined),
    where: 'both',
  },
  {
    id: 'X5b',
    part: 'jti-long',
    attacks: ['dpop.jti-is-bounded'],
    cite: 'RFC9449§11.1',
    ja: '長すぎる jti は通らない',
    en: 'a jti of 300 characters does not pass',
    edit: edits.longJti,
    where: 'both',
  },
  {
    id: 'X6',
    part: 'member-twice',
    attacks: ['jose.members-are-unique'],
    cite: 'RFC7515§4',
    ja: '同じ名前の項目が二つある証明では通らない',
    en: 'a header that names a member twice does not pass',
    edit: edits.memberTwice,
    where: 'both',
  },
  {
    id: 'X7',
    part: 'crit',
    attacks: ['jose.crit-is-absent'],
    cite: 'RFC7515§4.1.11',
    ja: '知らない拡張を必須とする証明では通らない',
    en: 'a proof with an unknown critical extension does not pass',
    edit: edits.headerSet('crit', ['x-unknown']),
    where: 'both',
  },
  {
    id: 'X8',
    part: 'key-use',
    attacks: ['jwk.is-meant-for-this'],
    cite: 'RFC8725§3.1',
    ja: '暗号化用の鍵の証明では通らない',
    en: 'a key that says it is for encryption does not pass',
    edit: edits.keyForEncryption,
    where: 'both',
  },
  {
    id: 'M2',
    part: 'htm-absent',
    attacks: ['dpop.htm-is-text'],
    cite: 'RFC9449§4.3-3',
    ja: 'htm のない証明では通らない',
    en: 'a proof without htm does not pass',
    edit: edits.claimSet('htm', undefined),
    where: 'both',
  },
  {
    id: 'H8',
    part: 'htu-absent',
    attacks: ['dpop.htu-is-text'],
    cite: 'RFC9449§4.3-3',
    ja: 'htu のない証明では通らない',
    en: 'a proof without htu does not pass',
    edit: edits.claimSet('htu', undefined),
    where: 'both',
  },
  {
    id: 'T4',
    part: 'iat-absent',
    attacks: ['dpop.iat-is-number'],
    cite: 'RFC9449§4.3-3',
    ja: 'iat のない証明では通らない',
    en: 'a proof without iat does not pass',
    edit: edits.claimSet('iat', undefined),
    where: 'both',
  },
  {
    id: 'T5',
    part: 'nbf-ahead',
    attacks: ['dpop.nbf-has-come'],
    cite: 'RFC7519§4.1.5',
    ja: 'まだ始まらない証明では通らない',
    en: 'a proof whose nbf has not come does not pass',
    edit: edits.timeSet('nbf', 3600),
    where: 'both',
  },
  {
    id: 'T6',
    part: 'exp-passed',
    attacks: ['dpop.exp-has-not-passed'],
    cite: 'RFC7519§4.1.4',
    ja: '期限の過ぎた証明では通らない',
    en: 'a proof whose exp has passed does not pass',
    edit: edits.timeSet('exp', -3600),
    where: 'both',
  },
  {
    id: '',
    part: 'rs256',
    attacks: ['dpop.alg-is-allowed'],
    cite: 'RFC9449§4.3-5',
    ja: '公表していない方式の証明では通らない',
    en: 'an algorithm that is not published does not pass',
    edit: edits.signedByRsa('RS256', 2048),
    where: 'issuer',
  },
  {
    id: '',
    part: 'rsa-short',
    attacks: ['jwk.rsa-is-long-enough'],
    cite: 'RFC7518§3.5',
    ja: '短い RSA 鍵では通らない',
    en: 'an RSA key of 1024 bits does not pass',
    edit: edits.signedByRsa('PS256', 1024),
    where: 'issuer',
  },
]

const doubtful = ['rs256']

function head({ attacks, cite, ja, en }: Pick<ProofForm, 'attacks' | 'cite' | 'ja' | 'en'>) {
  return {
    topic: 'proof',
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves: { ja: ja.replace(/では通らない$|は通らない$/, 'を断っている'), en: en.replace('does not pass', 'is refused') },
    doesNotProve: { ja: '証明のほかの所を確かめているか', en: 'that anything else in the proof is checked' },
    depth: 'full',
    priority: 'P1',
  } as const
}

/** What some owners would rather not have asked, or that the rule of another form answers already. */
const atApisAlone: readonly EditProbe<'api'>[] = [
  probeAt('api', {
    ...head({ attacks: [], cite: 'RFC9449§4.3-3', ja: '空の jti は通らない', en: 'a proof with an empty jti does not pass' }),
    id: 'X5c',
    priority: 'P2',
    owner: 'RS',
    sources: ['dpop-header', 'rs-enforcement'],
    edit: edits.claimSet('jti', ''),
  }),
  probeAt('api', {
    ...head({ attacks: [], cite: 'RFC9449§11.1', ja: '8 KB の jti は通らない', en: 'a jti of 8 KB does not pass' }),
    id: 'X5d',
    priority: 'P2',
    owner: 'RS',
    sources: ['dpop-header', 'rs-enforcement'],
    asksSize: true,
    edit: (call, kit) =>
      kit.facts['longProofs'] === 'agreed'
        ? edits.claimSet('jti', 'j'.repeat(8192))(call, kit)
        : { notApplicable: 'the owner has not agreed to proofs of this size (longProofs)' },
  }),
]

/** At APIs. */
export const apiProofForms: readonly EditProbe<'api'>[] = [
  ...forms
    .filter(({ where }) => where !== 'issuer')
    .map((form) =>
      probeAt('api', { ...head(form), id: form.id, owner: 'RS', sources: ['dpop-header', 'rs-enforcement'], edit: form.edit }),
    ),
  ...atApisAlone,
]

/** At token endpoints. */
export const issuerProofForms: readonly EditProbe<'token-request'>[] = forms
  .filter(({ where }) => where !== 'api')
  .map((form) =>
    probeAt('token-request', {
      ...head(form),
      id: `AS5-${form.part}`,
      owner: 'AS',
      sources: ['token-endpoint-response', 'dpop-header'],
      edit: doubtful.includes(form.part) ? publishedOr(form.edit) : form.edit,
    }),
  )

/** RS256 is only wrong where the issuer does not publish it. */
function publishedOr(edit: ProofForm['edit']): EditProbe<'token-request'>['edit'] {
  return (call, kit) =>
    kit.facts['proofAlgorithms']?.includes('RS256') ? { notApplicable: 'the issuer publishes RS256 for proofs' } : edit(call, kit)
}
