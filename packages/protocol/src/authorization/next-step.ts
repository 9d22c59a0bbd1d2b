// Who has to do what before a request can be answered: sign in, consent, or nothing (OpenID Connect Core §3.1.2.3, §3.1.2.4).
// The same decision before and after each step, from facts alone.
import type { Seconds } from '../ids.ts'
import { type Broken, type Law, must, namedRules } from '../rule.ts'
import { levelRules } from './levels.ts'
import type { Prompt } from './read-request.ts'

export interface StepFacts {
  readonly prompt: readonly Prompt[]
  readonly maxAgeSeconds: number | null
  /** From id_token_hint. */
  readonly hintedSubject: string | null
  /** The person signed in for this very request. */
  readonly signedInHere: boolean
  readonly now: Seconds
  readonly signIn: { readonly subject: string; readonly authTime: Seconds } | undefined
  /** An unrevoked earlier consent covers scopes and resources. */
  readonly consented: boolean
  /** What the level asked for still lacks; `undefined` while nobody is signed in. */
  readonly missing?: readonly string[] | 'out of reach'
  /** Unmet, it is refused. */
  readonly levelIsDemanded?: boolean
  /** OAuth 2.1 §7.3.1: an earlier consent may answer for the person. */
  readonly identityAssured: boolean
}

export const silentRules = namedRules('login-required', {
  'authorize.person-is-signed-in': {
    cite: 'OIDC-Core§3.1.2.1',
    level: 'MUST',
    says: 'with prompt=none the person is signed in, recently enough',
    rows: ['OIDC-3.1.2.1-01', 'OIDC-3.1.2.1-02'],
    fixed: 'without a person there is nobody the code could be for',
  },
  'authorize.hinted-person-is-signed-in': {
    cite: 'OIDC-Core§3.1.2.2',
    level: 'MUST',
    says: 'the person who is signed in is the one id_token_hint names',
    rows: ['OIDC-3.1.2.2-01'],
    unseen: 'a probe would need two test persons',
  },
  'authorize.authentication-is-strong-enough': {
    cite: 'RFC9470§5',
    level: 'MUST',
    says: 'with prompt=none the person has signed in at the level asked for, where the person can',
    rows: ['OIDC-3.1.2.1-01', 'STEP-5-01'],
    unseen: 'a probe would need a test person with a second factor',
  },
  'authorize.consent-was-given': {
    cite: 'OIDC-Core§3.1.2.4',
    level: 'MUST',
    says: 'with prompt=none the person has consented before, and the client is assured to be the one it was given to',
    rows: ['OIDC-3.1.2.1-01', 'O21-7.3-01', 'ASVS-10.7.1', 'OIDC-17.1-1'],
    family: 'consent-required',
  },
  'authorize.person-allows': {
    cite: 'OAuth2.1§4.1.2.1',
    level: 'MUST',
    says: 'the person allows it',
    family: 'denied',
    fixed: 'the person decides',
  },
})

export type Step = 'sign-in' | 'second-factor' | 'consent' | 'complete'

/** Broken for prompt=none, which may show nothing, and where a demanded level is out of the person's reach. */
export function decideStep(facts: StepFacts, law: Law): Step | Broken {
  const silent = facts.prompt.includes('none')
  const { signIn } = facts
  const fresh = signIn !== undefined && isFresh(facts, signIn.authTime)
  const weak = facts.missing !== undefined && facts.missing !== 'out of reach' && facts.missing.length > 0
  const unreachable = fresh && isHinted(facts) && facts.levelIsDemanded === true && facts.missing === 'out of reach'
  const unmet = unreachable ? must(levelRules, 'authorize.demanded-acr-is-within-reach', false, law) : undefined
  if (silent) {
    return (
      must(silentRules, 'authorize.person-is-signed-in', fresh, law) ??
      must(silentRules, 'authorize.hinted-person-is-signed-in', isHinted(facts), law) ??
      unmet ??
      must(silentRules, 'authorize.authentication-is-strong-enough', !weak, law) ??
      must(silentRules, 'authorize.consent-was-given', facts.consented && facts.identityAssured, law) ??
      'complete'
    )
  }
  if (!fresh || !isHinted(facts)) return 'sign-in'
  if (unmet) return unmet
  if (weak) return 'second-factor'
  const ask = facts.prompt.includes('consent') || !facts.consented || !facts.identityAssured
  return ask ? 'consent' : 'complete'
}

/** A sign-in made for this request satisfies every demand on its age. */
function isFresh(facts: StepFacts, authTime: Seconds): boolean {
  if (facts.signedInHere) return true
  // max_age=0 is prompt=login by another name, whatever the clock's resolution.
  if (facts.prompt.includes('login') || facts.prompt.includes('select_account') || facts.maxAgeSeconds === 0) return false
  return facts.maxAgeSeconds === null || facts.now - authTime <= facts.maxAgeSeconds
}

function isHinted(facts: StepFacts): boolean {
  return facts.hintedSubject === null || facts.hintedSubject === facts.signIn?.subject
}

/** OIDC Core §11: offline access needs prompt=consent, or a consent to it that was recorded. */
export function keepOffline(
  scopes: readonly string[],
  facts: { readonly prompt: readonly Prompt[]; readonly recorded: boolean },
): readonly string[] {
  const kept = facts.prompt.includes('consent') || facts.recorded
  return kept ? scopes : scopes.filter((scope) => scope !== 'offline_access')
}
