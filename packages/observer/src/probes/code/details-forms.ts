// Authorization details (RFC 9396), one fault at a time: where they are asked for, and where more is asked than was granted.

import type { AuthorizationPlan } from '../../clients/grant-source.ts'
import { further } from '../../edits/form-edits.ts'
import { type EditKit, type EditProbe, type NotApplicable, probeAt } from '../../probe.ts'
import { needs } from '../client/request-form.ts'
import { levelOf } from '../level.ts'

const parameter = 'authorization_details'

interface DetailsForm {
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
}

const head = ({ part, attacks, cite, ja, en }: DetailsForm) =>
  ({
    id: `RAR-${part}`,
    topic: 'authorization-details',
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves: { ja, en },
    doesNotProve: { ja: 'API が切符の中の細目を見ているか', en: 'that the API looks at the details in a ticket' },
    depth: 'full',
    priority: 'P1',
    owner: 'AS',
    sources: ['token-endpoint-response'],
  }) as const

interface AskedForm extends DetailsForm {
  readonly detail: (kit: EditKit) => object | NotApplicable
}

/** An object of a type that this issuer takes, with something wrong about it. */
const ofKnownType = (more: (kit: EditKit) => object) => (kit: EditKit) => needs(kit, 'detailsType', (type) => ({ type, ...more(kit) }))

const askedForms: readonly AskedForm[] = [
  {
    part: 'type-unknown',
    attacks: ['details.type-is-known'],
    cite: 'RFC9396§5',
    ja: '知らない種類の詳細は断られる',
    en: 'authorization details of an unknown type are refused',
    detail: (kit) => ({ type: `urn:kimei:observer:${kit.random()}` }),
  },
  {
    part: 'type-denied',
    attacks: ['details.type-is-assigned-to-the-client'],
    cite: 'RFC9396§10',
    ja: '割り当てのない種類の詳細は断られる',
    en: 'authorization details of a type that is not assigned are refused',
    detail: (kit) => needs(kit, 'deniedDetailsType', (type) => ({ type })),
  },
  {
    part: 'field-unknown',
    attacks: ['details.fit-their-type'],
    cite: 'RFC9396§5',
    ja: '知らない項目のある詳細は断られる',
    en: 'authorization details with an unknown field are refused',
    detail: ofKnownType((kit) => ({ [`observer_${kit.random()}`]: 'x' })),
  },
  {
    part: 'location-elsewhere',
    attacks: ['details.fit-the-target'],
    cite: 'RFC9396§2.2',
    ja: '知らない場所を指す詳細は断られる',
    en: 'authorization details for a place that the issuer does not know are refused',
    detail: ofKnownType(() => ({ locations: ['https://elsewhere.invalid/'] })),
  },
]

const isRefusal = (value: object): value is NotApplicable => 'notApplicable' in value

function asking(plan: AuthorizationPlan, detail: object | NotApplicable): AuthorizationPlan | NotApplicable {
  return isRefusal(detail) ? detail : { ...plan, parameters: [...plan.parameters, [parameter, JSON.stringify([detail])]] }
}

export const detailsAskedForms: readonly EditProbe<'authorization'>[] = askedForms.map((form) =>
  probeAt('authorization', {
    ...head(form),
    edit: (plan, kit) =>
      kit.facts['detailsType'] === undefined
        ? { notApplicable: 'the issuer takes no authorization details' }
        : asking(plan, form.detail(kit)),
  }),
)

const notGranted = <P extends object>(kit: EditKit, use: (text: string) => P) =>
  needs(kit, 'detailsType', (type) => use(JSON.stringify([{ type }])))

export const detailsRedemptionForms: readonly EditProbe<'redemption'>[] = [
  probeAt('redemption', {
    ...head({
      part: 'code-more',
      attacks: ['code.details-were-granted'],
      cite: 'RFC9396§6.1',
      ja: 'コードの引き換えで、認めていない詳細は足せない',
      en: 'details that were not granted cannot be added when the code is redeemed',
    }),
    edit: (plan, kit) => notGranted(kit, (text) => ({ ...plan, change: further(parameter, text) })),
  }),
]

export const detailsRefreshForms: readonly EditProbe<'refresh'>[] = [
  probeAt('refresh', {
    ...head({
      part: 'refresh-more',
      attacks: ['refresh.details-were-granted'],
      cite: 'RFC9396§6.1',
      ja: '更新で、認めていない詳細は足せない',
      en: 'details that were not granted cannot be added at a refresh',
    }),
    edit: (call, kit) => notGranted(kit, (text) => further(parameter, text)(call)),
  }),
]
