// Device authorization requests (RFC 8628 §3.1): what a device may ask for, and what the page asks of the person it sends.
// Scopes and resources are judged by the rules of every ask.
import type { Form } from '../form.ts'
import type { ClientRecord } from '../records.ts'
import { type Broken, isBroken, type Law, must, namedRules } from '../rule.ts'
import { checkScopes, type Offer, resolveResources, scopePresenceRules, splitScope } from './ask-rules.ts'
import { mayKeep } from './read-request.ts'

export const deviceRequestRules = namedRules('scope', {
  'device.scope-is-for-devices': {
    cite: 'RFC10027§6.1',
    level: 'PRODUCT',
    says: 'every scope asked for is one of those that devices may be given',
    rows: ['BCP247-2-01'],
    unseen: 'only its operator knows which scopes devices may be given',
  },
  'device.no-authorization-details': {
    cite: 'RFC9396§5',
    level: 'PRODUCT',
    says: 'a device asks by scope alone: the page that decides about it shows no authorization_details',
    rows: ['RAR-5-01'],
    family: 'authorization-details',
  },
})

const drivesNoBrowser = 'probes drive no browser: this is between the page and a person'

/** Broken: told to the person on the page. */
export const deviceUseRules = namedRules('request', {
  'device.guesses-are-few': {
    cite: 'RFC8628§5.1',
    level: 'MUST',
    says: 'a person, an address and all people together try only so many wrong user codes in the life of one',
    rows: ['DEV-5.1-01'],
    family: 'throttled',
    unseen: 'guessing user codes is not observing',
  },
  'device.user-code-is-live': {
    cite: 'RFC8628§3.3',
    level: 'MUST',
    says: 'the user code names a device that waits: known, not expired, not decided',
    rows: ['SEED-O21-24'],
    unseen: drivesNoBrowser,
    fixed: 'without a device there is nothing to decide',
  },
  'device.person-is-nearby': {
    cite: 'RFC10027§6.1',
    level: 'PRODUCT',
    says: 'where the issuer demands it, the person allows a device from the network that the device asked from',
    rows: ['BCP247-2-01', 'DEV-3.3-01'],
    family: 'denied',
    unseen: drivesNoBrowser,
  },
  'device.is-undecided': {
    cite: 'RFC8628§3.3',
    level: 'MUST',
    says: 'a person decides about a device once',
    rows: ['SEED-O21-24'],
    unseen: drivesNoBrowser,
    fixed: 'once-only: storage decides it, and the lab wraps storage',
  },
})

export interface DeviceRequest {
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
}

/** `allowed`: the scopes that devices may be given; `undefined`: all that the client has. */
export function checkDeviceRequest(
  form: Form,
  client: ClientRecord,
  { offer, allowed }: { readonly offer: Offer; readonly allowed: readonly string[] | undefined },
  law: Law,
): DeviceRequest | Broken {
  const scope = form.get('scope')
  const asked = splitScope(scope).filter((name) => name !== 'offline_access' || mayKeep(client))
  const empty = must(scopePresenceRules, 'scope.is-asked-for', splitScope(scope).length > 0, law)
  if (empty) return empty
  const resources = resolveResources(client, form.all('resource'), asked.includes('openid'), offer, law)
  if (isBroken(resources)) return resources
  const fits = (name: string) => allowed === undefined || allowed.includes(name)
  return (
    checkScopes({ client, asked, text: scope, resources }, offer, law) ??
    must(deviceRequestRules, 'device.scope-is-for-devices', asked.every(fits), law, () => ({
      expected: allowed,
      received: asked.filter((name) => !fits(name)).slice(0, 20),
    })) ??
    must(deviceRequestRules, 'device.no-authorization-details', form.get('authorization_details') === undefined, law) ?? {
      scopes: asked,
      resources,
    }
  )
}
