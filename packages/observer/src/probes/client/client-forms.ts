// How a client says who it is at the token endpoint: one fault at a time (OAuth 2.1 §2.4, RFC 7523).
import * as edits from '../../edits/form-edits.ts'
import type { FormCall } from '../../edits/plans.ts'
import type { EditKit, EditProbe, NotApplicable } from '../../probe.ts'
import { type RequestForm, tokenRequestProbe } from './request-form.ts'

const noAssertion: NotApplicable = { notApplicable: 'this client sends no assertion' }
const noSecret: NotApplicable = { notApplicable: 'this client has no secret' }
const noBasic: NotApplicable = { notApplicable: 'this client has no secret in a header' }
const noAuthentication: NotApplicable = { notApplicable: 'this client does not authenticate' }

/** The fault of the assertion, or why there is none to make. */
const asserted =
  (edit: (call: FormCall, kit: EditKit) => FormCall | undefined): RequestForm['edit'] =>
  (call, kit) =>
    edit(call, kit) ?? noAssertion

const withBasic =
  (edit: (call: FormCall, basic: NonNullable<FormCall['basic']>, kit: EditKit) => FormCall): RequestForm['edit'] =>
  (call, kit) =>
    call.basic ? edit(call, call.basic, kit) : noBasic

const isAuthenticated = (call: FormCall): boolean =>
  call.basic !== undefined || call.assertion !== undefined || edits.parameterOf(call, 'client_secret') !== undefined

const authenticated =
  (edit: (call: FormCall, kit: EditKit) => FormCall): RequestForm['edit'] =>
  (call, kit) =>
    isAuthenticated(call) ? edit(call, kit) : noAuthentication

/** Only the name is left: `client_id`, as a public client would have it. */
function nameAlone({ basic, assertion, assertionType: _type, basicAgain: _again, ...rest }: FormCall): FormCall {
  const form = rest.form.filter(([name]) => name !== 'client_secret' && name !== 'client_id')
  const clientId = edits.parameterOf(rest, 'client_id') ?? basic?.user ?? String(assertion?.claims['sub'])
  return { ...rest, form: [...form, ['client_id', clientId]] }
}

const forms: readonly RequestForm[] = [
  {
    part: 'no-credentials',
    attacks: ['client-auth.method-is-registered'],
    cite: 'OAuth2.1§3.2.1',
    ja: '名前だけでは、秘密や鍵を持つクライアントの切符は出ない',
    en: 'the client_id alone gets no ticket of a client that has credentials',
    edit: authenticated(nameAlone),
    more: { depth: 'core', priority: 'P0' },
  },
  {
    part: 'two-methods',
    attacks: ['client-auth.one-method'],
    cite: 'OAuth2.1§2.4',
    ja: '二つの方法で名乗れば断られる',
    en: 'two ways of client authentication at once are refused',
    edit: authenticated((call, kit) => edits.further('client_secret', kit.random())(call)),
  },
  {
    part: 'two-headers',
    attacks: ['client-auth.one-authorization-header'],
    cite: 'RFC9110§11.6.2',
    ja: 'Authorization が二行なら断られる',
    en: 'two Authorization headers are refused',
    edit: withBasic((call, basic) => ({ ...call, basicAgain: basic })),
  },
  {
    part: 'in-query',
    attacks: ['client-auth.not-in-query'],
    cite: 'OAuth2.1§2.4.1',
    ja: 'URL に秘密を入れれば断られる',
    en: 'a secret in the URL is refused',
    edit: (call, kit) => ({ ...call, url: `${call.url}?client_secret=${kit.random()}` }),
  },
  {
    part: 'other-id',
    attacks: ['client-auth.client-id-agrees'],
    cite: 'RFC7521§4.2',
    ja: '別の client_id を添えれば断られる',
    en: 'a client_id of somebody else beside the credentials is refused',
    edit: authenticated((call, kit) => edits.parameter('client_id', kit.random())(call)),
  },
  {
    part: 'other-method',
    attacks: ['client-auth.method-is-registered'],
    cite: 'OIDC-Core§9',
    ja: '登録と違う方法では断られる',
    en: 'an authentication method that is not registered is refused',
    edit: withBasic((call, { user, password }) => {
      const { basic: _basic, ...rest } = call
      return { ...rest, form: [...call.form, ['client_id', user], ['client_secret', password]] }
    }),
  },
  {
    part: 'wrong-secret',
    attacks: ['client-auth.secret-matches'],
    cite: 'OAuth2.1§2.4.1',
    ja: '違う秘密では断られる',
    en: 'a wrong secret is refused',
    edit: (call, kit) => {
      if (call.basic) return { ...call, basic: { ...call.basic, password: kit.random() } }
      return edits.parameterOf(call, 'client_secret') === undefined ? noSecret : edits.parameter('client_secret', kit.random())(call)
    },
  },
  {
    part: 'assertion-type',
    attacks: ['assertion.type-is-jwt-bearer'],
    cite: 'RFC7523§2.2',
    ja: '種類の違う assertion は断られる',
    en: 'an assertion of another type is refused',
    edit: asserted((call) => call.assertion && { ...call, assertionType: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }),
  },
  {
    part: 'assertion-signature',
    attacks: ['assertion.signature-verifies'],
    cite: 'RFC7523§3',
    ja: '署名の壊れた assertion は断られる',
    en: 'an assertion with a broken signature is refused',
    edit: asserted(edits.assertionFlipped),
  },
  {
    part: 'assertion-typ',
    attacks: ['assertion.typ-is-client-authentication'],
    cite: 'RFC7523bis§4',
    ja: '別の用途の JWT は assertion にならない',
    en: 'a JWT made for something else is no assertion',
    edit: asserted(edits.assertionHeader({ typ: 'at+jwt' })),
  },
  {
    part: 'assertion-iss',
    attacks: ['assertion.iss-is-the-client'],
    cite: 'RFC7523§3-1',
    ja: '発行者の違う assertion は断られる',
    en: 'an assertion with another iss is refused',
    edit: asserted((call, kit) => edits.assertionClaims({ iss: kit.random() })(call)),
  },
  {
    part: 'assertion-aud',
    attacks: ['assertion.aud-is-the-issuer'],
    cite: 'RFC7523bis§4',
    ja: '宛先の違う assertion は断られる',
    en: 'an assertion for the token endpoint, not the issuer, is refused',
    edit: asserted((call) => edits.assertionClaims({ aud: call.url })(call)),
  },
  {
    part: 'assertion-expired',
    attacks: ['assertion.is-not-expired'],
    cite: 'RFC7523§3-4',
    ja: '期限の過ぎた assertion は断られる',
    en: 'an expired assertion is refused',
    edit: asserted((call, kit) => edits.assertionTimes(kit.now(), { iat: -3600, exp: -3000 })(call)),
  },
  {
    part: 'assertion-far',
    attacks: ['assertion.exp-is-near'],
    cite: 'RFC7523§3-4',
    ja: '期限の遠すぎる assertion は断られる',
    en: 'an assertion that lives for a day is refused',
    edit: asserted((call, kit) => edits.assertionTimes(kit.now(), { exp: 86_400 })(call)),
  },
  {
    part: 'assertion-future',
    attacks: ['assertion.is-not-from-the-future'],
    cite: 'FAPI2-SP§5.3.2.1-13',
    ja: '未来の assertion は断られる',
    en: 'an assertion from the future is refused',
    edit: asserted((call, kit) => edits.assertionTimes(kit.now(), { nbf: 900, iat: 900, exp: 960 })(call)),
  },
  {
    part: 'assertion-replay',
    attacks: ['assertion.jti-is-first-seen'],
    cite: 'OIDC-Core§9',
    ja: '同じ assertion は二度は通らない',
    en: 'an assertion does not pass twice',
    edit: asserted(edits.assertionWritten),
    more: { sends: 'twice', carry: (first, fresh) => ({ ...fresh, ...(first.assertion && { assertion: first.assertion }) }) },
  },
  {
    part: 'not-a-form',
    attacks: ['request.body-is-a-form'],
    cite: 'OAuth2.1§3.2',
    ja: 'フォームでない本文は断られる',
    en: 'a body that does not say it is a form is refused',
    edit: (call) => ({ ...call, headers: [...call.headers, ['Content-Type', 'text/plain']] }),
  },
  {
    part: 'early-data',
    attacks: ['request.is-not-early-data'],
    cite: 'RFC8470§5.2',
    ja: '握手の前に送られた要求は断られる',
    en: 'a request that a terminator took in TLS early data is refused',
    edit: (call) => ({ ...call, headers: [...call.headers, ['Early-Data', '1']] }),
  },
  {
    part: 'repeated-parameter',
    attacks: ['form.names-do-not-repeat'],
    cite: 'OAuth2.1§3.2',
    ja: '同じ引数が二つあれば断られる',
    en: 'a parameter sent twice is refused',
    edit: (call) => edits.further('grant_type', edits.parameterOf(call, 'grant_type') ?? '')(call),
  },
]

export const clientForms: readonly EditProbe<'token-request'>[] = forms.map((form) => tokenRequestProbe('client', form))
