// OT1 to OT4: whoever holds another credential needs no ticket, and whatever looks like one may make a guard forget the ticket.
// Asked only where the inventory names such credentials; when, and what a refusal of one is worth, stands in `run/other-credentials.ts`.
import type { Text } from '@kimei/protocol'
import { carrying, madeUp, type OtherCredential } from '../../clients/other-credentials.ts'
import type { ApiCall } from '../../edits/plans.ts'
import { type CredentialKind, credentialKinds, isInPlaceOfTicket } from '../../inventory/other-credentials.ts'
import { type EditKit, type EditProbe, isNotApplicable, type NotApplicable, probeAt } from '../../probe.ts'
import { withoutWhatItNames } from '../elsewhere/unnamed.ts'

export const credentialWords: Readonly<Record<CredentialKind, Text>> = {
  'personal-access-token': { ja: '個人用アクセストークン', en: 'personal access token' },
  'api-key': { ja: 'API キー', en: 'API key' },
  'session-cookie': { ja: 'セッションの Cookie', en: 'session cookie' },
  basic: { ja: '名前とパスワード', en: 'login (name and password)' },
  bearer: { ja: '別のしくみのトークン', en: 'token of another system' },
}

type Change = (call: ApiCall, credential: OtherCredential, kit: EditKit) => ApiCall | NotApplicable

interface Way {
  readonly id: string
  readonly says: (words: Text, name: string) => Text
  readonly proves: Text
  readonly priority: EditProbe['priority']
  readonly change: Change
}

const notGiven: NotApplicable = { notApplicable: 'the inventory holds no secret of it' }
const besideItself: NotApplicable = { notApplicable: 'it stands in Authorization, where the ticket is: two of them is what X4c asks' }

/** Nothing but the credential. */
const alone =
  (value: (credential: OtherCredential, kit: EditKit) => string | undefined): Change =>
  (call, credential, kit) => {
    const secret = value(credential, kit)
    if (secret === undefined) return notGiven
    const bare = withoutWhatItNames(call, kit)
    return isNotApplicable(bare) ? bare : carrying({ ...bare, credentials: [] }, credential, secret)
  }

/** The ticket as Bearer, without what it names, and the credential beside it. */
const beside =
  (value: (credential: OtherCredential, kit: EditKit) => string | undefined): Change =>
  (call, credential, kit) => {
    if (isInPlaceOfTicket(credential.carrier)) return besideItself
    const secret = value(credential, kit)
    if (secret === undefined) return notGiven
    const bare = withoutWhatItNames(call, kit)
    if (isNotApplicable(bare)) return bare
    return carrying({ ...bare, credentials: call.credentials.map(({ token }) => ({ scheme: 'Bearer', token })) }, credential, secret)
  }

const real = ({ secret }: OtherCredential) => secret
const invented = (credential: OtherCredential, { random }: EditKit) => madeUp(credential, random)

const ways: readonly Way[] = [
  {
    id: 'OT1',
    says: ({ ja, en }, name) => ({ ja: `${ja}${name}だけでは通らない`, en: `the ${en}${name} alone does not pass` }),
    proves: {
      ja: 'API は、記名式の切符の代わりにこれを受け取らない',
      en: 'the API does not take this credential in place of a named ticket',
    },
    priority: 'P0',
    change: alone(real),
  },
  {
    id: 'OT2',
    says: ({ ja, en }, name) => ({ ja: `でたらめな${ja}${name}では通らない`, en: `a made-up ${en}${name} does not pass` }),
    proves: { ja: '受け付けるとしても、その値は見ている', en: 'the value of the credential is looked at, if it is taken at all' },
    priority: 'P0',
    change: alone(invented),
  },
  {
    id: 'OT3',
    says: ({ ja, en }, name) => ({
      ja: `でたらめな${ja}${name}を添えても、切符だけでは通らない`,
      en: `the ticket alone does not pass beside a made-up ${en}${name}`,
    }),
    proves: {
      ja: 'ほかのものが添えてあっても、切符の検査を忘れない',
      en: 'the guard does not forget the ticket because something else is there',
    },
    priority: 'P0',
    change: beside(invented),
  },
  {
    id: 'OT4',
    says: ({ ja, en }, name) => ({
      ja: `${ja}${name}を添えても、切符だけでは通らない`,
      en: `the ticket alone does not pass beside the ${en}${name}`,
    }),
    proves: {
      ja: 'ほかに誰かを見分けても、切符の名義は確かめている',
      en: 'the guard holds the ticket to its name, whoever else is recognized',
    },
    priority: 'P0',
    change: beside(real),
  },
]

function probeOf({ id, says, proves, priority, change }: Way, kind: CredentialKind, credential?: OtherCredential): EditProbe<'api'> {
  return probeAt('api', {
    id: `${id}-${kind}`,
    topic: otherTopic,
    attacks: [],
    level: 'MUST',
    cite: 'RFC9449§7.2',
    says: says(credentialWords[kind], credential ? ` ${credential.id} ` : ''),
    proves,
    doesNotProve: { ja: 'API が、ほかの種類のものも受け取らないか', en: 'that the API takes no further kind of credential' },
    depth: 'core',
    priority,
    owner: 'RS',
    sources: ['authorization-header', 'rs-enforcement'],
    ...(credential && { credential: credential.id }),
    edit: (call, kit) => (credential ? change(call, credential, kit) : { notApplicable: 'the inventory names none' }),
  })
}

const otherTopic = 'others'
export const isOfOthers = ({ topic }: { readonly topic: string }): boolean => topic === otherTopic

/** One of each kind, for lists: what they ask. */
export const otherCredentialProbes: readonly EditProbe<'api'>[] = ways.flatMap((way) => credentialKinds.map((kind) => probeOf(way, kind)))

/** Ways that ask again with a credential that is known to be refused alone. */
const afterwards = new Set(['OT4'])

/** Whether the inventory gives what this way sends. */
function can({ id }: Way, { secret, carrier }: OtherCredential): boolean {
  if ((id === 'OT1' || id === 'OT4') && secret === undefined) return false
  return !((id === 'OT3' || id === 'OT4') && isInPlaceOfTicket(carrier))
}

/** What is asked with these at one API. Further ones of a kind are counted in their ids. */
export function probesWith(credentials: readonly OtherCredential[], when: 'first' | 'afterwards'): readonly EditProbe<'api'>[] {
  return credentials.flatMap((credential, index) => {
    const before = credentials.slice(0, index).filter(({ kind }) => kind === credential.kind).length
    return ways
      .filter((way) => can(way, credential) && afterwards.has(way.id) === (when === 'afterwards'))
      .map((way) => {
        const probe = probeOf(way, credential.kind, credential)
        return before === 0 ? probe : { ...probe, id: `${probe.id}-${before + 1}` }
      })
  })
}

/** The probe of the list that this one is one of. */
export function listedAs({ id }: { readonly id: string }): string {
  return id.replace(/^(OT\d-[a-z-]+)-\d+$/, '$1')
}
