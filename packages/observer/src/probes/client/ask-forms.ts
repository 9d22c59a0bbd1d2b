// What a client asks for at the token endpoint and must not be given: scopes, resources, grants.
import * as edits from '../../edits/form-edits.ts'
import type { FormCall } from '../../edits/plans.ts'
import type { EditKit, EditProbe, NotApplicable } from '../../probe.ts'
import { needs, type RequestForm, tokenRequestProbe } from './request-form.ts'

const forms: readonly RequestForm[] = [
  {
    part: 'scope-not-assigned',
    attacks: ['scope.is-assigned-to-the-client'],
    cite: 'OAuth2.1§4.1.2.1',
    ja: '割り当てのない範囲は出ない',
    en: 'a scope that is not assigned is refused',
    edit: (call, kit) => ownGrant(call, () => needs(kit, 'deniedScope', (scope) => edits.parameter('scope', scope)(call))),
  },
  {
    part: 'scope-astray',
    attacks: ['scope.fits-the-target'],
    cite: 'RFC9068§3',
    ja: 'ほかの API の範囲は出ない',
    en: 'a scope of another API is refused',
    edit: (call, kit) => ownGrant(call, () => needs(kit, 'elsewhereScope', (scope) => edits.parameter('scope', scope)(call))),
  },
  {
    part: 'scope-personal',
    attacks: ['client-credentials.scopes-are-of-apis'],
    cite: 'RFC9068§2.2',
    ja: '本人のいない申請に openid は出ない',
    en: 'openid without a person is refused',
    edit: (call) => ownGrant(call, () => edits.parameter('scope', `${edits.parameterOf(call, 'scope') ?? ''} openid`.trim())(call)),
  },
  {
    part: 'resource-malformed',
    attacks: ['resource.is-an-absolute-uri'],
    cite: 'RFC8707§2',
    ja: 'URI でない宛先は断られる',
    en: 'a resource that is no absolute URI is refused',
    edit: (call, kit) => ownGrant(call, () => heeded(kit, () => resource(call, 'notes'))),
  },
  {
    part: 'resource-unknown',
    attacks: ['resource.is-known'],
    cite: 'RFC8707§2',
    ja: '知らない宛先は断られる',
    en: 'a resource nobody knows is refused',
    edit: (call, kit) =>
      ownGrant(call, () =>
        heeded(kit, () => resource(call, `https://${kit.otherKey.thumbprint.toLowerCase().replace(/[^a-z]/g, '')}.invalid/`)),
      ),
  },
  {
    part: 'resource-not-assigned',
    attacks: ['resource.is-assigned-to-the-client'],
    cite: 'RFC8707§2',
    ja: '割り当てのない宛先は断られる',
    en: 'a resource that is not assigned is refused',
    edit: (call, kit) => ownGrant(call, () => needs(kit, 'deniedResource', (denied) => resource(call, denied))),
  },
  {
    part: 'grant-not-registered',
    attacks: ['token.client-may-use-grant'],
    cite: 'OAuth2.1§3.2.4',
    ja: '登録のない種類の申請は断られる',
    en: 'a grant the client is not registered for is refused',
    edit: (call, kit) =>
      needs(kit, 'deniedGrant', (grant) => ({
        ...call,
        form: [['grant_type', grant], ...call.form.filter(([name]) => name === 'client_id')],
      })),
  },
]

/** Whoever does not know RFC 8707 ignores the parameter, as OAuth 2.1 §3.2.2 has it: no fault. */
function heeded(kit: EditKit, edit: () => FormCall): FormCall | NotApplicable {
  return kit.facts['heedsResource'] === 'yes' ? edit() : { notApplicable: 'no ticket shows that this issuer heeds a resource (RFC 8707)' }
}

/** Asks for another resource; the scope goes, since it may mean nothing there. */
function resource(call: FormCall, value: string): FormCall {
  return edits.parameter('scope', undefined)(edits.parameter('resource', value)(call))
}

function ownGrant(call: FormCall, edit: () => FormCall | NotApplicable): FormCall | NotApplicable {
  return edits.parameterOf(call, 'grant_type') === 'client_credentials' ? edit() : { notApplicable: 'only for client credentials' }
}

export const askForms: readonly EditProbe<'token-request'>[] = forms.map((form) => tokenRequestProbe('ask', form))
