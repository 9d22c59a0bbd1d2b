// What the forms of the issuer's own pages demand before they act. No specification numbers these; OAuth 2.1 §7.11 and §7.12 ask for the effect.
import { namedRules } from '../rule.ts'

export const pageRules = namedRules('request', {
  'page.form-comes-from-here': {
    cite: 'OAuth2.1§7.12',
    level: 'PRODUCT',
    says: 'a form is posted from a page of this issuer',
    rows: ['O21-7.12-01'],
    unseen: 'probes drive no browser, and a foreign page is seen by browsers only',
  },
  'page.form-is-ours': {
    cite: 'OAuth2.1§7.12',
    level: 'PRODUCT',
    says: 'a posted form carries the token that this issuer put into it for this very request',
    rows: ['O21-7.12-01', 'O21-2.3.3-01'],
    unseen: 'probes drive no browser: forms are for people',
  },
})

export const signInRules = namedRules('login-required', {
  'signin.credentials-match': {
    cite: 'OIDC-Core§3.1.2.3',
    level: 'MUST',
    says: 'username and password belong to an enabled account',
    unseen: 'guessing passwords is not observing',
    fixed: 'without a match there is no person',
  },
  'signin.code-matches': {
    cite: 'RFC6238§5.2',
    level: 'MUST',
    says: 'a one-time code is that of the person, of this half minute or one beside it, and was not used before',
    unseen: 'guessing codes is not observing',
    fixed: 'without a match nothing was shown',
  },
  'signin.waits-after-failures': {
    cite: 'ASVS§6.3.1',
    level: 'PRODUCT',
    says: 'after repeated failures an account and an address wait a moment before the next try',
    family: 'throttled',
    unseen: 'guessing passwords is not observing',
  },
})
