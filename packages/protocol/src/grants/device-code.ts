// device_code (RFC 8628 §3.4, §3.5): a device asks again and again until a person has decided, and collects once.
// Another client, a wrong key and a poll of somebody else change nothing for the device that waits.
import type { AuthenticatedClient } from '../client-auth/index.ts'
import type { Seconds, Thumbprint } from '../ids.ts'
import { equal } from '../jose/index.ts'
import type { DeviceCodeRecord, GrantRecord } from '../records.ts'
import type { Refusal } from '../refusal.ts'
import { type Broken, judge, type Law, rulesFor } from '../rule.ts'
import type { Write } from '../writes.ts'
import { type MatchedGrant, mintGrant } from './matched-grant.ts'

export interface DeviceFacts {
  readonly client: AuthenticatedClient
  readonly device: DeviceCodeRecord | undefined
  /** What the person allowed, where they did. */
  readonly grant: GrantRecord | undefined
  /** The key proven in this request. */
  readonly jkt: Thumbprint | undefined
  /** Of the certificate of this connection. */
  readonly x5t: Thumbprint | undefined
  /** The sign-in in which it was allowed has not ended; always with offline access. */
  readonly signInLasts: boolean
  readonly resources: readonly string[]
  readonly now: Seconds
}
interface KnownFacts extends DeviceFacts {
  readonly device: DeviceCodeRecord
}

/** RFC 8628 §3.5: added to the interval of all later polls. */
const slowerBySeconds = 5
/** A poll may take a moment longer on its way than the next one. */
const toleranceSeconds = 1

const needsAPerson = 'a person has to decide at a page first'

export const deviceKnownRules = rulesFor<DeviceFacts>()('grant', {
  'device.code-is-known': {
    cite: 'RFC8628§3.5',
    level: 'MUST',
    says: 'the device code was issued by this issuer and is still remembered',
    rows: ['DEV-3.5-01'],
    fixed: 'an unknown code stands for nothing',
    holds: (f) => f.device !== undefined,
  },
})

/** In this order: whoever fails before the last six has shown no right to the code and changes nothing. */
export const deviceRules = rulesFor<KnownFacts>()('grant', {
  'device.code-is-of-this-client': {
    cite: 'RFC8628§3.4',
    level: 'MUST',
    says: 'the device code was issued to the client that polls with it',
    rows: ['DEV-3.5-01'],
    holds: (f) => f.device.clientId === f.client.client.clientId,
  },
  'device.announced-key-is-proven': {
    cite: 'RFC9449§10',
    level: 'PRODUCT',
    says: 'a device code that was asked for with a proof is polled with a proof',
    rows: ['BCP247-2-01'],
    family: 'proof',
    holds: (f) => f.device.dpopJkt === null || f.jkt !== undefined,
  },
  'device.key-is-the-announced-one': {
    cite: 'RFC9449§10',
    level: 'PRODUCT',
    says: 'the proof is made with the key that the device proved when it asked',
    rows: ['BCP247-2-01'],
    family: 'proof',
    holds: (f) => f.device.dpopJkt === null || f.jkt === undefined || equal(f.jkt, f.device.dpopJkt),
    seen: (f) => ({ expected: f.device.dpopJkt, received: f.jkt }),
  },
  'device.certificate-is-the-announced-one': {
    cite: 'RFC8705§4',
    level: 'PRODUCT',
    says: 'a device code that a public client asked for with its certificate is polled over a connection with the same one',
    rows: ['MTLS-4-01', 'BCP247-2-01'],
    family: 'binding',
    unseen: 'seen only by a public client that is registered for tokens bound to its certificate',
    holds: (f) => f.device.x5t === undefined || (f.x5t !== undefined && equal(f.x5t, f.device.x5t)),
    seen: (f) => ({ expected: f.device.x5t, received: f.x5t ?? 'none' }),
  },
  'device.code-is-uncollected': {
    cite: 'RFC8628§3.5',
    level: 'MUST',
    says: 'the tokens of a device code are collected for the first time',
    rows: ['SEED-O21-25'],
    unseen: needsAPerson,
    fixed: 'once-only: storage decides it, and the lab wraps storage',
    holds: (f) => f.device.collectedAt === null,
  },
  'device.code-is-not-expired': {
    cite: 'RFC8628§3.5',
    level: 'MUST',
    says: 'the device code has not expired',
    rows: ['DEV-3.5-01'],
    family: 'expired-token',
    holds: (f) => f.now < f.device.expiresAt,
    seen: (f) => ({ expected: `before ${f.device.expiresAt}`, received: f.now }),
  },
  'device.person-allows': {
    cite: 'RFC8628§3.5',
    level: 'MUST',
    says: 'the person did not deny the device',
    rows: ['DEV-3.5-01'],
    family: 'denied',
    unseen: needsAPerson,
    fixed: 'what nobody allowed cannot be issued',
    holds: (f) => f.device.decision !== 'denied',
  },
  'device.poll-keeps-the-interval': {
    cite: 'RFC8628§3.5',
    level: 'MUST',
    says: 'while the person has not decided, polls are at least the interval apart',
    rows: ['SEED-O21-25', 'DEV-3.5-01'],
    family: 'slow-down',
    holds: (f) => f.device.decision !== null || isInTime(f),
    seen: (f) => ({ expected: f.device.intervalSeconds, received: f.now - (f.device.lastPolledAt ?? 0) }),
  },
  'device.is-decided': {
    cite: 'RFC8628§3.5',
    level: 'MUST',
    says: 'the person has decided about the device',
    rows: ['SEED-O21-25', 'DEV-3.5-01'],
    family: 'authorization-pending',
    unseen: needsAPerson,
    fixed: 'what nobody allowed cannot be issued',
    holds: (f) => f.device.decision !== null,
  },
  'device.grant-is-active': {
    cite: 'RFC7009§2.1',
    level: 'MUST',
    says: 'what the person allowed has not been revoked',
    rows: ['REV-2.1-01'],
    unseen: needsAPerson,
    holds: (f) => f.grant !== undefined && f.grant.revokedAt === null,
  },
  'device.sign-in-lasts': {
    cite: 'OIDC-BackChannel§2.7',
    level: 'PRODUCT',
    says: 'without offline access the person has not signed out since',
    rows: ['BCLO-2.7-01'],
    unseen: needsAPerson,
    holds: (f) => f.signInLasts,
  },
  'device.resource-was-granted': {
    cite: 'RFC8707§2.2',
    level: 'SHOULD',
    says: 'resource names only APIs that were granted',
    rows: ['RES-2-02'],
    family: 'target',
    unseen: needsAPerson,
    holds: (f) => f.resources.every((resource) => f.device.resources.includes(resource)),
    seen: (f) => ({ expected: f.device.resources, received: f.resources.slice(0, 5) }),
  },
})

export type DeviceDecision =
  | { readonly issue: MatchedGrant; readonly writes: readonly Write[] }
  /** Not yet. `poll` may be lost to another poll: then decide again. */
  | { readonly wait: Broken; readonly poll: Write }

/** Issues, lets wait, or refuses; the refusal of a too early poll lengthens the interval, that of a copied code revokes. */
export function decideDevice(facts: DeviceFacts, law: Law): DeviceDecision | Refusal {
  const unknown = judge(deviceKnownRules, facts, law)
  if (unknown || !facts.device) return unknown ?? { broken: 'device.code-is-known', family: 'grant' }
  const known: KnownFacts = { ...facts, device: facts.device }
  const broken = judge(deviceRules, known, law)
  const { device, now } = known
  const { deviceHash } = device
  if (broken?.broken === 'device.is-decided') {
    return { wait: broken, poll: { write: 'poll-device-code', deviceHash, seenPolledAt: device.lastPolledAt, at: now } }
  }
  if (broken) return withWrites(broken, known)
  const { grant } = known
  if (!grant) return { broken: 'device.grant-is-active', family: 'grant' }
  return {
    issue: mintGrant({
      grantType: 'urn:ietf:params:oauth:grant-type:device_code',
      subject: grant.subject,
      scopes: grant.scopes,
      audience: facts.resources.length > 0 ? [...new Set(facts.resources)] : grant.resources,
      person: {
        grantId: grant.grantId,
        authTime: grant.authTime,
        ...(grant.authentication && { authentication: grant.authentication }),
        sessionId: grant.sessionId,
        nonce: null,
      },
    }),
    writes: [{ write: 'collect-device-code', deviceHash, at: now }],
  }
}

function isInTime({ device, now }: KnownFacts): boolean {
  return device.lastPolledAt === null || now - device.lastPolledAt >= device.intervalSeconds - toleranceSeconds
}

function withWrites(broken: Broken, { device, now }: KnownFacts): Refusal {
  if (broken.broken === 'device.poll-keeps-the-interval') {
    return { ...broken, writes: [{ write: 'slow-device-code', deviceHash: device.deviceHash, bySeconds: slowerBySeconds, at: now }] }
  }
  // Two hands hold the device code: as with a replayed authorization code, what it gave is taken back.
  if (broken.broken === 'device.code-is-uncollected' && device.grantId !== null) {
    return { ...broken, writes: [{ write: 'revoke-grant', grantId: device.grantId, at: now }] }
  }
  return broken
}
